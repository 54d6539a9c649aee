// Normalised pixels: the statistics of a training set, and batches of images scaled by them.

import { type Dataset, needBytes, type Split } from './dataset.ts';

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
  const stats = { mean: new Float32Array(channels), std: new Float32Array(channels) };
  for (let channel = 0; channel < channels; channel++) {
    let sum = 0;
    let squares = 0;
    for (let image = 0; image < train.count; image++) {
      const start = (image * channels + channel) * area;
      for (let i = start; i < start + area; i++) {
        const value = train.images[i];
        sum += value;
        squares += value * value;
      }
    }
    const mean = sum / (train.count * area);
    const variance = squares / (train.count * area) - mean * mean;
    stats.mean[channel] = mean / 255;
    stats.std[channel] = Math.max(Math.sqrt(Math.max(variance, 0)), 1) / 255;
  }
  return stats;
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
    for (let c = 0; c < mean.length; c++) {
      const from = indices[i] * size + c * area;
      const to = i * size + c * area;
      const scale = 1 / (255 * std[c]);
      const shift = mean[c] / std[c];
      for (let p = 0; p < area; p++) out[to + p] = split.images[from + p] * scale - shift;
    }
  }
  out.fill(0, indices.length * size);
  return out;
}
