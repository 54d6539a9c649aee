// A data set without its test images, for everything that chooses: what is not there cannot be looked at.

import type { Dataset } from './dataset.ts';

/**
 * The same data set with its validation images, and their conditions, in the place of the test images. Nothing that is
 * computed from it depends on a test image.
 */
export function withoutTest<D extends Dataset>(dataset: D): D {
  const { val, vals = {}, notes } = dataset;
  const note = 'The test images were left out when the data was read.';
  return { ...dataset, test: val, tests: vals, notes: [...notes, note] };
}
