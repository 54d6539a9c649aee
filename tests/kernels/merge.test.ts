// Kernels in one launch: every one that may share compiles beside others, and computes the bits it computes alone.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PipelineCache } from '../../engine/core/pipeline-cache.ts';
import { createNodeDevice } from '../../engine/node.ts';
import { defineKernel, read, write } from '../../kernels/index.ts';
import { GRID, mergeArgs, mergeableSize, mergeKernels } from '../../kernels/merge.ts';
import { type Launch, observeLaunches } from '../support/launches.ts';

const { device, destroy } = await createNodeDevice({ backend: 'null' });
test.after(destroy);

const variants = new Map<string, Launch>();
for (const launch of observeLaunches(device)) {
  const { kernel, args } = launch;
  const constants = Object.keys(kernel.constants).map((name) => args[name]);
  if (mergeableSize(kernel)) variants.set([kernel.label, ...constants].join(), launch);
}

const bindingsOf = (launches: readonly Launch[]): number =>
  launches.reduce((sum, { kernel }) => sum + Object.keys(kernel.bindings).length, 0);

/** Each with itself and with the one after it of as many threads, as far as a device must allow the bindings. */
const groups = [64, 256].flatMap((size) => {
  const same = [...variants.values()].filter(({ kernel }) => mergeableSize(kernel) === size);
  return same.map((launch, i) => {
    const all = [same[(i + 1) % same.length], launch, launch];
    while (bindingsOf(all) > 8) all.pop();
    return all;
  });
});

test('most kernels may share a launch; those that take many registers or use subgroups may not', () => {
  const labels = new Set([...variants.values()].map(({ kernel }) => kernel.label));
  for (const label of ['pack', 'sum', 'sum_by_workgroup', 'relevance_loss', 'adam', 'copy']) {
    assert.ok(labels.has(label), label);
  }
  for (const label of labels) assert.not.match(label, /^(contract|conv_rows)/);
});

test('no kernel has an argument of the name that a merged launch gives to its workgroups', () => {
  for (const { kernel } of variants.values()) {
    const names = [...Object.keys(kernel.params), ...Object.keys(kernel.constants)];
    for (const name of GRID) assert.not(names.includes(name), `${kernel.label}: ${name}`);
  }
});

for (const launches of groups) {
  const kernel = mergeKernels(launches.map((launch) => launch.kernel));
  test(`compiles: ${kernel.label}`, async () => {
    const parts = launches.map(({ kernel: part, args }) => {
      return { kernel: part, args, workgroups: part.workgroups(args) };
    });
    const pipelines = new PipelineCache(device, () => {});
    const compiled = pipelines.get(kernel, mergeArgs(parts));
    const { messages } = await compiled.module.getCompilationInfo();
    assert.equal(
      messages.map((m) => `${m.type} ${m.lineNum}:${m.linePos} ${m.message}`),
      [],
    );
    await pipelines.prepare([compiled]);
  });
}

test('a field of a struct and a function may have one name', () => {
  const kernel = defineKernel({
    label: 'named',
    bindings: { x: read(), y: write() },
    workgroups: () => [1, 1, 1],
    wgsl: /* wgsl */ `
struct Pair { x: f32, weight: f32 }
fn weight(p: Pair) -> f32 { return p.x * p.weight; }
@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) lane: u32) {
  y[lane] = weight(Pair(x[lane], 2.0));
}`,
  });
  const { wgsl } = mergeKernels([kernel, kernel]);
  assert.match(wgsl, 'struct Pair_p1 { x: f32, weight: f32 }');
  assert.match(wgsl, 'fn weight_p1(p: Pair_p1) -> f32 { return p.x * p.weight; }');
  assert.match(wgsl, 'y_p1[lane] = weight_p1(Pair_p1(x_p1[lane], 2.0));');
});

test.run();
