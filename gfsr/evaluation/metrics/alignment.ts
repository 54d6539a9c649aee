// How well a saliency map agrees with a relevance mask.
//
// Source: Wang et al., "Score-CAM", CVPRW 2020 (energy pointing game); Zhang et al., "Top-down Neural Attention by
// Excitation Backprop", IJCV 2018 (pointing game); Arras et al., "CLEVR-XAI", Information Fusion 2022 (relevance mass
// and rank accuracy); Bylinskii et al., "What do different evaluation metrics tell us about saliency models?", TPAMI
// 2019 (AUC, CC, SIM); Milletari et al., "V-Net", 3DV 2016 (soft Dice). The rules for ties and dead maps are [ours].
//
// Every metric takes a saliency map S and a mask M in [0, 1] with the same number of pixels (1 = relevant) and returns
// a number; S⁺ = max(S, 0). A soft mask weighs its pixels, except where pixels are ranked against a set: that set is
// M > 0.5. An empty mask (ΣM = 0, or no pixel in that set) gives NaN, which `aggregate` counts and leaves out. A dead
// map (ΣS⁺ < 1e-7) scores 0 on energies and overlaps, and chance level where pixels are ranked. It never scores NaN,
// because it must not escape the mean. All metrics throw RangeError if lengths differ, a value of S is not finite, or a
// value of M is not in [0, 1].

import { rocAuc } from '../../../model/metrics.ts';

type Pixels = ArrayLike<number>;

/** A map with a smaller sum counts as dead. */
const DEAD = 1e-7;
/** A soft mask's set of pixels lies above this. */
const SET = 0.5;
/** A map counts as constant if its values differ by less than this share of the largest: rounding alone. */
const FLAT = 1e-6;

/** A map that says nothing: `empty`, ΣS⁺ < 1e-7; `constant`, the same everywhere else. Undefined for all others. */
export function emptiness(saliency: Pixels): 'empty' | 'constant' | undefined {
  let [total, min, max] = [0, Number.POSITIVE_INFINITY, 0];
  for (let p = 0; p < saliency.length; p++) {
    const s = Math.max(saliency[p], 0);
    total += s;
    min = Math.min(min, s);
    max = Math.max(max, s);
  }
  if (total < DEAD) return 'empty';
  return max - min < FLAT * max ? 'constant' : undefined;
}

/** EPG = ΣS⁺M / ΣS⁺, in [0, 1]; 0 on a dead map. */
export function energyPointingGame(saliency: Pixels, mask: Pixels): number {
  if (isEmpty('energyPointingGame', saliency, mask)) return Number.NaN;
  let [inside, total] = [0, 0];
  for (let p = 0; p < mask.length; p++) {
    const s = Math.max(saliency[p], 0);
    inside += s * mask[p];
    total += s;
  }
  return total < DEAD ? 0 : inside / total;
}

/** EPG − mean(M). EPG alone favours large masks; with this correction a uniform map scores 0. */
export function energyGain(saliency: Pixels, mask: Pixels): number {
  let area = 0;
  for (let p = 0; p < mask.length; p++) area += mask[p];
  return energyPointingGame(saliency, mask) - area / mask.length;
}

/**
 * Intersection over union ΣAM / Σ max(A, M), with A = 1 where S⁺, scaled to [0, 1] by its minimum and maximum, is above
 * the threshold; 0 on a constant map.
 */
export function iou(saliency: Pixels, mask: Pixels, threshold = 0.5): number {
  return iouSweep(saliency, mask, [threshold])[0];
}

/** Thresholds of the sweep: 0.05, 0.1, … 0.95. */
export const IOU_THRESHOLDS: readonly number[] = Array.from({ length: 19 }, (_, i) => (i + 1) / 20);

/** IoU at each threshold, in order. */
export function iouSweep(
  saliency: Pixels,
  mask: Pixels,
  thresholds: readonly number[] = IOU_THRESHOLDS,
): Float64Array {
  const empty = isEmpty('iou', saliency, mask);
  const scaled = minMax(saliency);
  return Float64Array.from(thresholds, (threshold) => {
    if (empty) return Number.NaN;
    let [both, either] = [0, 0];
    for (let p = 0; p < mask.length; p++) {
      const above = scaled[p] > threshold;
      if (above) both += mask[p];
      either += above ? 1 : mask[p];
    }
    return both / either;
  });
}

/** M at the highest S: 1 if it lies in the mask, else 0. If several pixels are highest, their mean. */
export function pointingGame(saliency: Pixels, mask: Pixels): number {
  if (isEmpty('pointingGame', saliency, mask)) return Number.NaN;
  let [highest, tied, inside] = [Number.NEGATIVE_INFINITY, 0, 0];
  for (let p = 0; p < mask.length; p++) {
    if (saliency[p] > highest) [highest, tied, inside] = [saliency[p], 0, 0];
    if (saliency[p] < highest) continue;
    tied++;
    inside += mask[p];
  }
  return inside / tied;
}

/** Relevance rank accuracy |top-|M| ∩ M| / |M|, M > 0.5. Pixels tied for the last places count by their share. */
export function relevanceRankAccuracy(saliency: Pixels, mask: Pixels): number {
  if (isEmpty('relevanceRankAccuracy', saliency, mask, SET)) return Number.NaN;
  const size = countInside(mask);
  return topHits(saliency, mask, size) / size;
}

/**
 * Relevance mass accuracy Σ|S|M / Σ|S|; 0 on a dead map. [ours] With |S| it also counts evidence against the
 * class, which EPG's S⁺ cannot see. Equal to EPG for S ≥ 0.
 */
export function relevanceMass(saliency: Pixels, mask: Pixels): number {
  if (isEmpty('relevanceMass', saliency, mask)) return Number.NaN;
  let [inside, total] = [0, 0];
  for (let p = 0; p < mask.length; p++) {
    const s = Math.abs(saliency[p]);
    inside += s * mask[p];
    total += s;
  }
  return total < DEAD ? 0 : inside / total;
}

/** ROC-AUC of S as a detector of the pixels with M > 0.5. Also NaN if the mask is the whole image. */
export function pixelAuc(saliency: Pixels, mask: Pixels): number {
  if (isEmpty('pixelAuc', saliency, mask, SET)) return Number.NaN;
  return rocAuc(
    saliency,
    Array.from(mask, (m) => m > SET),
  );
}

/** Pearson correlation of S and M in [-1, 1]; 0 on a constant map, NaN also on a constant mask. */
export function pearson(saliency: Pixels, mask: Pixels): number {
  if (isEmpty('pearson', saliency, mask)) return Number.NaN;
  const n = mask.length;
  let [meanS, meanM] = [0, 0];
  for (let p = 0; p < n; p++) {
    meanS += saliency[p] / n;
    meanM += mask[p] / n;
  }
  let [ss, mm, sm] = [0, 0, 0];
  for (let p = 0; p < n; p++) {
    const [s, m] = [saliency[p] - meanS, mask[p] - meanM];
    ss += s * s;
    mm += m * m;
    sm += s * m;
  }
  if (isConstant(mask)) return Number.NaN;
  if (isConstant(saliency)) return 0;
  return sm / Math.sqrt(ss * mm);
}

/** SIM = Σ min(S⁺ / ΣS⁺, M / ΣM), the overlap of two distributions, in [0, 1]; 0 on a dead map. */
export function similarity(saliency: Pixels, mask: Pixels): number {
  if (isEmpty('similarity', saliency, mask)) return Number.NaN;
  let [sumS, sumM] = [0, 0];
  for (let p = 0; p < mask.length; p++) {
    sumS += Math.max(saliency[p], 0);
    sumM += mask[p];
  }
  if (sumS < DEAD) return 0;
  let sum = 0;
  for (let p = 0; p < mask.length; p++) {
    sum += Math.min(Math.max(saliency[p], 0) / sumS, mask[p] / sumM);
  }
  return sum;
}

/** Soft Dice 2 ΣŜM / (ΣŜ² + ΣM²) with Ŝ = S⁺ / max S⁺: 1 only if Ŝ = M, also for soft M; 0 on a dead map. */
export function softDice(saliency: Pixels, mask: Pixels): number {
  if (isEmpty('softDice', saliency, mask)) return Number.NaN;
  let [max, total] = [0, 0];
  for (let p = 0; p < mask.length; p++) {
    max = Math.max(max, saliency[p]);
    total += Math.max(saliency[p], 0);
  }
  if (total < DEAD) return 0;
  let [product, squares] = [0, 0];
  for (let p = 0; p < mask.length; p++) {
    const s = Math.max(saliency[p], 0) / max;
    product += s * mask[p];
    squares += s * s + mask[p] * mask[p];
  }
  return (2 * product) / squares;
}

/** All metrics that are single numbers, by their names in reports. A metric added here is also reported. */
export const ALIGNMENT_METRICS = {
  epg: energyPointingGame,
  epgGain: energyGain,
  iou: (saliency: Pixels, mask: Pixels) => iou(saliency, mask),
  /** Mean over the sweep, so that no choice of a threshold matters. */
  iouSweep: (saliency: Pixels, mask: Pixels) =>
    iouSweep(saliency, mask).reduce((sum, value) => sum + value, 0) / IOU_THRESHOLDS.length,
  pointingGame,
  relevanceRank: relevanceRankAccuracy,
  relevanceMass,
  pixelAuc,
  pearson,
  sim: similarity,
  softDice,
} as const;

/** Mean and spread of one figure over images. */
export interface Aggregate {
  mean: number;
  /** Sample standard deviation (n − 1); NaN for fewer than two values. */
  sd: number;
  /** Number of values counted. */
  count: number;
  /** Number of values left out because they are NaN. */
  skipped: number;
}

/** Mean and standard deviation of the values that are not NaN. NaN values are counted and left out. */
export function aggregate(values: ArrayLike<number>): Aggregate {
  const numbers = Array.from(values).filter((v) => !Number.isNaN(v));
  const count = numbers.length;
  const mean = numbers.reduce((sum, v) => sum + v, 0) / count;
  const squares = numbers.reduce((sum, v) => sum + (v - mean) ** 2, 0);
  const sd = count < 2 ? Number.NaN : Math.sqrt(squares / (count - 1));
  return { mean, sd, count, skipped: values.length - count };
}

/** Checks the pair. Returns true if no pixel of the mask lies above `level`. */
function isEmpty(where: string, saliency: Pixels, mask: Pixels, level = 0): boolean {
  if (saliency.length !== mask.length) {
    throw new RangeError(
      `${where}: sizes differ, got a saliency of ${saliency.length} pixels and a mask of ${mask.length}, expected equal sizes. Resize the saliency with bilinearResize.`,
    );
  }
  let empty = true;
  for (let p = 0; p < mask.length; p++) {
    if (!Number.isFinite(saliency[p])) {
      throw new RangeError(
        `${where}: bad saliency at pixel ${p}, got ${saliency[p]}, expected a finite number. The network has diverged.`,
      );
    }
    if (!(mask[p] >= 0 && mask[p] <= 1)) {
      throw new RangeError(`${where}: bad mask at pixel ${p}, got ${mask[p]}, expected [0, 1].`);
    }
    if (mask[p] > level) empty = false;
  }
  return empty;
}

function countInside(mask: Pixels): number {
  let n = 0;
  for (let p = 0; p < mask.length; p++) if (mask[p] > SET) n++;
  return n;
}

function isConstant(values: Pixels): boolean {
  for (let p = 1; p < values.length; p++) if (values[p] !== values[0]) return false;
  return true;
}

/** S⁺ scaled to [0, 1]; all 0 if it is constant. */
function minMax(saliency: Pixels): Float64Array {
  const positive = Float64Array.from(saliency, (s) => Math.max(s, 0));
  const min = positive.reduce((a, b) => Math.min(a, b), Number.POSITIVE_INFINITY);
  const max = positive.reduce((a, b) => Math.max(a, b), 0);
  return positive.map((s) => (max > min ? (s - min) / (max - min) : 0));
}

/**
 * How many of the `size` highest pixels lie in the mask. Pixels tied at the last place share the remaining places: the
 * mean over all ways to break the tie, so that the order of pixels never matters.
 */
function topHits(saliency: Pixels, mask: Pixels, size: number): number {
  const last = Float64Array.from(saliency).sort()[saliency.length - size];
  let [above, hits, tied, tiedHits] = [0, 0, 0, 0];
  for (let p = 0; p < mask.length; p++) {
    const inside = mask[p] > SET ? 1 : 0;
    if (saliency[p] > last) {
      above++;
      hits += inside;
    } else if (saliency[p] === last) {
      tied++;
      tiedHits += inside;
    }
  }
  return hits + ((size - above) * tiedHits) / tied;
}
