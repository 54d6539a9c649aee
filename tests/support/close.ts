// Compares arrays within a tolerance and says where they differ.

import { formatShape } from '../../engine/core/tensor.ts';

export interface CloseOptions {
  /** The source of `actual`. The message begins with it. */
  readonly op: string;
  readonly shape: readonly number[];
  /** Largest |actual − expected| relative to |expected|. Default 0. */
  readonly rtol?: number;
  /** Largest |actual − expected| in addition. Default 0: exact. */
  readonly atol?: number;
}

/** The largest magnitude of an array. */
export const largest = (values: ArrayLike<number>): number => {
  let most = 0;
  for (let i = 0; i < values.length; i++) most = Math.max(most, Math.abs(values[i]));
  return most;
};

/** Asserts |actual − expected| ≤ atol + rtol·|expected| for each element; NaN equals only NaN. */
export function close(
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  { op, shape, rtol = 0, atol = 0 }: CloseOptions,
): void {
  const where = `${op} ${formatShape(shape)}`;
  if (actual.length !== expected.length) {
    throw new Error(`${where}: ${actual.length} values, expected ${expected.length}.`);
  }
  let [first, worst, bad, error] = [-1, -1, 0, 0];
  for (let i = 0; i < expected.length; i++) {
    if (Object.is(actual[i], expected[i]) || actual[i] === expected[i]) continue;
    const distance = Math.abs(actual[i] - expected[i]);
    const difference = Number.isNaN(distance) ? Number.POSITIVE_INFINITY : distance;
    if (difference > error) [error, worst] = [difference, i];
    if (difference <= atol + rtol * Math.abs(expected[i])) continue;
    bad++;
    if (first < 0) first = i;
  }
  if (bad === 0) return;
  throw new Error(
    `${where}: ${bad} of ${expected.length} values differ; first at ${position(first, shape)}: ` +
      `got ${actual[first]}, expected ${expected[first]}; largest error ${error} at ` +
      `${position(worst, shape)} (rtol ${rtol}, atol ${atol}).`,
  );
}

/** `[1, 0, 2]` of a flat index. */
function position(i: number, shape: readonly number[]): string {
  const index: number[] = [];
  for (const n of [...shape].reverse()) {
    index.unshift(i % n);
    i = Math.floor(i / n);
  }
  return formatShape(index);
}
