// What the adapter itself can do: multiply-adds, copies, submits and dispatches, measured like everything else.

import type { Gpu } from '../engine/core/gpu.ts';
import type { Program } from '../engine/core/program.ts';
import {
  defineKernel,
  linearGrid,
  linearMain,
  read,
  vectorGrid,
  vectorMain,
  write,
} from '../kernels/kernel.ts';
import { bytesOf, type Case, input } from './case.ts';
import type { Subject } from './measure.ts';
import { wallTime } from './stopwatch.ts';

const INVOCATIONS = 2 ** 18;
const ITERATIONS = 128;
/** Multiply-adds in each turn of the loop, unrolled by hand: a loop's own work must not count. */
const UNROLLED = 4;
/** Beyond every cache of a processor, and half of the smallest binding that WebGPU guarantees. */
const COPY_FLOATS = 2 ** 24;

/**
 * r = r·a + b in independent chains, one per number in flight. Too few wait for the unit's latency, and too many
 * spill registers. The best number differs between adapters, so several kernels are tried.
 */
function fmaKernel(vectors: number) {
  const chains = Array.from({ length: vectors }, (_, k) => `r${k}`);
  const turn = chains.map((r) => `${r} = fma(${r}, a, b);`).join(' ');
  return defineKernel({
    label: `bench-fma-${4 * vectors}`,
    bindings: { y: write() },
    params: { size: 'u32', a: 'f32', b: 'f32', iterations: 'u32' },
    workgroups: ({ size }) => [size / 64, 1, 1],
    wgsl: /* wgsl */ `
@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u) {
  let a = vec4f(params.a);
  let b = vec4f(params.b);
  let start = vec4f(f32(id.x & 63u), 1.0, 2.0, 3.0);
  ${chains.map((r, k) => `var ${r} = start + ${4 * k}.0;`).join('\n  ')}
  for (var i = 0u; i < params.iterations; i++) {
    ${Array(UNROLLED).fill(turn).join('\n    ')}
  }
  y[id.x] = dot(${chains.join(' + ')}, vec4f(1.0));
}
`,
  });
}

/** With a = ½ and b = 1 every chain ends at 2. */
function fmaCase(vectors: number): Case {
  const kernel = fmaKernel(vectors);
  const args = { size: INVOCATIONS, a: 0.5, b: 1, iterations: ITERATIONS };
  return {
    suite: 'peaks',
    name: `multiply-add, ${4 * vectors} chains`,
    flops: 2 * 4 * vectors * INVOCATIONS * ITERATIONS * UNROLLED,
    bytes: bytesOf([INVOCATIONS]),
    quick: true,
    setUp: (gpu) => ({
      run: () => {
        const y = gpu.empty([INVOCATIONS]);
        gpu.run(kernel, { y }, args);
        return y;
      },
      inputs: [],
      size: INVOCATIONS,
      expected: () => 2 * 4 * vectors,
    }),
  };
}

const copyKernel = defineKernel({
  label: 'bench-copy',
  bindings: { x: read('vec4f'), y: write('vec4f') },
  params: { size: 'u32' },
  workgroups: vectorGrid,
  wgsl: vectorMain('let r = x[i];'),
});

const copyCase: Case = {
  suite: 'peaks',
  name: 'copy kernel, 64 MiB',
  flops: 0,
  bytes: 2 * bytesOf([COPY_FLOATS]),
  quick: true,
  setUp: (gpu) => {
    const x = input(gpu, 'x', [COPY_FLOATS]);
    return {
      run: () => {
        const y = gpu.empty(x.shape);
        gpu.run(copyKernel, { x: x.tensor, y }, { size: COPY_FLOATS });
        return y;
      },
      inputs: [x.tensor],
      size: COPY_FLOATS,
      expected: (i) => x.values[i],
    };
  },
};

/** Peaks that are kernels: the best of the first is the adapter's speed, the copy its bandwidth. */
export const peakCases: readonly Case[] = [...[2, 3, 4].map(fmaCase), copyCase];

const nothing = defineKernel({
  label: 'bench-nothing',
  bindings: { y: write() },
  params: { size: 'u32' },
  workgroups: linearGrid,
  wgsl: linearMain('y[i] = 1.0;'),
});

/** A peak that is no kernel's time. */
export interface Overhead {
  readonly name: string;
  /** Bytes read and written per run; 0 if they are not measured. */
  readonly bytes: number;
  readonly subject: Subject;
  readonly dispose: () => void;
}

const DISPATCHES = 100;

/** Copying a buffer, submitting and waiting, and a pass of many small dispatches, by wall-clock time. */
export async function prepareOverheads(gpu: Gpu): Promise<Overhead[]> {
  const buffers = [0, 1].map(() => gpu.keep(gpu.empty([COPY_FLOATS])));
  const bytes = bytesOf([COPY_FLOATS]);
  const copy = () => {
    const encoder = gpu.device.createCommandEncoder();
    const [from, to] = buffers.map(({ storage }) => storage.buffer as GPUBuffer);
    encoder.copyBufferToBuffer(from, 0, to, 0, bytes);
    gpu.device.queue.submit([encoder.finish()]);
  };
  const y = gpu.keep(gpu.empty([4]));
  const record = (dispatches: number): Promise<Program> =>
    gpu.capture(() => {
      for (let i = 0; i < dispatches; i++) gpu.run(nothing, { y }, { size: 4 });
    });
  const [one, many] = [await record(1), await record(DISPATCHES)];
  return [
    {
      name: 'buffer copy, 64 MiB',
      bytes: 2 * bytes,
      subject: {
        time: (runs) =>
          wallTime(gpu, () => {
            for (let i = 0; i < runs; i++) copy();
          }),
      },
      dispose: () => {
        for (const tensor of buffers) tensor.dispose();
      },
    },
    {
      name: 'submit and wait',
      bytes: 0,
      subject: {
        time: async (runs) => {
          let ms = 0;
          for (let i = 0; i < runs; i++) ms += await wallTime(gpu, () => one.run());
          return ms;
        },
      },
      dispose: () => one.dispose(),
    },
    {
      name: `dispatch, one of ${DISPATCHES} in a pass`,
      bytes: 0,
      subject: {
        repeats: DISPATCHES,
        time: (runs) =>
          wallTime(gpu, () => {
            for (let i = 0; i < runs; i++) many.run();
          }),
      },
      dispose: () => {
        many.dispose();
        y.dispose();
      },
    },
  ];
}
