// What is timed of every engine: the kernels and training steps of one table, and the numbers they work on.

import { Random } from '../../engine/core/random.ts';

/** Row-major float32 numbers. */
export interface Numbers {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

/** y = x ∗ w with stride 1 and padding that keeps the size, or a gradient of it; or y = a·b. */
export interface KernelWork {
  readonly kind: 'forward' | 'input grad' | 'weight grad' | 'matmul';
  readonly name: string;
  /** k of a convolution. */
  readonly window: number;
  /** Padding counts. */
  readonly flops: number;
  /** The two operands: (x, w), (w, dy), (x, dy) or (a, b). x [N, C, H, W], w [O, C, k, k], dy [N, O, H, W]. */
  readonly operands: readonly [Numbers, Numbers];
}

/** An Adam step of the benchmark's small net; `map` names what the Grad-CAM loss is taken at. */
export interface StepWork {
  readonly kind: 'step';
  readonly name: string;
  readonly map?: 'last map' | 'last conv input' | 'before the pool';
  readonly learningRate: number;
  /** By name, as GFSR starts. */
  readonly weights: Readonly<Record<string, Numbers>>;
  /** [N, 1, 28, 28]. */
  readonly images: Numbers;
  /** One-hot, [N, classes]. */
  readonly labels: Numbers;
  /** [N, h, w], of a guided step. */
  readonly mask?: Numbers;
}

export type Work = KernelWork | StepWork;

/** One work, ready to be run over and over by one engine. */
export interface Runner {
  /** Hands one run over. */
  readonly run: () => void;
  /** Resolves when all runs are done. */
  readonly done: () => Promise<unknown>;
  /** Runs once more: a kernel's result, or the one number that is a step's loss on the weights before it. */
  readonly result: () => Promise<ArrayLike<number>>;
  /** Where runs cannot be submitted one by one: milliseconds of `runs` of them. */
  readonly time?: (runs: number) => Promise<number>;
}

export interface Engine {
  readonly name: string;
  /** Prepares a work. @throws Error where the engine cannot do it */
  readonly prepare: (work: Work) => Promise<Runner>;
  readonly close?: () => void;
}

function numbers(name: string, shape: readonly number[]): Numbers {
  const size = shape.reduce((a, b) => a * b, 1);
  return { shape, values: new Random('peers', name).fillUniform(new Float32Array(size), -1, 1) };
}

function convolution(n: number, c: number, o: number, side: number, k: number): KernelWork[] {
  const [x, w, dy] = [
    numbers('x', [n, c, side, side]),
    numbers('w', [o, c, k, k]),
    numbers('dy', [n, o, side, side]),
  ];
  const title = `conv ${k}×${k} N${n} ${c}→${o} ${side}²`;
  const common = { window: k, flops: 2 * n * c * o * side * side * k * k };
  return [
    { ...common, kind: 'forward', name: `${title} forward`, operands: [x, w] },
    { ...common, kind: 'input grad', name: `${title} input grad`, operands: [w, dy] },
    { ...common, kind: 'weight grad', name: `${title} weight grad`, operands: [x, dy] },
  ];
}

const matmul = (n: number): KernelWork => ({
  kind: 'matmul',
  name: `matmul ${n}³`,
  window: 1,
  flops: 2 * n ** 3,
  operands: [numbers('a', [n, n]), numbers('b', [n, n])],
});

export const kernelWorks: readonly KernelWork[] = [
  ...convolution(32, 16, 32, 28, 3),
  ...convolution(32, 32, 64, 14, 3),
  ...convolution(8, 64, 64, 56, 3),
  ...convolution(32, 1, 16, 28, 3),
  ...convolution(8, 64, 128, 56, 1),
  matmul(512),
  matmul(1024),
];
