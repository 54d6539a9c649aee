// Whether a saliency map shows what the classifier uses: the probability of the class while pixels are removed or
// restored in the order of their saliency.
//
// Source: Petsiuk et al., "RISE", BMVC 2018 (insertion, deletion); Rong et al., ROAD, ICML 2022 (MoRF, LeRF). The
// number of steps, the blur and the tie-breaking are [ours].

import { Random } from '../../../engine/core/random.ts';
import { imageAt, type Split } from '../../data/dataset.ts';
import { bilinearResize } from '../../image/bilinear-resize.ts';
import { gaussianBlur } from '../../image/gaussian-blur.ts';
import { rowAt } from '../../image/rows.ts';
import type { Explanations, Predictor } from '../evaluator.ts';
import { type Aggregate, aggregate } from './alignment.ts';
import { imputeLinear } from './impute.ts';

/** Shares of the pixels that ROAD removes. */
const ROAD_SHARES: readonly number[] = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9];

/** Number of images whose perturbed copies are made and classified at a time. */
const GROUP = 8;

/** Height and width of an image. */
type Size = readonly [number, number];

/** Probability of `labels[i]` on each image of [n, C, H, W], 0 to 255. */
export type Score = (images: Uint8Array, labels: Int32Array) => Promise<ArrayLike<number>>;

/** Pixels from the most to the least salient. Ties are in random order, so that reading order does not matter. */
export function pixelOrder(saliency: ArrayLike<number>, random: Random): Uint32Array {
  return random.permutation(saliency.length).sort((a, b) => saliency[b] - saliency[a]);
}

/** Mean of a curve over [0, 1] at evenly spaced points, by the trapezium rule. */
export function areaUnder(curve: ArrayLike<number>): number {
  let sum = -(curve[0] + curve[curve.length - 1]) / 2;
  for (let i = 0; i < curve.length; i++) sum += curve[i];
  return sum / (curve.length - 1);
}

/** `steps` + 1 images from `from` to `to`. Each step exchanges an equal share of the pixels, in order. */
export function exchanged(
  from: Uint8Array,
  to: Uint8Array,
  order: Uint32Array,
  steps: number,
): Uint8Array[] {
  const area = order.length;
  const image = from.slice();
  return Array.from({ length: steps + 1 }, (_, step) => {
    const [first, last] = [
      Math.round(((step - 1) / steps) * area),
      Math.round((step / steps) * area),
    ];
    for (const p of order.subarray(Math.max(0, first), last)) {
      for (let at = p; at < image.length; at += area) image[at] = to[at];
    }
    return image.slice();
  });
}

/** For each share, the image with that first part of the ordered pixels imputed. */
export function imputed(
  image: Uint8Array,
  order: Uint32Array,
  size: Size,
  random: Random,
  shares = ROAD_SHARES,
): Uint8Array[] {
  return shares.map((share) => {
    const removed = new Uint8Array(order.length);
    for (const p of order.subarray(0, Math.round(share * order.length))) removed[p] = 1;
    return imputeLinear(image, removed, size, { random });
  });
}

/** How pixels are deleted and restored, and in how many steps. */
export interface FaithfulnessOptions {
  /** Value of a deleted pixel, per channel, 0 to 255: the mean of the training images, as in RISE. */
  readonly fill: ArrayLike<number>;
  /** Height and width of the images. */
  readonly size: Size;
  /** Steps of insertion and deletion. Default 20. */
  readonly steps?: number;
  /** Seed of noise and ties. Default 0. */
  readonly seed?: number | string;
}

/** Whether the class depends on the pixels that a map calls salient. */
export interface Faithfulness {
  /** Mean p_c while pixels are deleted, most salient first. Low is faithful. */
  readonly deletion: Aggregate;
  /** Mean p_c while pixels are restored to a blurred image, most salient first. High is faithful. */
  readonly insertion: Aggregate;
  /**
   * (LeRF − MoRF)/2, mean over `ROAD_SHARES`: p_c without the least salient pixels minus p_c without the most salient.
   */
  readonly road: Aggregate;
}

/**
 * Measures the maps of the images at `indices`, for the probability of their true class.
 *
 * @param maps [indices, height, width], in any resolution; resized bilinearly to the images
 */
export async function faithfulness(
  score: Score,
  split: Split,
  { maps, height, width }: Pick<Explanations, 'maps' | 'height' | 'width'>,
  indices: ArrayLike<number>,
  { fill, size, steps = 20, seed = 0 }: FaithfulnessOptions,
): Promise<Faithfulness> {
  const pixels = split.images.length / split.count;
  const area = size[0] * size[1];
  const random = new Random(seed, 'faithfulness');
  const mean = Uint8Array.from({ length: pixels }, (_, p) =>
    Math.round(fill[Math.floor(p / area)]),
  );
  const figures = { deletion: [] as number[], insertion: [] as number[], road: [] as number[] };
  for (let start = 0; start < indices.length; start += GROUP) {
    const members = Array.from(indices).slice(start, start + GROUP);
    const copies = members.flatMap((index, i) => {
      const own = random.split(index);
      const image = imageAt(split, index);
      const map = rowAt(maps, start + i, height * width);
      const order = pixelOrder(bilinearResize(map, [height, width], size), own);
      return [
        ...exchanged(image, mean, order, steps),
        ...exchanged(blurred(image, size), image, order, steps),
        ...imputed(image, order, size, own),
        ...imputed(image, order.slice().reverse(), size, own),
      ];
    });
    const each = copies.length / members.length;
    const labels = Int32Array.from(copies, (_, i) => split.labels[members[Math.floor(i / each)]]);
    const scores = Array.from(await score(joined(copies), labels));
    members.forEach((_, i) => {
      const curve = (from: number, count: number) =>
        scores.slice(i * each + from, i * each + from + count);
      const [points, shares] = [steps + 1, ROAD_SHARES.length];
      figures.deletion.push(areaUnder(curve(0, points)));
      figures.insertion.push(areaUnder(curve(points, points)));
      const [morf, lerf] = [curve(2 * points, shares), curve(2 * points + shares, shares)];
      figures.road.push(lerf.reduce((sum, p, k) => sum + (p - morf[k]) / 2 / shares, 0));
    });
  }
  return {
    deletion: aggregate(figures.deletion),
    insertion: aggregate(figures.insertion),
    road: aggregate(figures.road),
  };
}

/** Scores images with a classifier. */
export const scoreWith =
  (evaluator: Predictor): Score =>
  async (images, labels) => {
    const { probs } = await evaluator.predict({ count: labels.length, images, labels, ids: [] });
    const classes = probs.length / labels.length;
    return Float64Array.from(labels, (label, i) => probs[i * classes + label]);
  };

/** Blurred until no detail is left: σ = side/11, a blur about 11 of 28 pixels wide. */
function blurred(image: Uint8Array, [height, width]: Size): Uint8Array {
  const area = height * width;
  const out = new Uint8Array(image.length);
  for (let at = 0; at < image.length; at += area) {
    const plane = Float32Array.from(image.subarray(at, at + area));
    out.set(gaussianBlur(plane, height, width, Math.min(height, width) / 11).map(Math.round), at);
  }
  return out;
}

function joined(images: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(images.length * images[0].length);
  for (const [i, image] of images.entries()) all.set(image, i * image.length);
  return all;
}
