// A configuration to verify: one op at one choice of sizes, as data that fits on one line.

import type { Problem, Samplers, Sizes } from '../support/sampler.ts';
import type { Order } from '../support/tolerance.ts';

export interface Configuration {
  readonly sampler: string;
  readonly order: Order;
  /** Seed of the values. */
  readonly seed: number;
  readonly sizes: Sizes;
}

export const formatConfiguration = (configuration: Configuration): string =>
  JSON.stringify(configuration);

/** @throws TypeError or RangeError if the text is not a configuration of one of the samplers. */
export function parseConfiguration(text: string, samplers: Samplers): Configuration {
  let value: Partial<Configuration>;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new TypeError(`--case: ${(error as Error).message}. Quote the JSON with single quotes.`);
  }
  const { sampler, order, seed, sizes } = value;
  if (!sampler || !samplers[sampler]) {
    throw new RangeError(
      `--case: sampler is ${sampler}, expected one of ${Object.keys(samplers).join(', ')}.`,
    );
  }
  if (order !== 0 && order !== 1 && order !== 2) {
    throw new RangeError(`--case: order is ${order}, expected 0, 1 or 2.`);
  }
  if (!Number.isSafeInteger(seed) || typeof sizes !== 'object') {
    throw new TypeError('--case: expected a whole number `seed` and an object `sizes`.');
  }
  return { sampler, order, seed: seed as number, sizes };
}

/** The problem of a configuration. @throws RangeError where its sizes do not fit together. */
export function problemOf(configuration: Configuration, samplers: Samplers): Problem {
  const { sampler, sizes } = configuration;
  const problem = samplers[sampler].problem(sizes);
  if (!problem) throw new RangeError(`${sampler}: ${JSON.stringify(sizes)} do not fit together.`);
  return problem;
}
