// Several classifiers as one: mean prediction, mean saliency, and how far the members differ in both.
//
// Source: Lakshminarayanan et al., "Simple and Scalable Predictive Uncertainty Estimation using Deep Ensembles",
// NeurIPS 2017; Depeweg et al., ICML 2018 (entropy split in two). The spread of saliency is [ours].

import type { Split } from '../../data/dataset.ts';
import type { SaliencyOptions } from '../../guidance/saliency.ts';
import { rowAt } from '../../image/rows.ts';
import type { Explanations, Predictions, Predictor } from '../evaluator.ts';
import { rankCorrelation } from '../metrics/map-similarity.ts';

type Rows = ArrayLike<number>;

/** The mean of the members' probabilities and maps. Each map is first scaled to sum 1, so that all weigh the same. */
export class Ensemble implements Predictor {
  /** The members, in the order given. */
  readonly members: readonly Predictor[];

  /** @throws RangeError for fewer than two members */
  constructor(members: readonly Predictor[]) {
    if (members.length < 2) {
      throw new RangeError(`Ensemble: got ${members.length} members, expected at least 2.`);
    }
    this.members = members;
  }

  /** Mean class probabilities of the images at `indices` (default: all). */
  async predict(split: Split, indices?: ArrayLike<number>): Promise<Predictions> {
    const all = await this.predictEach(split, indices);
    return { probs: meanOf(all.map(({ probs }) => probs)) };
  }

  /** Mean class probabilities and mean saliency. Each map sums to 1. */
  async explain(
    split: Split,
    options: SaliencyOptions,
    indices?: ArrayLike<number>,
  ): Promise<Explanations> {
    const all = await this.explainEach(split, options, indices);
    const [{ height, width }] = all;
    return {
      probs: meanOf(all.map(({ probs }) => probs)),
      maps: meanOf(all.map(({ maps }) => shares(maps, height * width))),
      height,
      width,
    };
  }

  /** The predictions of each member. */
  async predictEach(split: Split, indices?: ArrayLike<number>): Promise<Predictions[]> {
    const all: Predictions[] = [];
    for (const member of this.members) all.push(await member.predict(split, indices));
    return all;
  }

  /** The predictions and maps of each member. @throws RangeError if the maps differ in size */
  async explainEach(
    split: Split,
    options: SaliencyOptions,
    indices?: ArrayLike<number>,
  ): Promise<Explanations[]> {
    const all: Explanations[] = [];
    for (const member of this.members) all.push(await member.explain(split, options, indices));
    const sizes = new Set(all.map(({ height, width }) => `${height}×${width}`));
    if (sizes.size > 1) {
      throw new RangeError(
        `Ensemble: maps differ in size, got ${[...sizes].join(' and ')}, expected a single size. Name a layer of one size.`,
      );
    }
    return all;
  }
}

/** Uncertainty of each image, in nats. */
export interface PredictionSpread {
  /** Entropy of the mean prediction: the total uncertainty. */
  readonly total: Float64Array;
  /** Mean entropy of the members: the uncertainty that all members share. */
  readonly expected: Float64Array;
  /** total − expected, the mutual information: the disagreement of the members. */
  readonly disagreement: Float64Array;
}

/** @param members probabilities [N, classes] of each member. @throws RangeError if lengths differ */
export function predictionSpread(members: readonly Rows[], classes: number): PredictionSpread {
  const total = entropies(meanOf(members), classes);
  const each = members.map((probs) => entropies(probs, classes));
  const expected = Float64Array.from(
    total,
    (_, i) => each.reduce((sum, values) => sum + values[i], 0) / members.length,
  );
  // Below 0 only by rounding, because entropy is concave.
  const disagreement = total.map((value, i) => Math.max(0, value - expected[i]));
  return { total, expected, disagreement };
}

/** How far the maps of an ensemble differ. */
export interface SaliencySpread {
  /** [N, H, W]: standard deviation over the members (n − 1) of the maps, scaled to sum 1. */
  readonly deviation: Float32Array;
  /** [N]: mean rank correlation between two members' maps; NaN if a map is constant. */
  readonly agreement: Float64Array;
}

/** How far the members' maps of the same images differ. @throws RangeError for fewer than two members */
export function saliencySpread(
  members: readonly Pick<Explanations, 'maps' | 'height' | 'width'>[],
): SaliencySpread {
  if (members.length < 2) {
    throw new RangeError(`saliencySpread: got ${members.length} members, expected at least 2.`);
  }
  const [{ height, width }] = members;
  const area = height * width;
  const all = members.map(({ maps }) => shares(maps, area));
  const mean = meanOf(all);
  const deviation = mean.map((value, at) =>
    Math.sqrt(all.reduce((sum, maps) => sum + (maps[at] - value) ** 2, 0) / (all.length - 1)),
  );
  const agreement = Float64Array.from({ length: mean.length / area }, (_, i) => {
    const maps = all.map((values) => rowAt(values, i, area));
    const pairs = maps.flatMap((a, k) => maps.slice(k + 1).map((b) => rankCorrelation(a, b)));
    return pairs.reduce((sum, value) => sum + value, 0) / pairs.length;
  });
  return { deviation, agreement };
}

/** Maps [N · area], each scaled to sum 1. A dead map stays 0. */
function shares(maps: Float32Array, area: number): Float32Array {
  const out = maps.slice();
  for (let start = 0; start < out.length; start += area) {
    const map = out.subarray(start, start + area);
    const total = map.reduce((sum, value) => sum + value, 0);
    if (total > 0) for (let p = 0; p < area; p++) map[p] /= total;
  }
  return out;
}

function meanOf(members: readonly Rows[]): Float32Array {
  const lengths = new Set(members.map(({ length }) => length));
  if (lengths.size !== 1) {
    throw new RangeError(
      `ensemble: members differ in length, got ${[...lengths].join(' and ')}, expected a single length.`,
    );
  }
  return Float32Array.from(
    members[0],
    (_, at) => members.reduce((sum, values) => sum + values[at], 0) / members.length,
  );
}

/** −Σ p ln p of each row, with 0 ln 0 = 0. */
function entropies(probs: Rows, classes: number): Float64Array {
  const out = new Float64Array(probs.length / classes);
  for (let at = 0; at < probs.length; at++) {
    const p = probs[at];
    if (p > 0) out[Math.floor(at / classes)] -= p * Math.log(p);
  }
  return out;
}
