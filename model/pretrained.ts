// Weights from elsewhere, such as torchvision's, in a classifier with classes and channels of its own.

import { sameShape } from '../engine/core/tensor.ts';
import type { LoadableState, Weights } from './weights.ts';

/** The layer that is new where the classes differ. */
const HEAD = 'fc.';
/** The layer that sees the channels of an image. */
const FIRST = 'conv1.weight';
/** Counts that torchvision keeps and nothing here needs. */
const COUNTERS = /num_batches_tracked$/;

/**
 * Overwrites the weights of a classifier with pretrained ones of the same names, as `decodeSafetensors` returns them.
 * A head for another number of classes stays new. For grey images the first filters are summed over their channels,
 * which gives what an image of three equal channels would give.
 *
 * @returns names of the weights that stayed new
 * @throws RangeError for a missing, unknown or wrongly shaped tensor; then nothing changes
 */
export async function loadPretrained(
  weights: Weights,
  pretrained: LoadableState,
): Promise<string[]> {
  const state = await weights.state();
  const unknown = [...pretrained.keys()].filter((name) => !state.has(name) && !COUNTERS.test(name));
  if (unknown.length > 0) {
    throw new RangeError(
      `loadPretrained: the file has ${unknown[0]}, which the classifier has not. Is it of another architecture?`,
    );
  }
  const fresh: string[] = [];
  for (const [name, own] of state) {
    const given = pretrained.get(name);
    if (given && sameShape(given.shape, own.shape)) {
      own.data = Float32Array.from(given.data, Number);
    } else if (name.startsWith(HEAD)) {
      fresh.push(name);
    } else if (given && name === FIRST && own.shape[1] === 1) {
      own.data = summedFilters(given.data, given.shape);
    } else {
      throw new RangeError(
        `loadPretrained: ${name} is ${given ? `[${given.shape.join(', ')}]` : 'missing'}, expected [${own.shape.join(', ')}].`,
      );
    }
  }
  weights.load(state);
  return fresh;
}

/** [O, C, k, k] → [O, 1, k, k]. */
function summedFilters(
  data: ArrayLike<number | bigint>,
  [filters, channels, height, width]: readonly number[],
): Float32Array {
  const area = height * width;
  return Float32Array.from({ length: filters * area }, (_, i) => {
    const start = Math.floor(i / area) * channels * area + (i % area);
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += Number(data[start + c * area]);
    return sum;
  });
}
