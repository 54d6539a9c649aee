// The definition of a kernel case, and functions for its float64 check.

import type { Gpu } from '../engine/core/gpu.ts';
import { Random } from '../engine/core/random.ts';
import type { Tensor } from '../engine/core/tensor.ts';

/** One op at one shape: its minimum cost, how to run it, and the expected result. */
export interface Case {
  readonly suite: string;
  /** Unique within the suite. */
  readonly name: string;
  /** Each addition, multiplication, comparison, division, root and exponential counts one; padding counts. */
  readonly flops: number;
  /** Every input read once and the output written once: the least that any kernel must move. */
  readonly bytes: number;
  /** Part of the short run too. */
  readonly quick: boolean;
  /** Makes the inputs. */
  readonly setUp: (gpu: Gpu) => Work;
}

export interface Work {
  /** Runs the op. It is recorded once or several times. A result created outside is updated in place. */
  readonly run: () => Tensor;
  /** Whether it can be recorded only once per program, such as the step of an optimiser. Default false. */
  readonly once?: boolean;
  /** Elements of the result. */
  readonly size: number;
  /** Element `i` of the result after the first run, in float64. */
  readonly expected: (i: number) => number;
  /** What outlives a run: tensors, an optimiser. */
  readonly inputs: readonly { readonly dispose: () => void }[];
}

/** A tensor of numbers in [-1, 1), and a way to look at one of them on the host. */
export interface Input {
  readonly tensor: Tensor;
  readonly shape: readonly number[];
  readonly size: number;
  readonly values: Float32Array;
  /** The element at an index; 0 outside the shape, as if it were padded, and at a fractional index. */
  readonly at: (...index: number[]) => number;
}

/** `name` decides the numbers: the same on every machine. */
export function input(gpu: Gpu, name: string, shape: readonly number[]): Input {
  const size = sizeOf(shape);
  const values = new Random('bench', name).fillUniform(new Float32Array(size), -1, 1);
  const at = (...index: number[]) => {
    let i = 0;
    for (let axis = 0; axis < shape.length; axis++) {
      if (index[axis] < 0 || index[axis] >= shape[axis] || index[axis] % 1 !== 0) return 0;
      i = i * shape[axis] + index[axis];
    }
    return values[i];
  };
  const tensor = gpu.keep(gpu.tensor(values, shape));
  return { tensor, shape, size, values, at };
}

/** Labels 0, 1, …, classes − 1, 0, 1, … as a tensor. */
export function labelInput(gpu: Gpu, n: number, classes: number) {
  const values = Uint32Array.from({ length: n }, (_, i) => i % classes);
  const tensor = gpu.keep(gpu.tensor(values, [n], 'u32'));
  return { tensor, values };
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1);

/** Bytes of float32 tensors of these shapes. */
export const bytesOf = (...shapes: readonly (readonly number[])[]): number =>
  4 * shapes.reduce((sum, shape) => sum + sizeOf(shape), 0);

/** The index along each axis of element `i`. */
export function unravel(i: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index[axis] = i % shape[axis];
    i = Math.floor(i / shape[axis]);
  }
  return index;
}

/** Σ of a term over three ranges. */
export function sum3(
  a: number,
  b: number,
  c: number,
  term: (i: number, j: number, k: number) => number,
): number {
  let total = 0;
  for (let i = 0; i < a; i++) {
    for (let j = 0; j < b; j++) for (let k = 0; k < c; k++) total += term(i, j, k);
  }
  return total;
}

/** The values of `f` at whole numbers, each computed once. */
export function memo<T>(f: (i: number) => T): (i: number) => T {
  const known = new Map<number, T>();
  return (i) => {
    if (!known.has(i)) known.set(i, f(i));
    return known.get(i) as T;
  };
}

const SAMPLES = 64;

/**
 * The largest difference between a result and its float64 values in a sample, as a part of the largest value in
 * the sample. Both ends are always in it: that is where a tile may be cut off.
 */
export function sampleError({ size, expected }: Work, result: ArrayLike<number>): number {
  const random = new Random('bench', 'sample');
  let difference = 0;
  let scale = 0;
  for (let s = 0; s < SAMPLES; s++) {
    const i = s < 2 ? s * (size - 1) : random.int(size);
    const value = expected(i);
    if (!Number.isFinite(result[i])) return Number.POSITIVE_INFINITY;
    difference = Math.max(difference, Math.abs(result[i] - value));
    scale = Math.max(scale, Math.abs(value));
  }
  return scale > 0 ? difference / scale : difference;
}
