// How far several people who marked the same images agree.
//
// [ours] A name is a person: all marks of one annotator, from several files, count together. `segmentEvidence` says how
// disagreement becomes a weight. Agreement is Cohen's κ ("A coefficient of agreement for nominal scales", 1960) on
// segments, and the overlap of what is marked as relevant.

import type { AnnotationFile } from '../annotation/annotations.ts';
import { type AnnotationPlane, MARK } from '../annotation/marks.ts';
import { planesByAnnotator } from '../annotation/planes.ts';
import type { Dataset } from '../data/dataset.ts';
import { segmentEvidence } from './evidence.ts';
import type { Segmentation } from './segmentation.ts';

/** How far two annotators agree. */
export interface PairAgreement {
  readonly annotators: readonly [string, string];
  /** Number of images that both marked. */
  readonly images: number;
  /**
   * Mean IoU of their relevant pixels, over the images on which one of them marked some. Pixels that one marked as
   * "don't know" are left out. NaN if there is no such image.
   */
  readonly overlap: number;
  /** Segments of these images on which both decided, relevant or irrelevant. */
  readonly segments: number;
  /** Share of these on which they agree; NaN if all answers of both are the same one, so that they could not differ. */
  readonly agreement: number;
  /** (p_o − p_e)/(1 − p_e), with p_e the agreement by chance at their own rates; NaN in the same case. */
  readonly kappa: number;
}

/** How far the annotators of a data set agree, in segments, for each pair and together. */
export interface Agreement {
  /** Number of images that each marked, by name. */
  readonly annotators: ReadonlyMap<string, number>;
  readonly pairs: readonly PairAgreement[];
  /** Number of segments that somebody decided, on any image. */
  readonly labelled: number;
  /** Those that one calls relevant and another irrelevant. */
  readonly contested: number;
  /** Mean remaining weight of those, in [0, 1]; NaN if there are none. */
  readonly contestedWeight: number;
}

/** What two annotators said on the images that both marked. */
interface Shared {
  readonly annotators: readonly [string, string];
  images: number;
  /** IoU of each image that has one. */
  readonly overlaps: number[];
  /** 1 relevant, 0 irrelevant, for each segment that both decided. */
  readonly answers: [number, number][];
}

/**
 * How far annotators agree, segment by segment.
 *
 * @param segmentations of every training image
 * @throws RangeError for an image that train does not have
 */
export function annotatorAgreement(
  file: AnnotationFile,
  dataset: Pick<Dataset, 'train' | 'height' | 'width'>,
  segmentations: readonly Segmentation[],
): Agreement {
  const annotators = new Map<string, number>();
  const shared = new Map<string, Shared>();
  let [labelled, contested, weight] = [0, 0, 0];
  for (const [image, planes] of planesByAnnotator(file, dataset)) {
    const people = [...planes]
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, plane]) => ({ name, plane, decided: decisions(segmentations[image], plane) }));
    for (const [i, a] of people.entries()) {
      annotators.set(a.name, (annotators.get(a.name) ?? 0) + 1);
      for (const b of people.slice(i + 1)) {
        const key = JSON.stringify([a.name, b.name]);
        const pair: Shared = shared.get(key) ?? {
          ...{ annotators: [a.name, b.name], images: 0, overlaps: [], answers: [] },
        };
        shared.set(key, pair);
        pair.images++;
        const overlap = relevantOverlap(a.plane, b.plane);
        if (overlap !== undefined) pair.overlaps.push(overlap);
        for (const [s, answer] of a.decided) {
          const other = b.decided.get(s);
          if (other !== undefined) pair.answers.push([answer, other]);
        }
      }
    }
    const { w } = segmentEvidence(segmentations[image], [...planes.values()]);
    for (const s of new Set(people.flatMap(({ decided }) => [...decided.keys()]))) {
      labelled++;
      const said = new Set(people.map(({ decided }) => decided.get(s)));
      if (!said.has(0) || !said.has(1)) continue;
      contested++;
      weight += w[s];
    }
  }
  const pairs = [...shared.values()].map((pair): PairAgreement => {
    const { annotators: names, images, overlaps, answers } = pair;
    const overlap = overlaps.reduce((sum, each) => sum + each, 0) / overlaps.length;
    const said = { annotators: names, images, overlap, segments: answers.length };
    return { ...said, ...cohen(answers) };
  });
  return { annotators, pairs, labelled, contested, contestedWeight: weight / contested };
}

/** Segment → 1 relevant, 0 irrelevant, for those that one person decided. */
function decisions(segmentation: Segmentation, plane: AnnotationPlane): Map<number, number> {
  const { y, decided } = segmentEvidence(segmentation, [plane]);
  const segments = [...decided.keys()].filter((s) => decided[s] === 1);
  return new Map(segments.map((s) => [s, y[s] >= 0.5 ? 1 : 0]));
}

/** IoU of what two people call relevant, without pixels on which one could not say; undefined if nothing is left. */
function relevantOverlap(a: AnnotationPlane, b: AnnotationPlane): number | undefined {
  let [both, either] = [0, 0];
  for (let p = 0; p < a.length; p++) {
    if (a[p] === MARK.unknown || b[p] === MARK.unknown) continue;
    const [first, second] = [a[p] === MARK.positive, b[p] === MARK.positive];
    if (first && second) both++;
    if (first || second) either++;
  }
  return either > 0 ? both / either : undefined;
}

function cohen(answers: readonly (readonly [number, number])[]) {
  const share = (of: (pair: readonly [number, number]) => boolean) =>
    answers.filter(of).length / answers.length;
  const [yesA, yesB] = [share(([a]) => a === 1), share(([, b]) => b === 1)];
  const chance = yesA * yesB + (1 - yesA) * (1 - yesB);
  // Who gives only one kind of answer agrees with another such person whatever they look at.
  if (chance === 1) return { agreement: Number.NaN, kappa: Number.NaN };
  const agreement = share(([a, b]) => a === b);
  return { agreement, kappa: (agreement - chance) / (1 - chance) };
}
