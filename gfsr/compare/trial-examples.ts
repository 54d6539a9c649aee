// The saliency of a few test images, as the record of a trial keeps it for the report.

import { predictedClasses } from '../../model/metrics.ts';
import type { SaliencySettings } from '../config/saliency.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Evaluator } from '../evaluation/evaluator.ts';
import { rowAt } from '../image/rows.ts';
import { pickExamples } from '../train/example-images.ts';
import type { TrialExamples } from './trial-record.ts';

/** Number of saliency maps that every record keeps for the report. */
const EXAMPLES = 6;

/** What a classifier sees on the images that every trial of a seed shows: its saliency, and what it predicts. */
export async function lookAt(
  evaluator: Evaluator,
  dataset: Dataset,
  saliency: SaliencySettings,
): Promise<TrialExamples> {
  const indices = pickExamples(dataset.test, undefined, EXAMPLES);
  const { probs, maps, height, width } = await evaluator.explain(dataset.test, saliency, indices);
  const classes = dataset.classes.length;
  const area = height * width;
  const bytes = new Uint8Array(maps.length);
  indices.forEach((_, i) => {
    const map = rowAt(maps, i, area);
    const most = map.reduce((a, b) => Math.max(a, b), 0) || 1;
    bytes.set(
      Uint8Array.from(map, (s) => Math.round((255 * s) / most)),
      i * area,
    );
  });
  const predicted = predictedClasses(probs, classes);
  return {
    ...{ indices, height, width, predicted: [...predicted] },
    maps: Buffer.from(bytes).toString('base64'),
    probabilities: indices.map((_, i) => probs[i * classes + predicted[i]]),
  };
}
