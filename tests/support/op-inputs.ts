// The definition of an op's case, and its values: each kind says which numbers it avoids.

import type { Random } from '../../engine/core/random.ts';
import type { Tensor } from '../../engine/index.ts';

export interface Input {
  readonly shape: readonly number[];
  readonly values: (random: Random, size: number) => ArrayLike<number>;
  readonly dtype?: 'u32';
}

export type Shape = readonly number[];
export type Maker = (shape: Shape) => Input;

const fill =
  (f: (random: Random) => number) =>
  (shape: Shape): Input => ({
    shape,
    values: (random, size) => Float32Array.from({ length: size }, () => f(random)),
  });

export const between = (low: number, high: number): Maker =>
  fill((random) => low + (high - low) * random.uniform());
export const normal: Maker = fill((random) => random.normal());
export const positive = between(0.4, 2);
/** At least 0.1 from 0, of either sign. */
export const nonzero: Maker = fill((random) => {
  const v = 0.1 + 1.4 * random.uniform();
  return random.uniform() < 0.5 ? -v : v;
});
/** At least 0.4 from 0, of either sign. */
export const signed: Maker = fill((random) => {
  const v = 0.4 + 1.6 * random.uniform();
  return random.int(2) ? v : -v;
});
/** In random order, 0.05 apart, none nearer to 0 than 0.025 − |shift|. */
export const apart =
  (shift = 0): Maker =>
  (shape) => ({
    shape,
    values: (random, size) =>
      Float32Array.from(
        random.permutation(size),
        (k) => (k - Math.floor(size / 2) + 0.5) * 0.05 + shift,
      ),
  });
export const distinct = apart();
export const ramp: Maker = (shape) => ({
  shape,
  values: (_, size) => Float32Array.from({ length: size }, (_, i) => i % 8191),
});
export const list = (...values: number[]): Input => ({
  shape: [values.length],
  values: () => values,
});
export const given = (shape: Shape, ...values: number[]): Input => ({
  shape,
  values: () => values,
});
export const labels = (n: number, classes: number): Input => ({
  shape: [n],
  dtype: 'u32',
  values: (random) => Uint32Array.from({ length: n }, () => random.int(classes)),
});

export interface OpCase {
  readonly label: string;
  readonly inputs: readonly Input[];
  readonly attrs?: object;
  /** How often to differentiate. Default 2; 0 for large or pathological inputs. */
  readonly order?: 0 | 1 | 2;
  /** Terms in the longest sum of the forward pass: its rounding error grows as the root. Default 1. */
  readonly terms?: number;
  /** Values of very different size: compare each relative to itself. */
  readonly relative?: boolean;
  /** Calls a public function instead of the registered op. */
  readonly run?: (inputs: Tensor[]) => Tensor;
  /** Inputs that have no gradient, where a function is checked; a registered op says so itself. */
  readonly constants?: readonly number[];
}

export const named = (shapes: readonly Shape[]): string =>
  shapes.map((s) => `[${s.join(', ')}]`).join(' ');

/** A case without attributes per list of input shapes. */
export function plain(makers: readonly Maker[], ...shapes: (readonly Shape[])[]): OpCase[] {
  return shapes.map((each) => ({
    label: named(each),
    inputs: each.map((shape, i) => makers[i](shape)),
  }));
}

export const withAttrs = (attrs: object, cases: readonly OpCase[]): OpCase[] =>
  cases.map((c) => ({ ...c, attrs: { ...attrs, ...c.attrs } }));
