// From a few rough strokes to the relevance of segments.
//
// [paper] Few annotations, without precise boundaries, meet concept clustering in non-binary masks. [ours] θ-touched
// segments, and all rules below.

import {
  type AnnotationPlane,
  type Annotations,
  checkPlane,
  MARK,
  onlyStrikeOut,
} from '../annotation/marks.ts';
import { connectedComponents } from '../image/connected-components.ts';
import type { Descriptors } from './descriptors.ts';
import type { Segmentation } from './segmentation.ts';

/** What the marks on an image say about each of its segments. */
export interface SegmentEvidence {
  /** [count] in [0, 1]: 1 = relevant. Meaningless if w = 0. */
  y: Float32Array;
  /** [count] in [0, 1]: weight of y; 0 = not labelled. */
  w: Float32Array;
  /** [count]: 1 where somebody's mark says relevant or irrelevant; 0 where y is only assumed or not known. */
  decided: Uint8Array;
  /** Whether anyone marked anything on the image. */
  annotated: boolean;
}

/** What the marks say about segments: y and w of each. */
export type SegmentLabels = Pick<SegmentEvidence, 'y' | 'w'>;

export interface SegmentEvidenceOptions {
  /** Share of a segment that a stroke must cover to touch it, in (0, 1]. Default 0.1. */
  theta?: number;
  /** w of untouched segments. Default 0.2. */
  untouched?: number;
  /**
   * Set if nobody marked anything relevant on any image, so that only negative marks are known. The rest of an image
   * then counts as relevant, with the weight `untouched`. Default false.
   */
  strikeOut?: boolean;
}

/**
 * Labels of the segments of one image. A stroke is an 8-connected region of equal marks.
 *
 * A segment is touched by a kind of mark if the mark covers at least θ of it, or [ours] if it holds more of one stroke
 * than any other segment does. (So at least half of it counts, ties count, and a click, a disc far smaller than θ of a
 * segment, is never lost.) For one annotator:
 * - touched positive: y = 1, w = 1; negative: y = 0, w = 1; both: y = the positive share of the two, w = 1;
 * - touched only by "don't know": w = 0;
 * - untouched: y = 0, w = 0.2, since annotation is incomplete. [ours] Only if the annotator marked something positive.
 *   Negative marks alone say nothing about the rest: w = 0, or with `strikeOut` y = 1, w = 0.2.
 *
 * Several annotators [ours]: those without marks are left out. y is the mean weighted by w, and w is their mean times 1
 * − 2·Var(y), which for yes/no answers is the probability that two annotators agree.
 *
 * @param planes one per annotator, each [H·W]
 * @throws RangeError if a plane has another size or holds another value, or if θ is not in (0, 1]
 */
export function segmentEvidence(
  { labels, count, height, width }: Segmentation,
  planes: readonly AnnotationPlane[],
  { theta = 0.1, untouched = 0.2, strikeOut = false }: SegmentEvidenceOptions = {},
): SegmentEvidence {
  if (!(theta > 0 && theta <= 1)) {
    throw new RangeError(`segmentEvidence: bad theta, got ${theta}, expected a number in (0, 1].`);
  }
  const areas = new Int32Array(count);
  for (const label of labels) areas[label]++;
  const y = new Float32Array(count);
  const w = new Float32Array(count);
  const decided = new Uint8Array(count);
  const squares = new Float64Array(count);
  let annotators = 0;
  for (const plane of planes) {
    checkPlane(plane, labels.length);
    if (plane.every((mark) => mark === MARK.none)) continue;
    annotators++;
    const { covered, touched } = touch(plane, labels, areas, theta, height, width);
    const marksRelevant = plane.includes(MARK.positive);
    const leavesRest = strikeOut && plane.includes(MARK.negative);
    const rest = marksRelevant || leavesRest ? untouched : 0;
    const restAnswer = marksRelevant ? 0 : 1;
    for (let s = 0; s < count; s++) {
      const positive = touched[MARK.positive][s] * covered[MARK.positive][s];
      const negative = touched[MARK.negative][s] * covered[MARK.negative][s];
      const isDecided = positive + negative > 0;
      if (!isDecided && touched[MARK.unknown][s]) continue;
      const weight = isDecided ? 1 : rest;
      const answer = isDecided ? positive / (positive + negative) : restAnswer;
      if (isDecided) decided[s] = 1;
      w[s] += weight;
      y[s] += weight * answer;
      squares[s] += weight * answer * answer;
    }
  }
  for (let s = 0; s < count; s++) {
    if (w[s] === 0) continue;
    y[s] /= w[s];
    const variance = Math.max(squares[s] / w[s] - y[s] * y[s], 0);
    w[s] *= (1 - 2 * variance) / annotators;
  }
  return { y, w, decided, annotated: annotators > 0 };
}

/** Evidence of images by their planes: for one who asks again after each mark, and never writes to a plane. */
export type KnownEvidence = WeakMap<
  readonly AnnotationPlane[],
  { readonly strikeOut: boolean; readonly evidence: SegmentEvidence }
>;

/**
 * Step 4 of the method, first half: what the marks say about every segment.
 *
 * @param offsets rows of image i are offsets[i] .. offsets[i + 1]
 * @param known of the same segmentations; what is found is added to it
 * @returns y [rows] in [0, 1] and w [rows] in [0, 1]; segments of images without annotation have w = 0
 */
export function gatherEvidence(
  segmentations: readonly Segmentation[],
  annotations: Annotations,
  { offsets, rows }: Pick<Descriptors, 'offsets' | 'rows'>,
  known: KnownEvidence = new WeakMap(),
): SegmentLabels {
  const y = new Float32Array(rows);
  const w = new Float32Array(rows);
  const strikeOut = onlyStrikeOut(annotations);
  for (const [image, planes] of annotations) {
    const before = known.get(planes);
    const evidence =
      before?.strikeOut === strikeOut
        ? before.evidence
        : segmentEvidence(segmentations[image], planes, { strikeOut });
    known.set(planes, { strikeOut, evidence });
    y.set(evidence.y, offsets[image]);
    w.set(evidence.w, offsets[image]);
  }
  return { y, w };
}

/** Per mark and segment: how many pixels it covers, and whether that is enough to count (0 or 1). */
function touch(
  plane: AnnotationPlane,
  labels: Int32Array,
  areas: Int32Array,
  theta: number,
  height: number,
  width: number,
): { covered: Int32Array[]; touched: Uint8Array[] } {
  const marks = Object.values(MARK);
  const covered = marks.map(() => new Int32Array(areas.length));
  for (let p = 0; p < plane.length; p++) covered[plane[p]][labels[p]]++;
  const touched = covered.map((pixels) =>
    Uint8Array.from(pixels, (n, s) => (n > 0 && n >= theta * areas[s] ? 1 : 0)),
  );
  const strokes = connectedComponents(plane, height, width, 8);
  for (let c = 0; c < strokes.count; c++) {
    const pixels = strokes.order.subarray(strokes.starts[c], strokes.starts[c + 1]);
    const mark = plane[pixels[0]];
    if (mark === MARK.none) continue;
    const held = new Map<number, number>();
    for (const p of pixels) held.set(labels[p], (held.get(labels[p]) ?? 0) + 1);
    const most = Math.max(...held.values());
    for (const [s, n] of held) if (n === most) touched[mark][s] = 1;
  }
  return { covered, touched };
}
