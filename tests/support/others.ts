// Programs of others that results are compared with, where this machine has them.

import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';

const PYTHONS = [process.env.GFSR_PYTHON, 'python3', '/usr/bin/python3', 'python'];

/** A Python that can import these modules, or null after printing that the test is skipped. */
export function pythonWith(...modules: string[]): string | null {
  const script = `import ${modules.join(', ')}`;
  const found = PYTHONS.find(
    (python) => python && spawnSync(python, ['-c', script], { timeout: 180_000 }).status === 0,
  );
  if (found) return found;
  console.log(`skipped: no Python with ${modules.join(' and ')} (set GFSR_PYTHON)`);
  return null;
}

/** The part of onnxruntime-node that tests use. */
export interface OnnxRuntime {
  InferenceSession: {
    create(model: Uint8Array): Promise<{
      run(feeds: Record<string, unknown>): Promise<Record<string, { data: Float32Array }>>;
    }>;
  };
  Tensor: new (type: string, data: Float32Array, shape: readonly number[]) => unknown;
}

/**
 * ONNX Runtime, or null after printing that the test is skipped. It has a package.json of its own, because its install
 * script downloads CUDA libraries, and fails without a network. To install the product must not depend on it.
 *
 * @throws Error if it is missing where GFSR_REQUIRE_ONNX is 1
 */
export function onnxRuntime(): OnnxRuntime | null {
  const folder = new URL('onnx/package.json', import.meta.url);
  try {
    return createRequire(folder)('onnxruntime-node') as OnnxRuntime;
  } catch (error) {
    if (process.env.GFSR_REQUIRE_ONNX === '1') throw error;
    console.log(
      'skipped: no onnxruntime-node (npm ci --ignore-scripts --prefix tests/support/onnx)',
    );
    return null;
  }
}
