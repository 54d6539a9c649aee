// Brings the columns of descriptors to one scale: z-scores, with each group of columns weighted as a whole.

import { blocksOf, type Values } from '../data/values.ts';
import { DESCRIPTOR_GROUPS, type DescriptorGroup, type Descriptors } from './descriptors.ts';

/** z-score statistics, including the group weights: column d becomes (x − mean[d]) · scale[d]. */
export interface Standardization {
  mean: Float32Array;
  scale: Float32Array;
}

/**
 * z-score statistics of a training set. So that many deep columns do not drown the few others, a column of group g is
 * also scaled by weight_g / √(columns of g that vary). With equal weights each group has the same share of a squared
 * distance. A column that does not vary gets scale 0.
 *
 * @param weights weight of each group; default 1; 0 drops the group
 * @throws RangeError if there are no rows, or a weight is negative
 */
export function fitStandardization(
  descriptors: Omit<Descriptors, 'data' | 'offsets'> & { readonly data: Values },
  weights: Partial<Record<DescriptorGroup, number>> = {},
): Standardization {
  const { data, rows, dims, groups } = descriptors;
  if (rows === 0) {
    throw new RangeError('fitStandardization: got 0 rows, expected at least 1.');
  }
  const sums = new Float64Array(dims);
  for (const { block } of blocksOf(data, dims)) {
    for (let i = 0; i < block.length; ) for (let d = 0; d < dims; d++) sums[d] += block[i++];
  }
  const mean = Float32Array.from(sums, (sum) => sum / rows);
  const squares = new Float64Array(dims);
  for (const { block } of blocksOf(data, dims)) {
    for (let i = 0; i < block.length; ) {
      for (let d = 0; d < dims; d++) squares[d] += (block[i++] - mean[d]) ** 2;
    }
  }
  const sd = squares.map((sum) => Math.sqrt(sum / rows));
  const scale = new Float32Array(dims);
  let start = 0;
  for (const group of DESCRIPTOR_GROUPS) {
    const weight = weights[group] ?? 1;
    if (!(weight >= 0)) {
      throw new RangeError(
        `fitStandardization: bad weight of group ${group}, got ${weight}, expected a number >= 0.`,
      );
    }
    // A spread below the float32 rounding of the mean is noise, not information.
    const varies = (d: number): boolean => sd[d] > 1e-6 * Math.max(Math.abs(mean[d]), 1e-6);
    const columns = Array.from({ length: groups[group] }, (_, i) => start + i).filter(varies);
    for (const d of columns) scale[d] = weight / Math.sqrt(columns.length) / sd[d];
    start += groups[group];
  }
  return { mean, scale };
}

/**
 * Applies z-score statistics: out[r, d] = (data[r, d] − mean[d]) · scale[d].
 *
 * @returns a new matrix [rows, dims]
 * @throws RangeError if the statistics have another number of columns
 */
export function standardize(
  descriptors: Pick<Descriptors, 'data' | 'dims'>,
  { mean, scale }: Standardization,
): Float32Array {
  const { data, dims } = descriptors;
  if (mean.length !== dims || scale.length !== dims) {
    throw new RangeError(
      `standardize: statistics have the wrong columns, got ${mean.length}, expected ${dims}.`,
    );
  }
  const out = new Float32Array(data.length);
  for (let i = 0; i < data.length; ) {
    for (let d = 0; d < dims; d++, i++) out[i] = (data[i] - mean[d]) * scale[d];
  }
  return out;
}
