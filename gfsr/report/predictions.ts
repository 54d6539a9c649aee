// What a trained classifier says of every image, as files for people's own plots.

import type { Gpu } from '../../engine/core/gpu.ts';
import { type Dataset, imageAt, type SplitName } from '../data/dataset.ts';
import { fingerprint } from '../data/fingerprint.ts';
import { encodeNpz, npyHeader } from '../data/npz-writer.ts';
import { allValues } from '../data/values.ts';
import { Evaluator } from '../evaluation/evaluator.ts';
import { explainClasses } from '../evaluation/explain-classes.ts';
import type { RelevanceMasks } from '../masks/masks.ts';
import type { LoadedModel } from '../store/model-file.ts';
import { formatCsv } from '../text/csv.ts';
import { toJson } from '../text/json.ts';

const SPLITS: readonly SplitName[] = ['train', 'val', 'test'];

/**
 * `predictions.json`: what they were made with; `predictions.csv`: id, split, label, predicted class and the
 * probability of each class; `saliency.npz`: `ids`, `split` and `saliency` [N, h, w] of the predicted class of each
 * image, in the resolution of the map, in the same order; and, for a guided run, `masks.npz`: `ids`, `masks` [N, h, w]
 * and `weights` [N] of the training images.
 *
 * @param masks that guided the run
 */
export async function predictionFiles(
  gpu: Gpu,
  { classifier, stats, classes, config, arm, data, madeWith }: LoadedModel,
  dataset: Dataset,
  masks?: RelevanceMasks,
): Promise<Map<string, string | Uint8Array>> {
  const evaluator = new Evaluator(gpu, classifier, stats);
  const rows: (string | number)[][] = [];
  const maps: { data: Float32Array; height: number; width: number }[] = [];
  try {
    for (const name of SPLITS) {
      const split = dataset[name];
      const { saliency } = config;
      const {
        probs,
        predicted,
        maps: data,
        height,
        width,
      } = await explainClasses(evaluator, split, saliency, classes.length);
      maps.push({ data, height, width });
      for (const [i, id] of split.ids.entries()) {
        const own = probs.subarray(i * classes.length, (i + 1) * classes.length);
        const [label, decision] = [classes[split.labels[i]], classes[predicted[i]]];
        rows.push([id, name, label, decision, ...own]);
      }
    }
  } finally {
    await evaluator.dispose();
  }
  const header = ['id', 'split', 'label', 'predicted', ...classes.map((name) => `p ${name}`)];
  const [{ height, width }] = maps;
  const saliency = new Float32Array(rows.length * height * width);
  let at = 0;
  for (const { data } of maps) {
    saliency.set(data, at);
    at += data.length;
  }
  const column = (i: number) => rows.map((row) => String(row[i]));
  const made = {
    ...{ format: 'gfsr-predictions', version: 1, arm, trainedOn: data, madeWith },
    predicted: { name: dataset.name, sha256: fingerprint(dataset), notes: dataset.notes },
  };
  const files = new Map<string, string | Uint8Array>([
    ['predictions.json', toJson(made)],
    ['predictions.csv', formatCsv([header, ...rows])],
    [
      'saliency.npz',
      encodeNpz({
        ids: column(0),
        split: column(1),
        saliency: { shape: [rows.length, height, width], data: saliency },
      }),
    ],
  ]);
  if (masks) {
    const { weights } = masks;
    const data = allValues(masks.masks);
    const shape = [dataset.train.count, masks.height, masks.width];
    files.set(
      'masks.npz',
      encodeNpz({
        ids: dataset.train.ids,
        masks: { shape, data },
        weights: { shape: [weights.length], data: weights },
      }),
    );
  }
  return files;
}

/**
 * `pixels.npy` in parts: the test images [N, C, H, W], 0 to 255, in the order of the other files, so that an exported
 * classifier can be checked.
 */
export function* pixelFile({ test, channels, height, width }: Dataset): Generator<Uint8Array> {
  yield npyHeader('|u1', [test.count, channels, height, width]);
  for (let i = 0; i < test.count; i++) yield imageAt(test, i);
}
