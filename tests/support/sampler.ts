// Random configurations of an op: how they are drawn, what they compute, and how far they may lie from float64.

import type { Random } from '../../engine/core/random.ts';
import type { Tensor } from '../../engine/index.ts';
import { contractionStrategies } from '../../engine/ops/conv/contract.ts';
import type { Array64 } from './array64.ts';
import type { Input } from './op-inputs.ts';

/** Sizes, options (numbers; flags are 0 and 1), lists of either with an entry per axis, and names. */
export type Sizes = Readonly<Record<string, number | string | readonly number[]>>;

/** What a configuration computes, on the device and in float64. */
export interface Problem {
  readonly inputs: readonly Input[];
  readonly run: (inputs: Tensor[]) => Tensor;
  readonly reference: (inputs: readonly Array64[]) => Array64;
  /** Terms in the longest sum of value, gradients and second derivatives. */
  readonly terms: number;
  /** A polynomial of degree 2 at most in all inputs: central differences are exact, whatever the step. */
  readonly quadratic?: boolean;
  /** Inputs of f32 that have no gradient; those of u32 never have one. */
  readonly constants?: readonly number[];
  /** Strategies to use, if they apply, instead of the device's choice. */
  readonly strategies?: readonly string[];
}

/** Positions of the inputs that are differentiated. */
export const variables = ({ inputs, constants = [] }: Problem): number[] =>
  inputs.flatMap(({ dtype }, i) => (dtype === 'u32' || constants.includes(i) ? [] : [i]));

/** How far results may lie from float64, and why. */
export interface Bound {
  /** Error allowed, in units of `roundings(terms)` times the largest value plus 1. */
  readonly factor: number;
  /** What `terms` counts: the longest sum of value, gradient and second derivative. */
  readonly terms: string;
  readonly why: string;
}

/** Draws configurations of an op, or of ops that are alike. */
export interface Sampler<S extends Sizes = Sizes> {
  readonly bound: Bound;
  /** Smallest value of each field when shrinking. Default 1. */
  readonly least?: Readonly<Record<string, number>>;
  /** Only the value is checked: the sizes are too large for more. */
  readonly forwardOnly?: boolean;
  draw(random: Random): S;
  /** Undefined where the sizes do not fit together. */
  problem(sizes: S): Problem | undefined;
}

export type Samplers = Readonly<Record<string, Sampler>>;

/** Draws sizes until they fit together. */
export function drawSizes(sampler: Sampler, random: Random): Sizes {
  for (let attempt = 0; attempt < 1000; attempt++) {
    const sizes = sampler.draw(random);
    if (sampler.problem(sizes)) return sizes;
  }
  throw new Error('verify: 1,000 draws in a row did not fit together. Fix the sampler.');
}

/** What random contractions are drawn from. Tiles differ only in size, and compile slowly: two stand for all. */
export const drawnContractions = contractionStrategies.filter(
  (name) => !name.startsWith('tiled') || ['tiled 256 8 2×2', 'tiled 64 2 2×2'].includes(name),
);

/** One of the choices. */
export const pick = <T>(random: Random, choices: readonly T[]): T =>
  choices[random.int(choices.length)];

/** Ones, primes and powers of two, which do not fill vectors, tiles and workgroups evenly. */
const LENGTHS = [1, 1, 2, 3, 4, 5, 7, 8, 11, 13, 16, 17, 31, 67];

/** One to `rank` axes, at most `most` elements. */
export function drawShape(random: Random, rank = 5, most = 600): number[] {
  let room = most;
  return Array.from({ length: 1 + random.int(rank) }, () => {
    const n = pick(
      random,
      LENGTHS.filter((length) => length <= room),
    );
    room = Math.floor(room / n);
    return n;
  });
}

export const drawFlags = (random: Random, shape: readonly number[]): number[] =>
  shape.map(() => random.int(2));

export const product = (values: readonly number[]): number => values.reduce((p, n) => p * n, 1);

/** Rows of numbers, such as one logit per class. */
export type Rows = Readonly<Record<'n' | 'classes', number>>;

export const drawRows = (random: Random): Rows => ({
  n: pick(random, [1, 2, 3, 5, 7, 17, 67]),
  classes: pick(random, [1, 2, 3, 5, 7, 10, 13]),
});

/** The most workgroups that WebGPU promises in one dimension: a larger dispatch takes a second one. */
export const MOST_WORKGROUPS = 65535;

type ManyRows = Readonly<Record<'rows' | 'length', number>>;

/** About 65,535 rows for a kernel that gives each row a workgroup; the value alone is checked. */
export const manyRows = (
  lengths: readonly number[],
  problem: Sampler<ManyRows>['problem'],
): Sampler<ManyRows> => ({
  bound: { factor: 1, terms: 'values of a row', why: 'the same op with more rows' },
  forwardOnly: true,
  draw: (random) => ({
    rows: MOST_WORKGROUPS + pick(random, [-1, 0, 1, 2, 68, 65535, 65536]),
    length: pick(random, lengths),
  }),
  problem,
});

/** Tolerance of ops that move values unchanged. */
export const moving: Bound = {
  factor: 1,
  terms: 'places that one value goes to',
  why: 'values are copied, exactly; only the gradient of repeated values is a sum',
};
