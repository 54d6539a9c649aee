// What the golden files hold, and how a derivative is compared with its stored projection.

import { readFileSync } from 'node:fs';
import { dot } from '../support/autodiff64.ts';
import { close } from '../support/close.ts';
import { goldenValues, type Kind, STREAM } from './formula.ts';

/** ⟨h, w⟩, and max|h|·‖w‖₂: what errors of max|h| in each element, of random sign, would come to. */
export type Projection = readonly [value: number, scale: number];

/** What the cases of ops and of networks have in common. */
export interface Golden {
  readonly seed: number;
  /** The largest error of PyTorch itself in float32 on this case, relative to the scale. */
  readonly float32: number;
  readonly value: Projection;
}

export interface OpGolden extends Golden {
  readonly op: string;
  // The attributes of the op in question, in the words of our public function.
  // biome-ignore lint/suspicious/noExplicitAny: see above
  readonly attrs: any;
  readonly inputs: readonly (readonly [Kind, readonly number[]])[];
  /** Inputs that are not differentiated. */
  readonly constants: readonly number[];
  /** ∂L/∂x for each differentiated input. */
  readonly first: readonly Projection[];
  /** H v for each differentiated input; v moves them all. */
  readonly second: readonly Projection[];
}

export interface Goldens<T> {
  /** The version that wrote them. */
  readonly torch: string;
  readonly cases: readonly T[];
}

export function readGoldens<T>(name: string): T {
  return JSON.parse(readFileSync(new URL(name, import.meta.url), 'utf8'));
}

/** ⟨h, w⟩ with the direction that the generator took for its k-th derivative. */
export function project(h: ArrayLike<number>, seed: number, k: number): number {
  return dot(h, goldenValues('unit', seed, STREAM.w + k, [h.length]));
}

/**
 * What float32 may differ by, relative to the scale: 80 roundings of 2⁻²⁴ = 6·10⁻⁸, were all of one sign, for the
 * ops on the longest path; and where terms cancel, 4 times the error of PyTorch's own float32, for sums
 * in another order and for WGSL's exp and division, which may be off by 3 units and more.
 */
export const float32Tolerance = ({ float32 }: Golden): number => 5e-6 + 4 * float32;

/** Compares with a stored projection, `tolerance` relative to its scale. */
export function matches(
  what: string,
  actual: number,
  [expected, scale]: Projection,
  tolerance: number,
): void {
  close([actual], [expected], { op: what, shape: [], atol: tolerance * scale });
}

export const opLabel = ({ op, attrs, inputs, seed }: OpGolden): string =>
  `${op} ${inputs.map(([, shape]) => `[${shape.join(', ')}]`).join(' ')} ${JSON.stringify(attrs)} seed ${seed}`;

/** Positions of the inputs that are differentiated. */
export const differentiated = ({ inputs, constants }: OpGolden): number[] =>
  inputs.flatMap((_, i) => (constants.includes(i) ? [] : [i]));
