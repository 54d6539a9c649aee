// A device with WebGPU's default limits and no optional feature runs all ops and the steps of a training.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PipelineCache } from '../../engine/core/pipeline-cache.ts';
import { Gpu } from '../../engine/index.ts';
import { requestNodeAdapter } from '../../engine/node.ts';
import { defineKernel, read, write } from '../../kernels/index.ts';
import { close } from '../support/close.ts';
import { testGpu } from '../support/gpu.ts';
import { GUARANTEED } from '../support/guaranteed.ts';
import { type Launch, observeLaunches } from '../support/launches.ts';
import { closeResults, opResults } from '../support/op-results.ts';
import { twentySteps } from '../support/twenty-steps.ts';
import { opSpecifications } from './ops/index.ts';

const { adapter } = await requestNodeAdapter();
const poor = new Gpu(await adapter.requestDevice());
const { adapter: compiling } = await requestNodeAdapter({ backend: 'null' });
const compiler = await compiling.requestDevice();
const rich = await testGpu();
test.after(() => {
  poor.destroy();
  compiler.destroy();
});

test('the devices have the default limits, and no feature that kernels or timers use', () => {
  for (const { limits, features } of [poor.device, compiler]) {
    for (const [name, value] of Object.entries(GUARANTEED)) {
      assert.is(limits[name as keyof typeof GUARANTEED], value, name);
    }
    for (const feature of ['timestamp-query', 'shader-f16', 'subgroups']) {
      assert.not(features.has(feature), feature);
    }
  }
  assert.is(poor.subgroupSize, undefined);
});

for (const name of Object.keys(opSpecifications)) {
  test(`${name}: as on the adapter's own limits`, async () => {
    closeResults(name, await opResults(poor, name), await opResults(rich, name));
  });
}

const needsFeature = ({ kernel }: Launch): boolean =>
  kernel.subgroups === true ||
  Object.values(kernel.bindings).some(({ element }) => element === 'vec4h');

test('every kernel, those for GPUs too, becomes a pipeline, with bindings that are allowed', async () => {
  const pipelines = new PipelineCache(compiler, () => {});
  const launches = observeLaunches(compiler).filter((launch) => !needsFeature(launch));
  assert.ok(
    launches.some(({ kernel }) => kernel.label.startsWith('contract_tiled')),
    'tiles are among them',
  );
  await pipelines.prepare(launches.map(({ kernel, args }) => pipelines.get(kernel, args)));
  for (const { kernel, sizes } of launches) {
    for (const [name, words] of Object.entries(sizes)) {
      const bytes = words * 4;
      assert.ok(bytes <= GUARANTEED.maxStorageBufferBindingSize, `${kernel.label}: ${name}`);
    }
  }
});

test('plain and guided steps have the losses that they have with more', async () => {
  const [there, here] = [await twentySteps(rich), await twentySteps(poor)];
  assert.is(here.length, 20);
  there.forEach((losses, step) => {
    close(here[step], losses, { op: `losses of step ${step}`, shape: [2], rtol: 1e-5, atol: 1e-5 });
  });
  assert.ok(
    here.slice(10).every(([, relevance]) => relevance > 0),
    'ten steps are guided',
  );
  const together = new Gpu(poor.device, { mergeLaunches: true });
  assert.equal(await twentySteps(together), here, 'kernels launched together keep their bits');
});

const greedy = (label: string, buffers: number, groups: number) =>
  defineKernel({
    label,
    bindings: Object.fromEntries(
      Array.from({ length: buffers }, (_, i) => [`x${i}`, i === 0 ? write() : read()]),
    ),
    workgroups: () => [1, groups, 1],
    wgsl: '@compute @workgroup_size(1) fn main() { x0[0] = 1f; }',
  });

test('too many workgroups or storage buffers are refused in words before anything is launched', () => {
  const tensors = Object.fromEntries(
    Array.from({ length: 9 }, (_, i) => [`x${i}`, poor.zeros([4])]),
  );
  const before = poor.stats.dispatches;
  assert.throws(
    () => poor.run(greedy('long', 1, 65_536), tensors, {}),
    'long: needs 65536 workgroups along one axis, this device allows 65535. Use a smaller batch or image.',
  );
  assert.throws(
    () => poor.run(greedy('broad', 9, 1), tensors, {}),
    'broad: binds 9 storage buffers, this device allows 8. Split the kernel.',
  );
  poor.flush();
  assert.is(poor.stats.dispatches, before);
});

test.run();
