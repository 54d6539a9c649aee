// What the real masks of training images say about segments: what spread relevance is scored against.

import type { Dataset } from '../gfsr/data/dataset.ts';
import type { SegmentEvidence } from '../gfsr/masks/evidence.ts';
import type { PreparedSegments } from '../gfsr/masks/prepare.ts';
import { overSegments } from '../gfsr/masks/spread-quality.ts';

/** Share y of each segment that the real mask covers, on some images that show an object; w is its area. */
export function realRelevance(
  { train }: Pick<Dataset, 'train'>,
  images: Iterable<number>,
  { segmentations, segments: { rows, offsets } }: PreparedSegments,
): Pick<SegmentEvidence, 'y' | 'w'> {
  const [y, w] = [new Float32Array(rows), new Float32Array(rows)];
  for (const i of images) {
    const mask = train.masks?.get(i);
    if (!mask?.includes(1)) continue;
    y.set(overSegments(Float32Array.from(mask), segmentations[i]), offsets[i]);
    for (const label of segmentations[i].labels) w[offsets[i] + label]++;
  }
  return { y, w };
}
