// How much a classifier relies on a shortcut: the cost of removing or inverting it, and how much saliency lies on it.
//
// Source: Ross et al., "Right for the Right Reasons", IJCAI 2017 (a decoy that misleads at test time); Adebayo et al.,
// "Post hoc explanations may be ineffective for detecting unknown spurious correlation", ICLR 2022 (present against
// absent).

import { accuracy } from '../../../model/metrics.ts';
import { type Aggregate, aggregate, relevanceMass } from './alignment.ts';

/** Predicted and true classes of one test set, each [N]. */
export interface PredictedLabels {
  predicted: ArrayLike<number>;
  labels: ArrayLike<number>;
}

/** The same test images with the shortcut as in training, without it, and with it pointing to a wrong class. */
export interface ShortcutConditions {
  present: PredictedLabels;
  absent?: PredictedLabels;
  misleading?: PredictedLabels;
}

/** What a planted shortcut is worth to a classifier, in accuracy. */
export interface ShortcutReliance {
  /** Accuracies; NaN for a condition that was not tested. */
  present: number;
  absent: number;
  misleading: number;
  /** present − absent: the gain from the shortcut. */
  absentDrop: number;
  /** present − misleading: the cost of following it. */
  misleadingDrop: number;
}

/**
 * Accuracy under each condition, and the drop from the condition with the shortcut present.
 *
 * @throws RangeError if predictions and labels of a condition differ in length
 */
export function shortcutReliance(conditions: ShortcutConditions): ShortcutReliance {
  const score = (p?: PredictedLabels): number => (p ? accuracy(p.predicted, p.labels) : Number.NaN);
  const present = score(conditions.present);
  const absent = score(conditions.absent);
  const misleading = score(conditions.misleading);
  return {
    present,
    absent,
    misleading,
    absentDrop: present - absent,
    misleadingDrop: present - misleading,
  };
}

/** How much saliency lies on a planted shortcut. */
export interface ShortcutSaliency {
  /** Σ|S|R / Σ|S|, with the region R, over the images. */
  readonly share: Aggregate;
  /** Share divided by the region's share of the area: 1 = no more than chance. */
  readonly lift: Aggregate;
}

/**
 * Share of the saliency that lies on the shortcut, over a set of images. It uses |S|, since a net often uses a shortcut
 * as evidence against the other classes. A dead map counts as 0. Images without the shortcut (empty region) are counted
 * and left out.
 *
 * @param saliencies N maps [H·W]
 * @param regions N masks [H·W] in [0, 1]; 1 = the shortcut
 * @throws RangeError if numbers or sizes differ, or if a value is out of range
 */
export function shortcutSaliency(
  saliencies: readonly ArrayLike<number>[],
  regions: readonly ArrayLike<number>[],
): ShortcutSaliency {
  if (saliencies.length !== regions.length) {
    throw new RangeError(
      `shortcutSaliency: numbers differ, got ${saliencies.length} maps and ${regions.length} regions, expected equal numbers.`,
    );
  }
  return aggregateShares(saliencies.map((saliency, i) => shortcutShare(saliency, regions[i])));
}

/** Share of |S| on the region of one image, and that share over the region's share of the area. */
export interface ShortcutShare {
  readonly share: number;
  readonly lift: number;
}

/** Of one image; NaN where the region is empty. @throws RangeError if sizes differ, or if a value is out of range */
export function shortcutShare(
  saliency: ArrayLike<number>,
  region: ArrayLike<number>,
): ShortcutShare {
  const share = relevanceMass(saliency, region);
  let area = 0;
  for (let p = 0; p < region.length; p++) area += region[p];
  return { share, lift: share / (area / region.length) };
}

/** Means over images. */
export const aggregateShares = (all: readonly ShortcutShare[]): ShortcutSaliency => ({
  share: aggregate(all.map(({ share }) => share)),
  lift: aggregate(all.map(({ lift }) => lift)),
});
