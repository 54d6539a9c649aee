// Concepts as cards: which segments show them best, pictures of those, and their relevance in the masks.

import { MARK, MARK_COLORS } from '../../gfsr/annotation/marks.ts';
import { encodeRunLengths } from '../../gfsr/annotation/raster.ts';
import { imageAt, type Split } from '../../gfsr/data/dataset.ts';
import { conceptPlaces, nearestConcepts } from '../../gfsr/masks/concept-summary.ts';
import type { PreparedSegments } from '../../gfsr/masks/prepare.ts';
import type { Segmentation } from '../../gfsr/masks/segmentation.ts';
import { type ConceptCard, SIDE } from './concept-calls.ts';

/** Number of pictures of a concept. */
const EXAMPLES = 6;
/** Brightness outside of the segment. */
const DARK = 0.55;
/** Of the segment's edge. */
const EDGE = MARK_COLORS[MARK.positive];

/** One card per concept that has any segment, the largest concept first. */
export function conceptCards(
  train: Split,
  { segmentations, segments }: PreparedSegments,
): ConceptCard[] {
  const { clustering, h, offsets } = segments;
  if (!clustering) return [];
  return conceptPlaces(clustering.concepts, { h, q: clustering.q, offsets }, EXAMPLES)
    .map(({ segments, examples }, concept) => ({
      concept,
      key: examples.slice(0, 1).map((each) => `${train.ids[each.image]} ${each.segment}`)[0] ?? '',
      segments,
      examples: examples.map(({ image, segment }) => {
        const { labels, height, width } = segmentations[image];
        const plane = Uint8Array.from(labels, (label) => Number(label === segment));
        const mask = encodeRunLengths(plane, height, width);
        const bytes = imageAt(train, image);
        return { image, mask, pixels: picture(bytes, segmentations[image], segment) };
      }),
    }))
    .filter(({ examples }) => examples.length > 0)
    .sort((a, b) => b.segments - a.segments);
}

/**
 * Mean relevance of each concept's segments, [K]; 0 for a concept without any.
 *
 * @param mask relevance of all segments, [rows]
 */
export function conceptRelevance(
  { segments: { clustering } }: PreparedSegments,
  mask: Float32Array,
): Float32Array {
  if (!clustering) return new Float32Array(0);
  const { clusters } = clustering.concepts;
  const sums = new Float32Array(clusters);
  const counts = new Int32Array(clusters);
  nearestConcepts(clustering.q, clusters).forEach((k, s) => {
    sums[k] += mask[s];
    counts[k]++;
  });
  return sums.map((sum, k) => sum / Math.max(1, counts[k]));
}

/** An image in the middle of a square, with one of its segments outlined. */
function picture(
  bytes: Uint8Array,
  { labels, height, width }: Segmentation,
  segment: number,
): Uint8ClampedArray<ArrayBuffer> {
  const area = height * width;
  const isGrey = bytes.length === area;
  const side = Math.max(height, width);
  const [top, left] = [(height - side) / 2, (width - side) / 2];
  const at = (row: number, column: number) => {
    const y = Math.floor(top + ((row + 0.5) * side) / SIDE);
    const x = Math.floor(left + ((column + 0.5) * side) / SIDE);
    return y < 0 || x < 0 || y >= height || x >= width ? -1 : y * width + x;
  };
  const isInside = (row: number, column: number) => labels[at(row, column)] === segment;
  const out = new Uint8ClampedArray(4 * SIDE * SIDE);
  for (let row = 0; row < SIDE; row++) {
    for (let column = 0; column < SIDE; column++) {
      const p = at(row, column);
      const inside = isInside(row, column);
      const isEdge = [-1, 1].some(
        (by) => inside !== isInside(row + by, column) || inside !== isInside(row, column + by),
      );
      for (let c = 0; c < 3; c++) {
        const value = p < 0 ? 0 : bytes[(isGrey ? 0 : c) * area + p];
        out[4 * (row * SIDE + column) + c] = isEdge ? EDGE[c] : value * (inside ? 1 : DARK);
      }
      out[4 * (row * SIDE + column) + 3] = 255;
    }
  }
  return out;
}
