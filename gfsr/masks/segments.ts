// Divides every image of a split into segments: by a regular grid, or by SLIC.

import type { MaskSettings } from '../config/masks.ts';
import { type Dataset, imageAt, type Split } from '../data/dataset.ts';
import { defaultPlaces, defaultSegments, gridSegments, type Segmentation } from './segmentation.ts';
import { slic } from './slic.ts';

/** How images are divided into segments; `segments` 0 = chosen by image size. */
export type SegmentSettings = Pick<MaskSettings, 'segmentation' | 'segments' | 'compactness'>;

/**
 * Step 1 of the method: divides every image of a split into segments.
 *
 * @returns one segmentation per image: `labels` [H·W] of 0 .. count − 1
 */
export function segmentImages(
  split: Split,
  dataset: Dataset,
  settings: SegmentSettings,
): Segmentation[] {
  const divide = segmenter(dataset, settings);
  return Array.from({ length: split.count }, (_, i) => divide(imageAt(split, i)));
}

/** How one image [C, H, W] of a data set is divided into segments. */
export function segmenter(
  { channels, height, width }: Pick<Dataset, 'channels' | 'height' | 'width'>,
  { segmentation, segments, compactness }: SegmentSettings,
): (image: Uint8Array) => Segmentation {
  if (segmentation === 'grid') {
    const places = segments === 0 ? defaultPlaces(height, width) : segments;
    const side = Math.max(1, Math.round(Math.sqrt(places)));
    const grid = gridSegments({ height, width, rows: side, cols: side });
    return () => grid;
  }
  const wanted = segments === 0 ? defaultSegments(height, width) : segments;
  const shape = { channels, height, width };
  return (image) => slic(image, { ...shape, segments: wanted, compactness });
}
