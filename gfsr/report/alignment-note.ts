// How saliency was compared with masks, in sentences that stand beside every table with such figures.

import type { Evaluation } from '../evaluation/evaluate.ts';

/** Number of images with a mask in the mean, and of those left out because their mask is empty. */
export interface MaskCounts {
  readonly counted: number | string;
  readonly empty: number | string;
}

/** `8×8` for [8, 8]. */
const shown = ([height, width]: readonly [number, number]): string => `${height}×${width}`;

/** @param masks of the images; absent where alignment was not measured */
export function alignmentNote(
  { mapSize, imageSize }: Pick<Evaluation, 'mapSize' | 'imageSize'>,
  masks?: MaskCounts,
): string {
  const same = shown(mapSize) === shown(imageSize);
  return [
    same
      ? `Saliency is measured at the resolution of the images, ${shown(imageSize)}.`
      : `Saliency of ${shown(mapSize)} is upsampled bilinearly (align_corners = false) to the images' ${shown(imageSize)}.`,
    ...(masks
      ? [
          'Masks are taken as they are; IoU cuts the saliency at half of its range.',
          `Images with a mask: ${masks.counted}; left out because the mask is empty: ${masks.empty}.`,
        ]
      : []),
  ].join(' ');
}

/** The note on one split of an evaluation. */
export function describeAlignment(evaluation: Evaluation, split: 'val' | 'test'): string {
  const epg = evaluation[split].alignment?.epg;
  return alignmentNote(evaluation, epg && { counted: epg.count, empty: epg.skipped });
}
