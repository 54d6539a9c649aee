// Everything that is measured about a trained classifier: accuracy, alignment with masks, reliance on a shortcut.

import { type ClassificationScores, classificationScores } from '../../model/scores.ts';
import type { Dataset, Split } from '../data/dataset.ts';
import type { SaliencyOptions } from '../guidance/saliency.ts';
import { areaResize } from '../image/area-resize.ts';
import { rowsOf } from '../image/rows.ts';
import type { Explanations, Predictor } from './evaluator.ts';
import { type Aggregate, ALIGNMENT_METRICS, aggregate } from './metrics/alignment.ts';
import { shortcutSaliency } from './metrics/reliance.ts';

/** Every figure of one classifier on one data set, as returned by `evaluate`. */
export interface Evaluation {
  readonly val: ClassificationScores;
  readonly test: ClassificationScores;
  /** By name of the condition, for data sets with several tests of the same images (shortcut absent, misleading, …). */
  readonly conditions: Readonly<Record<string, ClassificationScores>>;
  /** Against real masks of test images, if there are any: each metric's mean over images. */
  readonly alignment?: Readonly<Record<string, Aggregate>>;
  /** Share of |saliency| on the planted shortcut of test images, and that share relative to its share of the area. */
  readonly shortcut?: { readonly share: Aggregate; readonly lift: Aggregate };
}

/** Measures a classifier on val, on test and on every further condition of the data set, and its `saliency` on test. */
export async function evaluate(
  evaluator: Predictor,
  dataset: Dataset,
  saliency: SaliencyOptions,
): Promise<Evaluation> {
  const { val, test, classes } = dataset;
  const scores = async (split: Split) =>
    classificationScores((await evaluator.predict(split)).probs, split.labels, classes.length);
  const conditions: Record<string, ClassificationScores> = {};
  for (const [name, split] of Object.entries(dataset.tests)) {
    conditions[name] = await scores(split);
  }
  const explained = await evaluator.explain(test, saliency);
  return {
    val: await scores(val),
    test: classificationScores(explained.probs, test.labels, classes.length),
    conditions,
    alignment: test.masks && alignment(explained, test.masks, dataset),
    shortcut:
      test.shortcut &&
      shortcutSaliency(maps(explained), regions(explained, test.shortcut, dataset)),
  };
}

/** The maps, one view each. */
const maps = ({ maps: all, height, width }: Explanations): Float32Array[] =>
  rowsOf(all, height * width);

/** Every metric over the images that have a mask. Masks are area-averaged to the size of the maps. */
function alignment(
  explained: Explanations,
  masks: ReadonlyMap<number, Uint8Array>,
  { height, width }: Dataset,
): Record<string, Aggregate> {
  const all = maps(explained);
  const size = [explained.height, explained.width] as const;
  const pairs = [...masks].map(([image, mask]) => ({
    map: all[image],
    mask: areaResize(Float32Array.from(mask), [height, width], size),
  }));
  return Object.fromEntries(
    Object.entries(ALIGNMENT_METRICS).map(([name, metric]) => [
      name,
      aggregate(pairs.map(({ map, mask }) => metric(map, mask))),
    ]),
  );
}

function regions(
  { height: h, width: w }: Explanations,
  shortcut: Uint8Array,
  { height, width }: Dataset,
): Float32Array[] {
  return rowsOf(shortcut, height * width).map((region) =>
    areaResize(Float32Array.from(region), [height, width], [h, w]),
  );
}
