// Normalised pixels: the statistics of a training set, and batches of images scaled by them.

import { type Dataset, imageAt, needBytes, type Split } from './dataset.ts';
import { recalled } from './pixels.ts';

/** Mean and standard deviation of each channel, [C], for pixels scaled to [0, 1]. */
export interface ChannelStats {
  mean: Float32Array;
  std: Float32Array;
}

/**
 * Mean and standard deviation of each channel over the training images, for pixels scaled to [0, 1]. A deviation is at
 * least 1/255, one grey level, so that dividing by a constant channel is possible.
 *
 * @throws TypeError if the training images are not bytes
 */
export function channelStats(dataset: Dataset): ChannelStats {
  const { channels, height, width, train } = dataset;
  needBytes(`${dataset.name}: split train`, train);
  const area = height * width;
  const { sums, squares } = recalled(train.images, 'channel sums', () => channelSums(train, area));
  const stats = { mean: new Float32Array(channels), std: new Float32Array(channels) };
  for (let channel = 0; channel < channels; channel++) {
    const mean = sums[channel] / (train.count * area);
    const variance = squares[channel] / (train.count * area) - mean * mean;
    stats.mean[channel] = mean / 255;
    stats.std[channel] = Math.max(Math.sqrt(Math.max(variance, 0)), 1) / 255;
  }
  return stats;
}

/** Σx and Σx² of each channel, [C]; whole numbers, so the order of the sum does not matter. */
function channelSums(split: Split, area: number): { sums: number[]; squares: number[] } {
  const channels = split.images.length / split.count / area;
  const [sums, squares] = [0, 1].map(() => new Array<number>(channels).fill(0));
  for (let i = 0; i < split.count; i++) {
    const image = imageAt(split, i);
    for (let c = 0; c < channels; c++) {
      let [sum, square] = [0, 0];
      for (let p = c * area; p < (c + 1) * area; p++) {
        sum += image[p];
        square += image[p] * image[p];
      }
      sums[c] += sum;
      squares[c] += square;
    }
  }
  return { sums, squares };
}

/** Normalised pixels (x/255 − mean)/std of the images at `indices`: [indices, C, H, W]. The rest of `out` is zero. */
export function gatherImages(
  split: Split,
  indices: ArrayLike<number>,
  { mean, std }: ChannelStats,
  out: Float32Array,
): Float32Array {
  const size = split.images.length / split.count;
  const area = size / mean.length;
  for (let i = 0; i < indices.length; i++) {
    const image = imageAt(split, indices[i]);
    for (let c = 0; c < mean.length; c++) {
      const from = c * area;
      const to = i * size + c * area;
      const scale = 1 / (255 * std[c]);
      const shift = mean[c] / std[c];
      for (let p = 0; p < area; p++) out[to + p] = image[from + p] * scale - shift;
    }
  }
  out.fill(0, indices.length * size);
  return out;
}
