// Every kernel writes all of its outputs and nothing else: guard words around each tensor, poison inside.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { PipelineCache } from '../../engine/core/pipeline-cache.ts';
import { Random } from '../../engine/core/random.ts';
import { defineKernel, kernels, paramBytes, read, write } from '../../kernels/index.ts';
import { testGpu } from '../support/gpu.ts';
import { type Launch, observeLaunches } from '../support/launches.ts';

const { device } = await testGpu();
const pipelines = new PipelineCache(device, () => {});

/** Words before and after each tensor: bindings begin at multiples of 256 bytes. */
const GUARD = 64;
/** A NaN that no arithmetic makes: a value read from a guard spoils the result, and shows. */
const POISON = 0x7fc0dead;
/** 0.5, twice, as f16. */
const TWO_HALVES = 0x38003800;
/** Larger launches show nothing more, and take memory. */
const LARGEST = 200_000;

interface Slot {
  readonly name: string;
  readonly access: 'read' | 'write' | 'update';
  readonly elements: number;
  /** What the buffer holds before the run, guards included. */
  readonly before: Uint32Array<ArrayBuffer>;
  readonly buffer: GPUBuffer;
}

function fillSlot({ kernel, sizes }: Launch, name: string, random: Random): Slot {
  const { access, element } = kernel.bindings[name];
  const elements = sizes[name];
  const words = Math.ceil(elements / GUARD) * GUARD + 2 * GUARD;
  const before = new Uint32Array(words).fill(POISON);
  if (access !== 'write') {
    // Positive, so that logarithms and roots are numbers; labels 0, which every op has.
    if (element === 'u32') before.fill(0, GUARD, GUARD + elements);
    else if (element === 'vec4h') before.fill(TWO_HALVES, GUARD, GUARD + elements);
    else {
      const values = new Float32Array(before.buffer);
      for (let i = 0; i < elements; i++) values[GUARD + i] = 0.1 + random.uniform();
    }
  }
  const buffer = device.createBuffer({ size: words * 4, usage: 0x80 | 0x04 | 0x08 });
  device.queue.writeBuffer(buffer, 0, before);
  return { name, access, elements, before, buffer };
}

async function contents(buffer: GPUBuffer): Promise<Uint32Array> {
  const staging = device.createBuffer({ size: buffer.size, usage: 0x1 | 0x8 });
  const encoder = device.createCommandEncoder();
  encoder.copyBufferToBuffer(buffer, 0, staging, 0, buffer.size);
  device.queue.submit([encoder.finish()]);
  await staging.mapAsync(0x1);
  const words = new Uint32Array(staging.getMappedRange().slice(0));
  staging.destroy();
  return words;
}

/** Runs a launch once and says what it did that it must not do. */
async function trespasses(launch: Launch): Promise<string[]> {
  const { kernel, args } = launch;
  const compiled = pipelines.get(kernel, args);
  const random = new Random(kernel.label);
  const slots = Object.keys(kernel.bindings).map((name) => fillSlot(launch, name, random));
  // The binding holds the guard behind the tensor too, so that a write past the end can happen.
  const entries: GPUBindGroupEntry[] = slots.map(({ buffer, elements }, binding) => ({
    binding,
    resource: { buffer, offset: GUARD * 4, size: (elements + GUARD) * 4 },
  }));
  let uniform: GPUBuffer | undefined;
  if (Object.keys(kernel.params).length > 0) {
    const bytes = paramBytes(kernel, args);
    uniform = device.createBuffer({ size: bytes.byteLength, usage: 0x40 | 0x08 });
    device.queue.writeBuffer(uniform, 0, bytes);
    entries.push({ binding: entries.length, resource: { buffer: uniform } });
  }
  device.pushErrorScope('validation');
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipelines.require(compiled));
  pass.setBindGroup(0, device.createBindGroup({ layout: compiled.layout, entries }));
  pass.dispatchWorkgroups(...(kernel.workgroups(args) as [number, number, number]));
  pass.end();
  device.queue.submit([encoder.finish()]);
  const error = await device.popErrorScope();
  const found = error ? [error.message] : [];
  for (const slot of slots) {
    found.push(...judge(slot, await contents(slot.buffer)));
    slot.buffer.destroy();
  }
  uniform?.destroy();
  return found.map((what) => `${kernel.label} ${JSON.stringify(args)}: ${what}`);
}

function judge({ name, access, elements, before }: Slot, after: Uint32Array): string[] {
  const found: string[] = [];
  const values = new Float32Array(after.buffer);
  for (let i = 0; i < after.length; i++) {
    const at = i - GUARD;
    const inside = at >= 0 && at < elements;
    if (!inside && after[i] !== POISON) found.push(`${name}: wrote outside, at ${at}`);
    if (!inside) continue;
    if (access === 'read' && after[i] !== before[i]) found.push(`${name}: input changed at ${at}`);
    if (access !== 'read' && after[i] === POISON) found.push(`${name}: left out at ${at}`);
    else if (access !== 'read' && Number.isNaN(values[i])) found.push(`${name}: NaN at ${at}`);
  }
  return found.slice(0, 3);
}

const launches = observeLaunches(device).filter(({ sizes }) =>
  Object.values(sizes).every((size) => size <= LARGEST),
);

for (const kernel of kernels) {
  test(`stays within bounds: ${kernel.label}`, async () => {
    const mine = launches.filter((launch) => launch.kernel === kernel);
    assert.ok(mine.length > 0, 'no op case launches it at a size that is tried here');
    for (const launch of mine) assert.equal(await trespasses(launch), []);
  });
}

/** y[i] = … for 100 elements, by one workgroup. */
const faulty = (label: string, body: string): Launch => ({
  kernel: defineKernel({
    label,
    bindings: { x: read(), y: write() },
    workgroups: () => [1, 1, 1],
    wgsl: /* wgsl */ `
@compute @workgroup_size(100)
fn main(@builtin(local_invocation_index) i: u32) { ${body} }
`,
  }),
  args: {},
  sizes: { x: 100, y: 100 },
});

test('a write past the end, an element left out and a read past the end are seen', async () => {
  assert.equal(await trespasses(faulty('good', 'y[i] = x[i];')), []);
  assert.match(
    String(await trespasses(faulty('writes_on', 'y[i] = x[i]; y[i + 1u] = 0.0;'))),
    'outside, at 100',
  );
  assert.match(
    String(await trespasses(faulty('lazy', 'if (i != 7u) { y[i] = x[i]; }'))),
    'left out at 7',
  );
  assert.match(String(await trespasses(faulty('reads_on', 'y[i] = x[i + 1u];'))), 'at 99');
});

test.run();
