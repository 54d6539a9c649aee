// What is measured about the saliency of a split, at the resolution of its images: alignment, reliance, empty maps.

import type { Split } from '../data/dataset.ts';
import { bilinearResize } from '../image/bilinear-resize.ts';
import { rowAt } from '../image/rows.ts';
import type { Explanations } from './evaluator.ts';
import { type Aggregate, ALIGNMENT_METRICS, aggregate, emptiness } from './metrics/alignment.ts';
import {
  aggregateShares,
  type ShortcutSaliency,
  type ShortcutShare,
  shortcutShare,
} from './metrics/reliance.ts';

/** Shares of the images whose map says nothing, among all images, with or without a mask. */
export interface UninformativeMaps {
  /** Zero everywhere (ΣS⁺ < 1e-7). Such a map scores 0 where energies are measured, so a mean hides it. */
  readonly empty: number;
  /** The same everywhere, but not zero. */
  readonly constant: number;
}

/** Figures of a split's saliency maps. */
export interface SaliencyQuality {
  /** Against real masks, if the split has any: each metric's mean over images. Empty masks are `skipped`. */
  readonly alignment?: Readonly<Record<string, Aggregate>>;
  /** Share of |saliency| on the planted shortcut, and that share relative to its share of the area. */
  readonly shortcut?: ShortcutSaliency;
  readonly uninformative: UninformativeMaps;
}

/** What is measured about the saliency map of each image of a split. */
export interface MeasuredMaps {
  /** Images with a mask. */
  readonly masked: readonly number[];
  /** By metric, in the order of `masked`; NaN where a mask is empty. */
  readonly alignment: Readonly<Record<string, Float64Array>>;
  readonly shares: readonly ShortcutShare[];
  readonly uninformative: UninformativeMaps;
}

/**
 * Measures maps against the masks and planted shortcuts of their images. Maps are upsampled bilinearly (as PyTorch's
 * align_corners = false); masks are taken as they are, so no small one is lost.
 *
 * @param explained all images of the split, in order
 * @param size [height, width] of the images
 */
export function measureMaps(
  { maps, height, width }: Explanations,
  { count, masks, shortcut }: Split,
  size: readonly [number, number],
): MeasuredMaps {
  const metrics = Object.entries(ALIGNMENT_METRICS);
  const masked = Array.from({ length: count }, (_, i) => i).filter((image) => masks?.has(image));
  const aligned = metrics.map(() => new Float64Array(masked.length));
  const shares: ShortcutShare[] = [];
  const silent = { empty: 0, constant: 0 };
  let at = 0;
  for (let image = 0; image < count; image++) {
    const map = bilinearResize(rowAt(maps, image, height * width), [height, width], size);
    const mask = masks?.get(image);
    if (mask) {
      for (const [i, [, metric]] of metrics.entries()) aligned[i][at] = metric(map, mask);
      at++;
    }
    if (shortcut) shares.push(shortcutShare(map, rowAt(shortcut, image, size[0] * size[1])));
    const says = emptiness(map);
    if (says) silent[says]++;
  }
  return {
    ...{ masked, shares },
    alignment: Object.fromEntries(metrics.map(([name], i) => [name, aligned[i]])),
    uninformative: { empty: silent.empty / count, constant: silent.constant / count },
  };
}

/** The figures of a split from those of its images. */
export function saliencyQuality(
  { alignment, shares, uninformative }: MeasuredMaps,
  { masks, shortcut }: Split,
): SaliencyQuality {
  const means = Object.entries(alignment).map(([name, values]) => [name, aggregate(values)]);
  return {
    ...(masks && { alignment: Object.fromEntries(means) }),
    ...(shortcut && { shortcut: aggregateShares(shares) }),
    uninformative,
  };
}
