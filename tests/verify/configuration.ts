// A configuration to verify: one op at one choice of sizes, as data that fits on one line.

import type { Random } from '../../engine/core/random.ts';
import type { Tensor } from '../../engine/index.ts';
import { contractionStrategies } from '../../engine/ops/conv/contract.ts';
import type { Input } from '../support/op-inputs.ts';
import type { Array64 } from '../support/reference.ts';
import type { Order } from '../support/tolerance.ts';

/** Sizes, options (numbers; flags are 0 and 1), lists of either with an entry per axis, and names. */
export type Sizes = Readonly<Record<string, number | string | readonly number[]>>;

export interface Configuration {
  readonly family: string;
  readonly order: Order;
  /** Seed of the values. */
  readonly seed: number;
  readonly sizes: Sizes;
}

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
  /** Taken where they fit, in place of what the device would choose. */
  readonly strategies?: readonly string[];
}

/** What random contractions are drawn from: tiles differ in their size alone, and take long to compile. */
export const drawnContractions = contractionStrategies.filter(
  (name, i, all) => !name.startsWith('tiled') || i === all.length - 1 || name.endsWith('2×2'),
);

/** Random configurations of one op. */
export interface Family<S extends Sizes = Sizes> {
  /** Least value of each field when shrinking; 1 where none is given. */
  readonly least?: Readonly<Record<string, number>>;
  /** Only the value is checked: the sizes are too large for more. */
  readonly forwardOnly?: boolean;
  draw(random: Random): S;
  /** Undefined where the sizes do not fit together. */
  problem(sizes: S): Problem | undefined;
}

export type Families = Readonly<Record<string, Family>>;

export const formatConfiguration = (configuration: Configuration): string =>
  JSON.stringify(configuration);

/** @throws TypeError or RangeError if the text is no configuration of one of the families. */
export function parseConfiguration(text: string, families: Families): Configuration {
  let value: Partial<Configuration>;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new TypeError(`--case: ${(error as Error).message}. Quote the JSON with single quotes.`);
  }
  const { family, order, seed, sizes } = value;
  if (!family || !families[family]) {
    throw new RangeError(
      `--case: family is ${family}, expected one of ${Object.keys(families).join(', ')}.`,
    );
  }
  if (order !== 0 && order !== 1 && order !== 2) {
    throw new RangeError(`--case: order is ${order}, expected 0, 1 or 2.`);
  }
  if (!Number.isSafeInteger(seed) || typeof sizes !== 'object') {
    throw new TypeError('--case: expected a whole number `seed` and an object `sizes`.');
  }
  return { family, order, seed: seed as number, sizes };
}

/** The problem of a configuration. @throws RangeError where its sizes do not fit together. */
export function problemOf(configuration: Configuration, families: Families): Problem {
  const { family, sizes } = configuration;
  const problem = families[family].problem(sizes);
  if (!problem) throw new RangeError(`${family}: ${JSON.stringify(sizes)} do not fit together.`);
  return problem;
}

/** Draws sizes until they fit together. */
export function drawSizes(family: Family, random: Random): Sizes {
  for (let attempt = 0; attempt < 1000; attempt++) {
    const sizes = family.draw(random);
    if (family.problem(sizes)) return sizes;
  }
  throw new Error('verify: 1,000 draws in a row did not fit together. Mend the family.');
}

export const pick = <T>(random: Random, choices: readonly T[]): T =>
  choices[random.int(choices.length)];

/** Ones, primes and powers of two: what falls between vectors, tiles and workgroups. */
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
