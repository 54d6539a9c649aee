// What a change of the marks does to the masks: how much to each image, and how many segments cross one half.

import type { Reach } from './mask-calls.ts';

/** The effect of one change. */
export interface MaskChanges {
  /** Mean absolute change of the segments of each image; 0 for the marked one. */
  readonly changes: readonly number[];
  readonly gained: Reach;
  readonly lost: Reach;
}

/**
 * @param offsets segments of image i: offsets[i] … offsets[i + 1]
 * @param before relevance of all segments before the change; absent: 0
 * @param marked the image that is being marked, which does not count
 */
export function changesOf(
  offsets: Int32Array,
  before: Float32Array | undefined,
  after: Float32Array,
  marked: number,
): MaskChanges {
  const [gained, lost] = [
    { segments: 0, images: 0 },
    { segments: 0, images: 0 },
  ];
  const changes: number[] = [];
  for (let i = 0; i + 1 < offsets.length; i++) {
    let [sum, up, down] = [0, 0, 0];
    for (let s = offsets[i]; s < offsets[i + 1]; s++) {
      const from = before ? before[s] : 0;
      sum += Math.abs(after[s] - from);
      if (from < 0.5 && after[s] >= 0.5) up++;
      else if (from >= 0.5 && after[s] < 0.5) down++;
    }
    if (i === marked) [sum, up, down] = [0, 0, 0];
    changes.push(sum / (offsets[i + 1] - offsets[i]));
    gained.segments += up;
    lost.segments += down;
    if (up > 0) gained.images++;
    if (down > 0) lost.images++;
  }
  return { changes, gained, lost };
}
