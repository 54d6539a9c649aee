// Anomaly mode: names the op, the pass and the tensor where the first NaN or infinity appears.

import { findNonFinite } from '../../kernels/anomaly.ts';
import type { Gpu } from '../core/gpu.ts';
import { formatShape, type Shape, type Tensor } from '../core/tensor.ts';
import { type Applied, observeOps } from './tape.ts';

/** Thrown when a value is not finite. */
export class AnomalyError extends Error {
  override readonly name = 'AnomalyError';
  readonly code = 'GFSR_ANOMALY';
}

/** What one slot of the findings is about. */
interface Watched {
  readonly shape: Shape;
  /** The message if it is not finite, up to the position. */
  readonly text: string;
}

/** Maximum number of tensors that one watch can check. */
const SLOTS = 16384;

/**
 * Checks every input from outside and the result of every op, forward and backward, right after it was computed. Work
 * that is recorded in a capture under watch is checked in every run of the program.
 */
export class AnomalyWatch {
  readonly #gpu: Gpu;
  readonly #names: ReadonlyMap<Tensor, string>;
  readonly #found: Tensor;
  readonly #watched: Watched[] = [];
  readonly #origins = new Map<Tensor, string>();

  /** `names` are used for leaves: parameters, images, labels. */
  constructor(gpu: Gpu, names: ReadonlyMap<Tensor, string> = new Map()) {
    this.#gpu = gpu;
    this.#names = names;
    this.#found = gpu.keep(gpu.tensor(new Uint32Array(SLOTS), [SLOTS], 'u32'));
  }

  /** Runs `body` with every op under watch, instead of what was under watch before. Call `check` afterwards. */
  observe<T>(body: () => T): T {
    this.#watched.length = 0;
    this.#origins.clear();
    return observeOps((applied) => this.#watch(applied), body);
  }

  /** @throws AnomalyError naming the first value that was not finite since the watch began or was last run */
  async check(): Promise<void> {
    const found = await this.#found.data();
    const slot = this.#watched.findIndex((_, i) => found[i] > 0);
    if (slot < 0) return;
    const { shape, text } = this.#watched[slot];
    throw new AnomalyError(
      `anomaly: ${text}; the first at ${position(found[slot] - 1, shape)} of ${formatShape(shape)}.`,
    );
  }

  /** Frees its memory. */
  dispose(): void {
    this.#found.dispose();
  }

  #watch({ op, inputs, output, gradientOf }: Applied): void {
    const where = gradientOf ? `${op.name} in the gradient of ${gradientOf.name}` : op.name;
    inputs.forEach((x, i) => {
      if (this.#origins.has(x)) return;
      const name = this.#names.get(x) ?? `input ${op.definition.inputs[i] ?? i} of ${where}`;
      this.#look(x, `${name} contained a NaN or an infinity before anything was computed with it`);
      this.#origins.set(x, name);
    });
    const from = inputs.map((x) => `${this.#origins.get(x)} ${formatShape(x.shape)}`).join(', ');
    this.#origins.set(output, `the result of ${where}`);
    this.#look(output, `${where} made a NaN or an infinity out of finite ${from}`);
  }

  #look(x: Tensor, text: string): void {
    if (x.dtype !== 'f32') return;
    const slot = this.#watched.push({ shape: x.shape, text }) - 1;
    if (slot >= SLOTS) {
      throw new RangeError(
        `anomaly: more than ${SLOTS} tensors under one watch. Watch a shorter part.`,
      );
    }
    this.#gpu.run(findNonFinite, { x, found: this.#found }, { size: x.size, slot });
  }
}

/**
 * Runs `body` with every op under watch.
 *
 * @throws AnomalyError naming the first op whose result is not finite, with its inputs and the position
 */
export async function detectAnomaly<T>(
  gpu: Gpu,
  body: () => T,
  names?: ReadonlyMap<Tensor, string>,
): Promise<T> {
  const watch = new AnomalyWatch(gpu, names);
  try {
    const result = watch.observe(body);
    await watch.check();
    return result;
  } finally {
    watch.dispose();
  }
}

/** `[1, 0, 2]` for a flat index. */
function position(i: number, shape: Shape): string {
  const index: number[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index.unshift(i % shape[axis]);
    i = Math.floor(i / shape[axis]);
  }
  return formatShape(index);
}
