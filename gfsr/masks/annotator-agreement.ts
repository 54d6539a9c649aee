// How far several people who marked the same images agree.
//
// [ours] A name is a person: all marks of one annotator, from several files, count together. `segmentEvidence` says how
// disagreement becomes a weight. Agreement is Cohen's κ ("A coefficient of agreement for nominal scales", 1960) on
// segments.

import { type AnnotationFile, annotationsByImage } from '../annotation/annotations.ts';
import type { AnnotationPlane } from '../annotation/marks.ts';
import { markPlane } from '../annotation/planes.ts';
import type { Dataset } from '../data/dataset.ts';
import { segmentEvidence } from './evidence.ts';
import type { Segmentation } from './segmentation.ts';

/** How far two annotators agree. */
export interface PairAgreement {
  readonly annotators: readonly [string, string];
  /** Number of images that both marked. */
  readonly images: number;
  /** Segments of these images on which both decided, relevant or irrelevant. */
  readonly segments: number;
  /** Share of these on which they agree; NaN if there are none. */
  readonly agreement: number;
  /** (p_o − p_e)/(1 − p_e), with p_e the agreement by chance at their own rates; NaN if chance alone always agrees. */
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
  /** Mean remaining weight of those, in [0, 1]. */
  readonly contestedWeight: number;
}

/**
 * How far annotators agree, segment by segment.
 *
 * @param segmentations of every training image
 * @throws RangeError for an image that train does not have
 */
export function annotatorAgreement(
  file: AnnotationFile,
  { train, height, width }: Pick<Dataset, 'train' | 'height' | 'width'>,
  segmentations: readonly Segmentation[],
): Agreement {
  const annotators = new Map<string, number>();
  const answers = new Map<string, [number, number][]>();
  const shared = new Map<string, number>();
  let [labelled, contested, weight] = [0, 0, 0];
  for (const [image, annotations] of annotationsByImage(file, train)) {
    const planes = new Map<string, AnnotationPlane>();
    for (const { annotator } of annotations) {
      const own = annotations.filter((each) => each.annotator === annotator);
      const strokes = own.flatMap((each) => each.strokes);
      planes.set(annotator, markPlane(strokes, height, width));
    }
    const decided = new Map(
      [...planes].map(([name, plane]) => [name, decisions(segmentations[image], plane)]),
    );
    const names = [...planes.keys()].sort();
    for (const name of names) annotators.set(name, (annotators.get(name) ?? 0) + 1);
    names.forEach((a, i) => {
      for (const b of names.slice(i + 1)) {
        const key = JSON.stringify([a, b]);
        const [first, second] = [a, b].map((name) => decided.get(name) as Map<number, number>);
        const both = [...first].flatMap(([s, answer]): [number, number][] => {
          const other = second.get(s);
          return other === undefined ? [] : [[answer, other]];
        });
        answers.set(key, [...(answers.get(key) ?? []), ...both]);
        shared.set(key, (shared.get(key) ?? 0) + 1);
      }
    });
    const { w } = segmentEvidence(segmentations[image], [...planes.values()]);
    for (const s of new Set([...decided.values()].flatMap((each) => [...each.keys()]))) {
      labelled++;
      const said = new Set([...decided.values()].map((each) => each.get(s)));
      if (!said.has(0) || !said.has(1)) continue;
      contested++;
      weight += w[s];
    }
  }
  const pairs = [...answers].map(([key, both]): PairAgreement => {
    const annotators = JSON.parse(key) as [string, string];
    const images = shared.get(key) as number;
    return { annotators, images, segments: both.length, ...cohen(both) };
  });
  return { annotators, pairs, labelled, contested, contestedWeight: weight / contested };
}

/** Segment → 1 relevant, 0 irrelevant, for those that one person decided. */
function decisions(segmentation: Segmentation, plane: AnnotationPlane): Map<number, number> {
  const { y, w } = segmentEvidence(segmentation, [plane]);
  const decided = [...w.keys()].filter((s) => w[s] === 1);
  return new Map(decided.map((s) => [s, y[s] >= 0.5 ? 1 : 0]));
}

function cohen(answers: readonly (readonly [number, number])[]) {
  const share = (of: (pair: readonly [number, number]) => boolean) =>
    answers.filter(of).length / answers.length;
  const agreement = share(([a, b]) => a === b);
  const [yesA, yesB] = [share(([a]) => a === 1), share(([, b]) => b === 1)];
  const chance = yesA * yesB + (1 - yesA) * (1 - yesB);
  return { agreement, kappa: (agreement - chance) / (1 - chance) };
}
