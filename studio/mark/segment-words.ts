// What screen readers say of a segment.

import type { Stroke } from '../../gfsr/annotation/annotations.ts';
import type { SegmentMap } from './segment-map.ts';
import { SIGN_WORDS, signOf } from './strokes.ts';

/**
 * "segment 14 of 70, upper left, relevance 0.8, not marked".
 *
 * @param strokes of the image
 * @param relevance of each pixel, [H·W] in [0, 1]; absent if it is not known
 */
export function segmentWords(
  map: SegmentMap,
  segment: number,
  strokes: readonly Stroke[],
  relevance: Float32Array | undefined,
): string {
  const { height, width } = map.segmentation;
  const plane = map.plane(segment);
  const sign = signOf(strokes, plane, [height, width]);
  return [
    `segment ${segment + 1} of ${map.count}`,
    map.place(segment),
    ...(relevance ? [`relevance ${meanWithin(plane, relevance).toFixed(1)}`] : []),
    sign ? SIGN_WORDS[sign] : 'not marked',
  ].join(', ');
}

function meanWithin(plane: Uint8Array, values: Float32Array): number {
  let [sum, count] = [0, 0];
  for (let p = 0; p < plane.length; p++) {
    sum += plane[p] * values[p];
    count += plane[p];
  }
  return sum / count;
}
