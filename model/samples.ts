// Samples on the host: arrays of numbers with a shape, from which batches are picked.

import { flatten, type HostValues } from '../engine/core/host-values.ts';
import { formatShape, type Shape, sizeOf } from '../engine/core/tensor.ts';

/** Numbers of one sample after another, with their shape [N, …]; or arrays nested in that shape. */
export type Samples = { readonly data: ArrayLike<number>; readonly shape: Shape } | HostValues;

/** Samples as batches are picked from them. */
export interface SampleArray {
  readonly data: ArrayLike<number>;
  readonly count: number;
  /** Of one sample. */
  readonly shape: Shape;
}

/** @throws RangeError if data and shape do not fit, or there is no sample */
export function sampleArray(where: string, samples: Samples): SampleArray {
  const [data, shape] =
    typeof samples === 'object' && 'data' in samples
      ? [samples.data, samples.shape]
      : flatten(where, samples);
  if (shape.length === 0 || sizeOf(shape) !== data.length || data.length === 0) {
    throw new RangeError(
      `${where}: got ${data.length} values of shape ${formatShape(shape)}, expected as many as the shape [N, …] says.`,
    );
  }
  const [count, ...each] = shape;
  return { data, count, shape: each };
}

/** The samples at `indices`, one after another in `out`. */
export function pickSamples<T extends Float32Array | Uint32Array>(
  { data, shape }: SampleArray,
  indices: ArrayLike<number>,
  out: T,
): T {
  const size = sizeOf(shape);
  for (let i = 0; i < indices.length; i++) {
    for (let k = 0; k < size; k++) out[i * size + k] = data[indices[i] * size + k];
  }
  return out;
}
