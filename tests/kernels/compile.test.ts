// Every kernel compiles without a diagnostic, with every combination of constants that an op asks for.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PipelineCache } from '../../engine/core/pipeline-cache.ts';
import { Gpu, KernelError } from '../../engine/index.ts';
import { createNodeDevice } from '../../engine/node.ts';
import {
  defineKernel,
  kernelSource,
  kernels,
  linearGrid,
  linearMain,
  read,
  write,
} from '../../kernels/index.ts';
import { type Launch, observeLaunches } from '../support/launches.ts';

// Dawn's null backend: the real front end, with no driver behind it.
const { device, destroy } = await createNodeDevice({ backend: 'null' });
test.after(destroy);

const variants = new Map<string, Launch>();
for (const launch of observeLaunches(device)) {
  const constants = Object.keys(launch.kernel.constants).map((c) => `${c} ${launch.args[c]}`);
  variants.set([launch.kernel.label, ...constants].join(', '), launch);
}

test('labels are unique, and every kernel is launched by a case', () => {
  const labels = kernels.map(({ label }) => label);
  assert.equal(
    labels.filter((label, i) => labels.indexOf(label) !== i),
    [],
  );
  const launched = new Set([...variants.values()].map(({ kernel }) => kernel));
  assert.equal(
    kernels.filter((kernel) => !launched.has(kernel)).map(({ label }) => label),
    [],
    'no op case launches them',
  );
  assert.equal(
    [...launched].filter((kernel) => !kernels.includes(kernel)).map(({ label }) => label),
    [],
    'missing in kernels/index.ts',
  );
});

for (const [name, { kernel, args }] of variants) {
  test(`compiles: ${name}`, async () => {
    const pipelines = new PipelineCache(device, () => {});
    const compiled = pipelines.get(kernel, args);
    const { messages } = await compiled.module.getCompilationInfo();
    assert.equal(
      messages.map((m) => `${m.type} ${m.lineNum}:${m.linePos} ${m.message}`),
      [],
    );
    await pipelines.prepare([compiled]);
  });
}

test('no kernel uses atomics: sums in an order of their own would differ from run to run', () => {
  assert.equal(
    kernels.filter(({ wgsl }) => /atomic/i.test(wgsl)).map(({ label }) => label),
    [],
  );
});

test('workgroup counts stay within what every device allows', () => {
  for (const { kernel, args } of variants.values()) {
    for (const count of kernel.workgroups(args)) {
      assert.ok(Number.isInteger(count) && count >= 1 && count <= 65535, kernel.label);
    }
  }
});

const broken = (label: string, body: string) =>
  defineKernel({
    label,
    bindings: { x: read(), y: write() },
    params: { size: 'u32' },
    workgroups: linearGrid,
    wgsl: body,
  });

async function failure(body: () => Promise<unknown>): Promise<Error> {
  try {
    await body();
  } catch (error) {
    return error as Error;
  }
  throw new Error('expected a failure');
}

test('a broken kernel is reported by label and line, run at once or recorded', async () => {
  const gpu = new Gpu(device);
  const [x, y] = [gpu.zeros([4]), gpu.empty([4])];
  const nonsense = broken('nonsense', linearMain('  y[i] = nonsense(x[i]);'));
  const line =
    kernelSource(nonsense, {})
      .split('\n')
      .findIndex((l) => l.includes('nonsense(')) + 1;
  const report = new RegExp(`^nonsense: line ${line}:\\d+ .*nonsense`);
  const eager = await failure(() => {
    gpu.run(nonsense, { x, y }, { size: 4 });
    return gpu.sync();
  });
  assert.instance(eager, KernelError);
  assert.match(eager.message, report);
  const recorded = await failure(() => gpu.capture(() => gpu.run(nonsense, { x, y }, { size: 4 })));
  assert.instance(recorded, KernelError);
  assert.match(recorded.message, report);
});

test('a kernel without an entry point is reported by label', async () => {
  const gpu = new Gpu(device);
  const [x, y] = [gpu.zeros([4]), gpu.empty([4])];
  const empty = broken('no_entry_point', 'fn other() {}');
  const error = await failure(() => gpu.capture(() => gpu.run(empty, { x, y }, { size: 4 })));
  assert.instance(error, KernelError);
  assert.match(error.message, /^no_entry_point: .*main/);
});

test('missing arguments and tensors are named', () => {
  const gpu = new Gpu(device);
  const [x, y] = [gpu.zeros([4]), gpu.empty([4])];
  const kernel = broken('copy', linearMain('  y[i] = x[i];'));
  assert.throws(() => gpu.run(kernel, { x, y }, {}), 'copy: argument size is missing.');
  assert.throws(() => gpu.run(kernel, { x }, { size: 4 }), 'copy: tensor y is missing.');
});

test.run();
