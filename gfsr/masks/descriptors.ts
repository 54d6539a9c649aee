// Descriptors h_s of segments: pooled deep features, colour, position and size, as z-scores over a set.
//
// [ours] The whole descriptor. Pooling features over superpixels follows ACE (Ghorbani et al., NeurIPS 2019). The paper
// says only that concepts are clustered.

import type { MaskSettings } from '../config/masks.ts';
import type { Dataset, Split } from '../data/dataset.ts';
import type { Evaluator } from '../evaluation/evaluator.ts';
import { checkImage, type ImageShape, toLab } from '../image/color.ts';
import { rowAt, rowsBetween } from '../image/rows.ts';
import { type FeatureMaps, poolFeatures } from './pool-features.ts';
import type { Segmentation } from './segmentation.ts';

/** Column groups of a descriptor, in order. */
export const DESCRIPTOR_GROUPS = ['deep', 'color', 'position', 'size'] as const;
/** The parts of a descriptor. `Descriptors` says how many columns each takes. */
export type DescriptorGroup = (typeof DESCRIPTOR_GROUPS)[number];

/**
 * One row per segment, columns by group: deep [K], color [2C] (mean of each Lab channel, then standard deviation of
 * each), position [2] (centroid y / H, x / W), size [1] (log of the share of the image).
 */
export interface Descriptors {
  /** [rows, dims]. */
  data: Float32Array;
  rows: number;
  dims: number;
  /** Columns in each group. */
  groups: Record<DescriptorGroup, number>;
  /** Rows of image i: offsets[i] .. offsets[i + 1]; [N + 1]. */
  offsets: Int32Array;
}

/**
 * Descriptors of the segments of a set of images, image after image. A large set can be described batch by batch and
 * joined with `concatDescriptors`, so that its feature maps need not all be in memory.
 *
 * @param images [N, C, H, W], sRGB or grey, 0..255
 * @param segmentations N of them
 * @param features feature maps [N, K, h, w] of each stage; none if omitted
 * @throws RangeError if images, segmentations and features do not fit together
 */
export function describeImages(
  images: Uint8Array | Float32Array,
  shape: ImageShape,
  segmentations: readonly Segmentation[],
  features: readonly FeatureMaps[] = [],
): Descriptors {
  const pixels = shape.channels * shape.height * shape.width;
  const count = segmentations.length;
  const deep = features.reduce((sum, stage) => sum + stage.channels, 0);
  if (images.length !== count * pixels) {
    throw new RangeError(
      `describeImages: images have the wrong length, got ${images.length}, expected ${count * pixels} ([${count}, ${shape.channels}, ${shape.height}, ${shape.width}]).`,
    );
  }
  for (const { data, channels, height, width } of features) {
    const expected = count * channels * height * width;
    if (data.length === expected) continue;
    throw new RangeError(
      `describeImages: features have the wrong length, got ${data.length}, expected ${expected} ([${count}, ${channels}, ${height}, ${width}]).`,
    );
  }
  const groups = descriptorGroups(deep, shape.channels);
  const dims = Object.values(groups).reduce((sum, columns) => sum + columns, 0);
  const offsets = new Int32Array(count + 1);
  segmentations.forEach((segmentation, i) => {
    offsets[i + 1] = offsets[i] + segmentation.count;
  });
  const rows = offsets[count];
  const data = new Float32Array(rows * dims);
  segmentations.forEach((segmentation, i) => {
    checkSegmentation(segmentation, shape);
    const out = rowsBetween(data, offsets[i], offsets[i + 1], dims);
    const image = rowAt<Uint8Array | Float32Array>(images, i, pixels);
    let column = 0;
    for (const stage of features) {
      const maps = rowAt(stage.data, i, stage.channels * stage.height * stage.width);
      poolFeatures(maps, stage, segmentation, out, column);
      column += stage.channels;
    }
    describeAppearance(image, shape, segmentation, out, dims, deep);
  });
  return { data, rows, dims, groups, offsets };
}

/** Columns of each group, in order; `deep` is the number of channels of all feature maps together. */
const descriptorGroups = (deep: number, channels: number) => ({
  ...{ deep, color: 2 * channels, position: 2, size: 1 },
});

/**
 * Joins descriptors of several batches, in order.
 *
 * @throws RangeError if there are none, or their columns differ
 */
export function concatDescriptors(parts: readonly Descriptors[]): Descriptors {
  if (parts.length === 0) {
    throw new RangeError('concatDescriptors: nothing to join, got 0 parts, expected at least 1.');
  }
  const { dims, groups } = parts[0];
  const rows = parts.reduce((sum, part) => sum + part.rows, 0);
  const images = parts.reduce((sum, part) => sum + part.offsets.length - 1, 0);
  const data = new Float32Array(rows * dims);
  const offsets = new Int32Array(images + 1);
  let [row, image] = [0, 0];
  for (const part of parts) {
    if (DESCRIPTOR_GROUPS.some((group) => part.groups[group] !== groups[group])) {
      throw new RangeError(
        `concatDescriptors: columns differ, got ${JSON.stringify(part.groups)}, expected ${JSON.stringify(groups)}.`,
      );
    }
    data.set(part.data, row * dims);
    for (let i = 1; i < part.offsets.length; i++) offsets[++image] = row + part.offsets[i];
    row += part.rows;
  }
  return { data, rows, dims, groups, offsets };
}

/**
 * Step 2 of the method: raw descriptors of all segments, from deep features, colour, position and size. Deep features
 * are those of the last feature map, or of all stages one after another, from the first to the last.
 *
 * @returns `data` [rows, dims], rows image after image; those of image i are offsets[i] .. offsets[i + 1]
 */
export async function describeSplit(
  evaluator: Evaluator,
  split: Split,
  dataset: Pick<Dataset, 'channels' | 'height' | 'width'>,
  segmentations: readonly Segmentation[],
  features: Exclude<MaskSettings['features'], 'none'> = 'stages',
): Promise<Descriptors> {
  const parts: Descriptors[] = [];
  const shape = { dataset, segmentations, features };
  await describeBatches(evaluator, split, shape, (part) => void parts.push(part));
  return concatDescriptors(parts);
}

/** How `describeBatches` describes, as `describeSplit` does. */
export interface SplitShape {
  readonly dataset: Pick<Dataset, 'channels' | 'height' | 'width'>;
  readonly segmentations: readonly Segmentation[];
  readonly features: Exclude<MaskSettings['features'], 'none'>;
}

/** The same, batch by batch. @param visit is told after each batch; what it throws ends the work */
export async function describeBatches(
  evaluator: Evaluator,
  split: Split,
  { dataset: { channels, height, width }, segmentations, features }: SplitShape,
  visit: (part: Descriptors) => void,
): Promise<void> {
  const size = channels * height * width;
  const layers = features === 'stages' ? evaluator.layers : ['last'];
  await evaluator.features(split, layers, (maps, indices) => {
    const [first, count] = [indices[0], indices.length];
    visit(
      describeImages(
        rowsBetween(split.images, first, first + count, size),
        { channels, height, width },
        segmentations.slice(first, first + count),
        maps.map(({ data, shape: [, k, h, w] }) => ({ data, channels: k, height: h, width: w })),
      ),
    );
  });
}

function checkSegmentation(segmentation: Segmentation, shape: ImageShape): void {
  const { height, width, labels } = segmentation;
  if (height !== shape.height || width !== shape.width || labels.length !== height * width) {
    throw new RangeError(
      `describeImages: segmentation has the wrong size, got [${height}, ${width}] (${labels.length} labels), expected [${shape.height}, ${shape.width}].`,
    );
  }
}

/** Fills the columns after the first `deep`: Lab mean and deviation, centroid, log area. */
function describeAppearance(
  image: Uint8Array | Float32Array,
  shape: ImageShape,
  { labels, count }: Segmentation,
  out: Float32Array,
  dims: number,
  deep: number,
): void {
  const { channels, height, width } = shape;
  const size = height * width;
  checkImage('describeImages', image, shape);
  const lab = toLab(image, shape);
  const areas = new Int32Array(count);
  const ys = new Float64Array(count);
  const xs = new Float64Array(count);
  for (let y = 0, p = 0; y < height; y++) {
    for (let x = 0; x < width; x++, p++) {
      const s = labels[p];
      areas[s]++;
      ys[s] += y + 0.5;
      xs[s] += x + 0.5;
    }
  }
  for (let c = 0; c < channels; c++) {
    const means = new Float64Array(count);
    const squares = new Float64Array(count);
    for (let p = 0; p < size; p++) means[labels[p]] += lab[c * size + p];
    for (let s = 0; s < count; s++) means[s] /= areas[s];
    for (let p = 0; p < size; p++)
      squares[labels[p]] += (lab[c * size + p] - means[labels[p]]) ** 2;
    for (let s = 0; s < count; s++) {
      out[s * dims + deep + c] = means[s];
      out[s * dims + deep + channels + c] = Math.sqrt(squares[s] / areas[s]);
    }
  }
  for (let s = 0; s < count; s++) {
    const column = s * dims + deep + 2 * channels;
    out[column] = ys[s] / areas[s] / height;
    out[column + 1] = xs[s] / areas[s] / width;
    out[column + 2] = Math.log(areas[s] / size);
  }
}
