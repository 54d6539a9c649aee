// Mask controls, which show what the masks are worth: the same training with masks that are permuted, random, averaged,
// wrong, incomplete, binarised, not spread, or real. If a gain survives wrong masks, the masks did not cause it.
//
// After the feedback controls of Friedrich et al., "A typology for exploring the mitigation of shortcut behaviour",
// Nature Machine Intelligence 2023 (incomplete, wrong), and Adebayo et al., "Sanity checks for saliency maps", NeurIPS
// 2018 (random). How each mask is made is [ours].

import { Random } from '../../engine/core/random.ts';
import { type Annotations, decidedImages, MARK, saysNothing } from '../annotation/marks.ts';
import type { MaskSettings } from '../config/masks.ts';
import type { Dataset } from '../data/dataset.ts';
import { areaResize } from '../image/area-resize.ts';
import { gaussianBlur } from '../image/gaussian-blur.ts';
import { rowAt } from '../image/rows.ts';
import { segmentEvidence } from './evidence.ts';
import type { RelevanceMasks } from './masks.ts';
import { segmentImages } from './segments.ts';
import { softMask } from './soft-mask.ts';

/** `none`: the masks as they are. The others are explained where they are made. */
export type MaskControl = (typeof MASK_CONTROLS)[number];
export const MASK_CONTROLS = [
  'none',
  'permuted',
  'random',
  'mean',
  'wrong',
  'incomplete',
  'binarised',
  'annotated-only',
  'oracle',
] as const;

/** The controls that change masks which were spread from annotations. */
export type MaskChange = Exclude<MaskControl, 'none' | 'annotated-only' | 'oracle'>;

type Size = readonly [number, number];

/** Changes one mask; `random` is the image's own stream. */
const CHANGES: Readonly<
  Record<
    Exclude<MaskChange, 'permuted' | 'mean'>,
    (mask: Float32Array, size: Size, random: Random) => Float32Array
  >
> = {
  /** The same relevance values, placed in the order of smooth noise: neither area nor softness changes. */
  random: (mask, [height, width], random) => {
    const noise = Float32Array.from(mask, () => random.normal());
    const smooth = gaussianBlur(noise, height, width, Math.sqrt(height * width) / 10);
    const places = Array.from(smooth.keys()).sort((a, b) => smooth[a] - smooth[b]);
    const sorted = mask.slice().sort();
    const out = new Float32Array(mask.length);
    places.forEach((place, rank) => {
      out[place] = sorted[rank];
    });
    return out;
  },
  /** 1 − M: relevant places are forbidden. */
  wrong: (mask) => mask.map((m) => 1 - m),
  /** Removes the relevance on one side of its own centre: left, right, upper or lower half. */
  incomplete: (mask, [, width], random) => {
    const side = Math.floor(random.uniform() * 4);
    const along = (p: number) => (side < 2 ? p % width : Math.floor(p / width));
    let [total, moment] = [0, 0];
    mask.forEach((m, p) => {
      total += m;
      moment += m * along(p);
    });
    const center = moment / total;
    return mask.map((m, p) => ((side % 2 === 0 ? along(p) < center : along(p) > center) ? 0 : m));
  },
  /** 1 where M is at least half of its largest value. Shows what softness is worth. */
  binarised: (mask) => {
    const half = mask.reduce((most, m) => Math.max(most, m), 0) / 2;
    return mask.map((m) => (half > 0 && m >= half ? 1 : 0));
  },
};

/**
 * The changed masks, image by image. `permuted` gives each guided image the mask of another one, and its weight, which
 * is the confidence in that mask; `mean` gives every guided image their mean mask: what is left if only the usual place
 * is known. Images that are not guided stay so.
 */
export function changeMasks(
  masks: RelevanceMasks,
  change: MaskChange,
  seed: number | string,
): RelevanceMasks {
  const { height, width, weights } = masks;
  const area = height * width;
  const maskOf = (i: number) => rowAt(masks.masks, i, area);
  const random = new Random(seed, `mask control ${change}`);
  const out = new Float32Array(masks.masks.length);
  const guided = [...weights.keys()].filter((i) => weights[i] > 0);
  if (change === 'permuted') {
    const from = Uint32Array.from(weights.keys());
    derangement(guided.length, random).forEach((other, i) => {
      from[guided[i]] = guided[other];
    });
    from.forEach((other, i) => {
      out.set(maskOf(other), i * area);
    });
    return { ...masks, masks: out, weights: Float32Array.from(from, (other) => weights[other]) };
  }
  if (change === 'mean') {
    const mean = new Float32Array(area);
    for (const i of guided) {
      for (const [p, m] of maskOf(i).entries()) mean[p] += m / guided.length;
    }
    for (const i of guided) out.set(mean, i * area);
    return { ...masks, masks: out };
  }
  for (let i = 0; i < weights.length; i++) {
    const changed = CHANGES[change](maskOf(i), [height, width], random.split(`image ${i}`));
    out.set(changed, i * area);
  }
  return { ...masks, masks: out };
}

/** A random order in which nothing stays in place (except a single element): one cycle through all. */
function derangement(count: number, random: Random): Uint32Array {
  const order = random.permutation(count);
  const from = new Uint32Array(count);
  order.forEach((image, k) => {
    from[image] = order[(k + 1) % count];
  });
  return from;
}

/**
 * `annotated-only`: no propagation. On annotated images the marked part is relevant and the rest is not (or, if all
 * marks are negative, the reverse). Other images, those with nothing but "don't know", and those on which nothing is
 * relevant, are not guided.
 *
 * @throws RangeError if there are only such images
 */
export function annotatedMasks(
  dataset: Dataset,
  annotations: Annotations,
  settings: MaskSettings,
  [height, width]: Size,
): RelevanceMasks {
  const { train } = dataset;
  const area = height * width;
  const masks = new Float32Array(train.count * area);
  const weights = new Float32Array(train.count);
  const segmentations = segmentImages(train, dataset, settings);
  const decided = decidedImages(annotations);
  if (decided.size === 0) {
    throw new RangeError(
      'control annotated-only: no mark says what is relevant or irrelevant, expected at least one that is not "don\'t know".',
    );
  }
  const guided = [...decided].filter(([, planes]) => !saysNothing(planes));
  if (guided.length === 0) {
    throw new RangeError(
      `control annotated-only: nothing is relevant on all ${decided.size} annotated images, expected at least one mark of what is relevant. Leave this control out.`,
    );
  }
  for (const [image, planes] of guided) {
    const { y, decided: said } = segmentEvidence(segmentations[image], planes);
    const positive = planes.some((plane) => plane.includes(MARK.positive));
    const relevance = positive ? y : y.map((value, s) => (said[s] === 1 ? value : 1));
    const options = { sigma: settings.sigma, planes, size: [height, width] as const };
    masks.set(softMask(segmentations[image], relevance, options), image * area);
    weights[image] = 1;
  }
  const segments = segmentations.reduce((sum, { count }) => sum + count, 0);
  return { ...described(masks, weights, [height, width]), annotated: decided.size, segments };
}

/**
 * `oracle`: the real masks of all training images that have one. The others, and those whose mask is empty, are not
 * guided.
 *
 * @throws RangeError if there are only such images
 */
export function realMasks({ train, name, height, width }: Dataset, size: Size): RelevanceMasks {
  if (!train.masks || train.masks.size === 0) {
    throw new RangeError(
      `control oracle: ${name} has no real masks of its training images, expected at least one. Leave this control out.`,
    );
  }
  const area = size[0] * size[1];
  const masks = new Float32Array(train.count * area);
  const weights = new Float32Array(train.count);
  for (const [image, mask] of train.masks) {
    if (!mask.includes(1)) continue;
    masks.set(areaResize(Float32Array.from(mask), [height, width], size), image * area);
    weights[image] = 1;
  }
  if (!weights.includes(1)) {
    throw new RangeError(
      `control oracle: all ${train.masks.size} real masks of ${name}'s training images are empty, expected one that is not. Leave this control out.`,
    );
  }
  return { ...described(masks, weights, size), annotated: train.masks.size, segments: 0 };
}

function described(masks: Float32Array, weights: Float32Array, [height, width]: Size) {
  const guided = weights.reduce((sum, w) => sum + w, 0) * height * width;
  const meanRelevance = masks.reduce((sum, m) => sum + m, 0) / guided;
  return { masks, weights, height, width, meanRelevance };
}
