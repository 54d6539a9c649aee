// The images of a run that are shown to people, and where a classifier looks on them.

import { predictedClasses } from '../../model/metrics.ts';
import type { Annotations } from '../annotation/marks.ts';
import type { Config } from '../config/config.ts';
import type { Dataset, Split } from '../data/dataset.ts';
import type { ImageResults } from '../evaluation/evaluate.ts';
import type { Explanations, Predictor } from '../evaluation/evaluator.ts';
import { type ExplainedClasses, explainClasses } from '../evaluation/explain-classes.ts';
import { worstMistakes } from '../evaluation/metrics/class-scores.ts';

/** Saliency of the true class of some images of a split, and of the class that was chosen. */
export interface ShownMaps extends Explanations {
  /** Of the images, in their split. */
  readonly indices: readonly number[];
  readonly chosen: ExplainedClasses;
}

/** What an arm shows. */
export interface ShownExamples {
  readonly train: ShownMaps;
  readonly test: ShownMaps;
  /** The mistakes of which the arm was surest. */
  readonly mistakes: ShownMaps;
}

/** How many mistakes are shown per arm. */
const MISTAKES = 4;

/** Indices of the images that a run shows. */
export interface Examples {
  readonly train: readonly number[];
  readonly test: readonly number[];
}

/** Explains the examples, and the mistakes of which the classifier is surest. */
export async function explainExamples(
  predictor: Predictor,
  { train, test, classes }: Dataset,
  { saliency }: Pick<Config, 'saliency'>,
  examples: Examples,
  { probs }: ImageResults,
): Promise<ShownExamples> {
  const explain = async (split: Split, indices: readonly number[]): Promise<ShownMaps> => ({
    indices,
    ...(await predictor.explain(split, saliency, indices)),
    chosen: await explainClasses(predictor, split, saliency, classes.length, { indices }),
  });
  const predicted = predictedClasses(probs, classes.length);
  const worst = worstMistakes(probs, predicted, test.labels, classes.length, MISTAKES);
  return {
    train: await explain(train, examples.train),
    test: await explain(test, examples.test),
    mistakes: await explain(test, worst),
  };
}

/** A few images of every class: annotated ones first, then by index. */
export function pickExamples(
  { labels, count }: Split,
  annotations?: Annotations,
  total = 12,
): number[] {
  const order = [...(annotations?.keys() ?? [])].slice(0, total / 3);
  const seen = new Set(order);
  const classes = [...new Set(labels)].sort((a, b) => a - b);
  for (let round = 0; order.length < Math.min(total, count); round++) {
    const label = classes[round % classes.length];
    const next = labels.findIndex((y, i) => y === label && !seen.has(i));
    if (next >= 0) {
      seen.add(next);
      order.push(next);
    }
  }
  return order;
}
