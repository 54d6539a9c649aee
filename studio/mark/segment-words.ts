// What screen readers say of a segment.

import type { Stroke } from '../../gfsr/annotation/annotations.ts';
import type { SegmentMap } from './segment-map.ts';
import { SIGN_WORDS, signOf } from './strokes.ts';

/**
 * "segment 14 of 70, upper left, relevance 0.8, not marked".
 *
 * @param strokes of the image
 * @param relevance of its segments, in [0, 1]; left out if it is not known, or of other segments
 */
export function segmentWords(
  map: SegmentMap,
  segment: number,
  strokes: readonly Stroke[],
  relevance: Float32Array | undefined,
): string {
  const { height, width } = map.segmentation;
  const sign = signOf(strokes, map.plane(segment), [height, width]);
  const known = relevance?.length === map.count ? relevance : undefined;
  return [
    `segment ${segment + 1} of ${map.count}`,
    map.place(segment),
    ...(known ? [`relevance ${known[segment].toFixed(1)}`] : []),
    sign ? SIGN_WORDS[sign] : 'not marked',
  ].join(', ');
}
