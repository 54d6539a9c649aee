// Divides every image of a split into segments: by a regular grid, or by SLIC.

import type { MaskSettings } from '../config/masks.ts';
import { type Dataset, imageAt, type Split } from '../data/dataset.ts';
import { StoredPixels } from '../data/pixels.ts';
import { defaultPlaces, defaultSegments, gridSegments, type Segmentation } from './segmentation.ts';
import { slic } from './slic.ts';

const NO_IMAGE = new Uint8Array();

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
  const segment = segmenterOf(split, dataset, settings);
  return Array.from({ length: split.count }, (_, i) => segment(i));
}

/**
 * How an image of a split is divided, by its index. Of images that are not in memory, the labels are not kept either:
 * they are found again whenever they are read.
 */
export function segmenterOf(
  split: Split,
  shape: Pick<Dataset, 'channels' | 'height' | 'width'>,
  settings: SegmentSettings,
): (image: number) => Segmentation {
  const divide = segmenter(shape, settings);
  // A grid is the same on every image, so none is read for it.
  if (settings.segmentation === 'grid') return () => divide(NO_IMAGE);
  const segment = (i: number) => divide(imageAt(split, i));
  if (!(split.images instanceof StoredPixels)) return segment;
  return (i) => {
    const { labels: _, ...found } = segment(i);
    return Object.defineProperty(found, 'labels', {
      get: () => segment(i).labels,
    }) as Segmentation;
  };
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
