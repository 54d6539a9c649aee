// Micro-benchmark of convolution and matrix multiplication: checks a sample of every result, then times it.
//
//   node --import tsx bench/kernels.ts [part of a case's name]
//
// `new` is the time of the first run beyond a later one, with the number of pipelines that it compiled;
// MESA_SHADER_CACHE_DISABLE=true makes it honest on Mesa's drivers.

import {
  conv2d,
  conv2dInputGrad,
  conv2dWeightGrad,
  Gpu,
  matmul,
  Random,
  type Tensor,
} from '../engine/index.ts';
import { createNodeDevice } from '../engine/node.ts';

interface Case {
  readonly name: string;
  readonly flops: number;
  readonly size: number;
  readonly run: () => Tensor;
  /** Element `i` of the result, in float64. */
  readonly expected: (i: number) => number;
}

/** N, channels in and out, side of the image, side of the window, stride. */
type Convolution = readonly [number, number, number, number, number, number];
/** m, k, n, and whether a and b are stored transposed. */
type Product = readonly [number, number, number, boolean, boolean];

const ROUNDS = 5;
const ROUND_MS = 200;
const SAMPLES = 64;
const TOLERANCE = 1e-5;

/** The default job's layers first, then layers of ResNet-18 and its kin. */
const CONVOLUTIONS: readonly Convolution[] = [
  [64, 1, 16, 28, 3, 1],
  [64, 16, 32, 14, 3, 1],
  [32, 16, 32, 28, 3, 1],
  [32, 32, 64, 14, 3, 1],
  [8, 64, 64, 56, 3, 1],
  [8, 64, 128, 56, 1, 1],
  [8, 64, 128, 28, 3, 2],
  [8, 64, 128, 28, 1, 2],
  [8, 512, 512, 4, 3, 1],
  [4, 3, 64, 224, 7, 2],
];

const PRODUCTS: readonly Product[] = [
  [64, 1568, 64, false, true],
  [64, 64, 1568, false, false],
  [64, 64, 1568, true, false],
  [64, 64, 10, false, true],
  [512, 512, 512, false, false],
  [1024, 1024, 1024, false, false],
];

const random = new Random('bench');

/** A tensor of numbers in [-1, 1), and a way to look at one of them on the host: 0 outside. */
function input(gpu: Gpu, shape: readonly number[]) {
  const size = shape.reduce((a, b) => a * b);
  const values = Float32Array.from({ length: size }, () => 2 * random.uniform() - 1);
  const at = (...index: number[]) => {
    let i = 0;
    for (let axis = 0; axis < shape.length; axis++) {
      if (index[axis] < 0 || index[axis] >= shape[axis] || index[axis] % 1 !== 0) return 0;
      i = i * shape[axis] + index[axis];
    }
    return values[i];
  };
  return { tensor: gpu.tensor(values, shape), shape, size, at };
}

function unravel(i: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis] = i % shape[axis];
    i = Math.floor(i / shape[axis]);
  }
  return index;
}

function sum(a: number, b: number, c: number, term: (...index: number[]) => number): number {
  let total = 0;
  for (let i = 0; i < a; i++) {
    for (let j = 0; j < b; j++) for (let k = 0; k < c; k++) total += term(i, j, k);
  }
  return total;
}

function convolutionCases(gpu: Gpu, [n, c, o, side, window, stride]: Convolution): Case[] {
  const padding = (window - 1) >> 1;
  const out = Math.floor((side + 2 * padding - window) / stride) + 1;
  const options = { stride, padding };
  const x = input(gpu, [n, c, side, side]);
  const w = input(gpu, [o, c, window, window]);
  const dy = input(gpu, [n, o, out, out]);
  const place = (output: number, tap: number) => output * stride + tap - padding;
  const back = (place: number, tap: number) => (place + padding - tap) / stride;
  const title = `conv ${window}×${window}/${stride} N${n} ${c}→${o} ${side}²`;
  const flops = 2 * dy.size * c * window * window;
  return [
    {
      name: `${title} forward`,
      flops,
      size: dy.size,
      run: () => conv2d(x.tensor, w.tensor, options),
      expected: (at) => {
        const [i, j, row, column] = unravel(at, dy.shape);
        return sum(
          c,
          window,
          window,
          (k, u, v) => w.at(j, k, u, v) * x.at(i, k, place(row, u), place(column, v)),
        );
      },
    },
    {
      name: `${title} input grad`,
      flops,
      size: x.size,
      run: () => conv2dInputGrad(dy.tensor, w.tensor, { ...options, inputShape: x.shape }),
      expected: (at) => {
        const [i, j, row, column] = unravel(at, x.shape);
        return sum(
          o,
          window,
          window,
          (k, u, v) => w.at(k, j, u, v) * dy.at(i, k, back(row, u), back(column, v)),
        );
      },
    },
    {
      name: `${title} weight grad`,
      flops,
      size: w.size,
      run: () => conv2dWeightGrad(x.tensor, dy.tensor, { ...options, weightShape: w.shape }),
      expected: (at) => {
        const [i, j, u, v] = unravel(at, w.shape);
        return sum(
          n,
          out,
          out,
          (k, row, column) =>
            dy.at(k, i, row, column) * x.at(k, j, place(row, u), place(column, v)),
        );
      },
    },
  ];
}

function productCase(gpu: Gpu, [m, k, n, transposeA, transposeB]: Product): Case {
  const a = input(gpu, transposeA ? [k, m] : [m, k]);
  const b = input(gpu, transposeB ? [n, k] : [k, n]);
  return {
    name: `matmul ${m}×${k}${transposeA ? 'ᵀ' : ''} · ${k}×${n}${transposeB ? 'ᵀ' : ''}`,
    flops: 2 * m * k * n,
    size: m * n,
    run: () => matmul(a.tensor, b.tensor, { transposeA, transposeB }),
    expected: (at) => {
      const [i, j] = unravel(at, [m, n]);
      return sum(
        1,
        1,
        k,
        (_, __, q) =>
          (transposeA ? a.at(q, i) : a.at(i, q)) * (transposeB ? b.at(j, q) : b.at(q, j)),
      );
    },
  };
}

/** The largest difference of a sample, as a part of the largest value in it. */
function error({ size, expected }: Case, result: Float32Array): number {
  let difference = 0;
  let scale = 0;
  for (let s = 0; s < SAMPLES; s++) {
    // Both ends always: that is where a tile may be cut off.
    const i = s < 2 ? s * (size - 1) : random.int(size);
    difference = Math.max(difference, Math.abs(result[i] - expected(i)));
    scale = Math.max(scale, Math.abs(expected(i)));
  }
  return difference / scale;
}

/** Milliseconds of `runs` runs. */
async function time(gpu: Gpu, runs: number, run: () => void): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < runs; i++) run();
  await gpu.sync();
  return performance.now() - start;
}

async function measure(gpu: Gpu, test: Case): Promise<void> {
  const before = gpu.stats.pipelines;
  const program = await gpu.capture(test.run);
  const first = await time(gpu, 1, () => program.run());
  const compiled = gpu.stats.pipelines - before;
  const once = await time(gpu, 1, () => program.run());
  const off = error(test, await program.outputs.data());
  if (!(off < TOLERANCE))
    throw new Error(`${test.name}: wrong by ${off}, expected < ${TOLERANCE}.`);
  const runs = Math.max(1, Math.round(ROUND_MS / once));
  const rounds: number[] = [];
  for (let r = 0; r < ROUNDS; r++) rounds.push((await time(gpu, runs, () => program.run())) / runs);
  program.dispose();
  const ms = rounds.sort((a, b) => a - b)[ROUNDS >> 1];
  console.log(
    test.name.padEnd(42),
    `${ms.toFixed(2).padStart(9)} ms`,
    `${(test.flops / ms / 1e6).toFixed(2).padStart(8)} GFLOP/s`,
    compiled > 0 ? `  new ${(first - once).toFixed(0)} ms (${compiled})` : '',
  );
}

const { device, wait, info } = await createNodeDevice();
const gpu = new Gpu(device, { wait });
console.log(`${info.description || info.device}${info.isSoftware ? ' (software)' : ''}`);
const wanted = process.argv[2] ?? '';
const suites = [
  ...CONVOLUTIONS.map((shape) => () => convolutionCases(gpu, shape)),
  ...PRODUCTS.map((shape) => () => [productCase(gpu, shape)]),
];
for (const suite of suites) {
  for (const test of suite().filter(({ name }) => name.includes(wanted))) await measure(gpu, test);
}
gpu.destroy();
