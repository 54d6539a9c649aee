// Makes a failing configuration small: a reader learns more from a 1×1 window than from a 7×5 one.

import type { Sizes } from '../support/sampler.ts';
import type { Order } from '../support/tolerance.ts';
import type { Configuration } from './configuration.ts';

export interface ShrinkOptions {
  /** Smallest value of each field. Default 1. */
  readonly least?: Readonly<Record<string, number>>;
  /** Maximum number of configurations to try. Default 300. */
  readonly attempts?: number;
}

/** The smallest configuration found that still `fails`, and how many were tried. */
export async function shrink(
  start: Configuration,
  fails: (configuration: Configuration) => Promise<boolean>,
  { least = {}, attempts = 300 }: ShrinkOptions = {},
): Promise<{ configuration: Configuration; tried: number }> {
  let configuration = start;
  let tried = 0;
  for (let progress = true; progress; ) {
    progress = false;
    for (const candidate of smaller(configuration, least)) {
      if (tried === attempts) return { configuration, tried };
      tried++;
      if (!(await fails(candidate))) continue;
      configuration = candidate;
      progress = true;
      break;
    }
  }
  return { configuration, tried };
}

/** Configurations one step smaller, the boldest steps first. */
function* smaller(
  configuration: Configuration,
  least: Readonly<Record<string, number>>,
): Generator<Configuration> {
  const { order, sizes } = configuration;
  for (let lower = 0; lower < order; lower++) yield { ...configuration, order: lower as Order };
  const resized = (change: Sizes): Configuration => ({
    ...configuration,
    sizes: { ...sizes, ...change },
  });
  for (const change of withoutAxis(sizes)) yield resized(change);
  for (const [field, value] of Object.entries(sizes)) {
    const floor = least[field] ?? 1;
    if (typeof value === 'number') {
      for (const less of below(value, floor)) yield resized({ [field]: less });
    } else if (typeof value !== 'string') {
      for (let axis = 0; axis < value.length; axis++) {
        for (const less of below(value[axis], floor)) {
          yield resized({ [field]: value.with(axis, less) });
        }
      }
    }
  }
}

/** All lists with an axis left out: they have an entry for each. */
function* withoutAxis(sizes: Sizes): Generator<Sizes> {
  const lists = Object.entries(sizes).flatMap(([field, value]) =>
    typeof value === 'object' ? [[field, value] as const] : [],
  );
  const rank = lists[0]?.[1].length ?? 0;
  for (let axis = 0; rank > 1 && axis < rank; axis++) {
    yield Object.fromEntries(lists.map(([field, list]) => [field, list.toSpliced(axis, 1)]));
  }
}

const below = (value: number, floor: number): number[] =>
  [...new Set([floor, Math.floor(value / 2), value - 1])].filter((n) => n >= floor && n < value);
