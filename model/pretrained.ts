// Weights from elsewhere, such as torchvision's, in a classifier with classes and channels of its own.

import { formatShape, type Shape, sameShape, type Tensor } from '../engine/core/tensor.ts';
import type { Classifier } from './classifier.ts';
import type { LoadableState } from './weights.ts';

/** Counts that torchvision keeps and nothing here needs. */
const COUNTERS = /num_batches_tracked$/;

/**
 * Overwrites the weights of a classifier with pretrained ones of the same names, as `decodeSafetensors` returns them.
 * A `head` for another number of classes stays new. For grey images the first filters are summed over their channels,
 * which gives what an image of three equal channels, each normalised alike, would give.
 *
 * @returns names of the weights that stayed new
 * @throws RangeError for a missing, unknown or wrongly shaped tensor; then nothing changes
 */
export function loadPretrained(
  { weights, head }: Pick<Classifier, 'weights' | 'head'>,
  pretrained: LoadableState,
): string[] {
  const own = new Map<string, Tensor>([...weights.parameters, ...weights.buffers]);
  const unknown = [...pretrained.keys()].find((name) => !own.has(name) && !COUNTERS.test(name));
  if (unknown !== undefined) {
    throw new RangeError(
      `loadPretrained: the file has ${unknown}, which the classifier has not. Is it of another architecture?`,
    );
  }
  const [first] = own.keys();
  const fresh: string[] = [];
  const writes: (readonly [Tensor, Float32Array])[] = [];
  for (const [name, tensor] of own) {
    const given = pretrained.get(name);
    if (given && sameShape(given.shape, tensor.shape)) {
      writes.push([tensor, Float32Array.from(given.data, Number)]);
    } else if (head !== undefined && name.startsWith(`${head}.`)) {
      fresh.push(name);
    } else if (given && name === first && areFiltersForColour(given.shape, tensor.shape)) {
      writes.push([tensor, summedFilters(given.data, given.shape)]);
    } else {
      throw new RangeError(
        `loadPretrained: ${name} is ${given ? formatShape(given.shape) : 'missing'}, expected ${formatShape(tensor.shape)}. Are architecture and settings, such as stem, those of the file?`,
      );
    }
  }
  for (const [tensor, values] of writes) tensor.write(values);
  return fresh;
}

/** Whether filters [O, C, k, k] would fit [O, 1, k, k], except for their channels. */
const areFiltersForColour = ([o, , ...window]: Shape, [filters, channels, ...own]: Shape) =>
  channels === 1 && o === filters && sameShape(window, own);

/** [O, C, k, k] → [O, 1, k, k]. */
function summedFilters(
  data: ArrayLike<number | bigint>,
  [filters, channels, height, width]: Shape,
): Float32Array {
  const area = height * width;
  return Float32Array.from({ length: filters * area }, (_, i) => {
    const start = Math.floor(i / area) * channels * area + (i % area);
    let sum = 0;
    for (let c = 0; c < channels; c++) sum += Number(data[start + c * area]);
    return sum;
  });
}
