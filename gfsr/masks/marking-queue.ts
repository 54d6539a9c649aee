// Which images are worth marking next: where their masks are unsure, and how much is on them that nobody has marked.
//
// [ours] All of it: uncertainty sampling (Lewis & Gale, SIGIR 1994) times coverage, with the classes in turn.

import type { Annotations } from '../annotation/marks.ts';
import { nearestConcepts } from './concept-summary.ts';
import { gatherEvidence } from './evidence.ts';
import { type MaskOptions, scaledRelevance } from './masks.ts';
import type { PreparedSegments } from './prepare.ts';
import type { SpreadRelevance } from './spread.ts';

/** An image that is worth marking, and why. */
export interface Suggestion {
  readonly image: number;
  /** Share of its segments whose mask is unsure, in [0, 1]; 1 while no mark says anything. */
  readonly unsure: number;
  /** Number of concepts on it that nobody has marked, neither on a marked image nor on one before it in the queue. */
  readonly kinds: number;
}

/** Relevance in a mask that says neither yes nor no. */
const UNSURE = [0.25, 0.75] as const;
/** Weight of marks that makes a concept known: one mark, or five segments beside a "look here", at 0.2 each. */
const KNOWN = 1;

/**
 * The unmarked images that are worth marking next, the best first. The next image is of a class with the fewest images
 * that are marked or in the queue already. Among those it has the highest
 *
 *     score = (1 + unsure segments) · (1 + kinds)
 *
 * where a segment is unsure with a relevance of ¼ to ¾ in the mask, and `kinds` counts the concepts on the image that
 * nobody has marked. The ones keep a 0 of either from hiding the other. An image in the queue counts as marked for
 * those after it, so that the queue does not repeat itself. Equal scores: the first of the training images.
 *
 * @param annotations marks by training image; they may be empty
 * @param spread what spread from them, refined or not; absent while no mark says anything
 * @param queue its length, shorter if fewer images are unmarked, and the images to choose from; default all
 */
export function suggestImages(
  prepared: PreparedSegments,
  annotations: Annotations,
  spread: Pick<SpreadRelevance, 'relevance' | 'meanRelevance'> | undefined,
  options: Pick<MaskOptions, 'scale' | 'saturation' | 'gamma'>,
  { count, among }: { readonly count: number; readonly among?: readonly number[] },
): Suggestion[] {
  const { segmentations, segments } = prepared;
  const { offsets, classOf, numClasses, rows, clustering } = segments;
  const mask = spread && scaledRelevance(segments, spread, annotations, options);
  /** Number of unsure segments of each image. */
  const unsure = segmentations.map(({ count: all }, i) =>
    mask ? mask.subarray(offsets[i], offsets[i + 1]).filter(isUnsure).length : all,
  );
  const conceptOf = clustering
    ? nearestConcepts(clustering.q, clustering.concepts.clusters)
    : new Int32Array(rows);
  const weights = new Float64Array(clustering?.concepts.clusters ?? 1);
  const { w } = gatherEvidence(segmentations, annotations, segments);
  for (let s = 0; s < rows; s++) weights[conceptOf[s]] += w[s];
  const known = new Set([...weights.keys()].filter((k) => weights[k] >= KNOWN));
  const conceptsOn = segmentations.map(
    (_, i) => new Set(conceptOf.subarray(offsets[i], offsets[i + 1])),
  );

  const turns = new Int32Array(numClasses);
  for (const image of annotations.keys()) turns[classOf[offsets[image]]]++;
  const left = new Set(among ?? segmentations.keys());
  for (const image of annotations.keys()) left.delete(image);
  const queue: Suggestion[] = [];
  while (queue.length < count && left.size > 0) {
    let fewest = Number.POSITIVE_INFINITY;
    for (const i of left) fewest = Math.min(fewest, turns[classOf[offsets[i]]]);
    let best: (Suggestion & { readonly score: number }) | undefined;
    for (const image of left) {
      if (turns[classOf[offsets[image]]] > fewest) continue;
      const kinds = [...conceptsOn[image]].filter((k) => !known.has(k)).length;
      const score = (1 + unsure[image]) * (1 + kinds);
      const share = unsure[image] / segmentations[image].count;
      if (!best || score > best.score) best = { image, unsure: share, kinds, score };
    }
    const { score: _, ...next } = best as NonNullable<typeof best>;
    queue.push(next);
    left.delete(next.image);
    turns[classOf[offsets[next.image]]]++;
    for (const k of conceptsOn[next.image]) known.add(k);
  }
  return queue;
}

/** Why an image is worth marking, for a person: "its masks are unsure in 31 % of the place". */
export function describeSuggestion({ unsure, kinds }: Suggestion): string {
  const places = kinds === 1 ? '1 kind of place' : `${kinds} kinds of places`;
  return [
    ...(unsure > 0 ? [`its mask is unsure in ${Math.round(100 * unsure)} % of the place`] : []),
    ...(kinds > 0 ? [`it holds ${places} that nobody marked`] : []),
    ...(unsure === 0 && kinds === 0 ? ['its class has the fewest marks'] : []),
  ].join('; ');
}

const isUnsure = (relevance: number) => relevance >= UNSURE[0] && relevance <= UNSURE[1];
