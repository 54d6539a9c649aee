// Writes the results of a run: metrics as JSON and CSV, weights, and pictures of where each arm looks.

import { withoutFolders } from '../config/portable.ts';
import type { Dataset } from '../data/dataset.ts';
import { encodePng } from '../image/png-encode.ts';
import { Turns } from '../machine/long-work.ts';
import { encodeModel } from '../store/model-file.ts';
import type { Run } from '../store/run.ts';
import { madeWith } from '../store/run-info.ts';
import { toJson } from '../text/json.ts';
import { ARMS, type ExperimentResult } from '../train/experiment.ts';
import { analyseTest, type TestAnalysis } from './analysis.ts';
import { type AnalysisFile, analysisFiles } from './analysis-files.ts';
import { drawExamples, type Example } from './examples.ts';
import { beside } from './pictures.ts';
import { historyCsv, metricsCsv, splitsCsv } from './tables.ts';

/** What `writeReport` needs of what was written. */
export interface WrittenResults {
  readonly examples: readonly Example[];
  readonly analysis: TestAnalysis;
  /** CSV files, and what each has a row per. */
  readonly files: readonly Pick<AnalysisFile, 'name' | 'about'>[];
}

/**
 * Writes into the run: `metrics.json` (all figures), `metrics.csv` (one row per arm, set and metric), `history.csv`
 * (one row per arm and epoch), `splits.csv` (one row per image), the files of `analysisFiles` (what the report draws),
 * `<arm>.safetensors` (the weights that were kept, see `loadModel`) and `overlays/<split>-<index>.png`: image, mask
 * (training images only), saliency of cross-entropy, saliency of guided training.
 *
 * @throws the reason of the signal if it is aborted meanwhile
 */
export async function writeResults(
  folder: Run,
  result: ExperimentResult,
  dataset: Dataset,
  signal?: AbortSignal,
): Promise<WrittenResults> {
  const turns = new Turns(signal);
  const analysis = await analyseTest(result, dataset, turns);
  const files = analysisFiles(analysis, result, dataset);
  for (const { name, text } of files) folder.write(name, text);
  folder.write('metrics.json', toJson(metrics(folder, result, analysis)));
  folder.write('metrics.csv', metricsCsv(result));
  folder.write('history.csv', historyCsv(result));
  folder.write('splits.csv', splitsCsv(dataset));
  for (const arm of ARMS) {
    const trained = result.arms[arm];
    if (!trained) continue;
    const context = { dataset, config: folder.config, madeWith: madeWith(folder.info) };
    folder.write(`${arm}.safetensors`, encodeModel(arm, trained, context));
  }
  const examples = await drawExamples(result, dataset, turns);
  await turns.map(examples, ({ split, index, image, mask, arms }) => {
    const tiles = [image, ...(mask ? [mask] : []), ...arms.map(({ heat }) => heat)];
    folder.write(`overlays/${split}-${index}.png`, encodePng(beside(tiles)));
  });
  const always = [
    { name: 'metrics.csv', about: 'every figure of every arm, set and metric' },
    { name: 'history.csv', about: 'losses and validation scores by epoch' },
    { name: 'splits.csv', about: 'which image is in which split' },
  ];
  return { examples, analysis, files: [...always, ...files] };
}

/** All figures as plain data. Values that are not numbers become null. */
function metrics(
  { config, info }: Run,
  { arms, masks, lossBalance }: ExperimentResult,
  { differences }: TestAnalysis,
) {
  return {
    format: 'gfsr-metrics',
    version: 1,
    data: withoutFolders(config.data.source),
    seed: config.train.seed,
    loss: withoutFolders(config.guidance.loss),
    madeWith: madeWith(info),
    adapter: info.adapter.description,
    isSoftware: info.adapter.isSoftware,
    annotated: masks?.annotated ?? 0,
    segments: masks?.segments,
    meanRelevance: masks?.meanRelevance,
    maskQuality: masks?.quality,
    lossBalance,
    arms: Object.fromEntries(
      Object.entries(arms).map(([arm, { evaluation, history, epoch, trust }]) => [
        arm,
        { evaluation, history, epoch, trainingSeconds: trainingSeconds(history), trust },
      ]),
    ),
    differences,
  };
}

/** Wall-clock time of an arm's training steps, including the shared warm-up. */
export function trainingSeconds(history: readonly { readonly seconds: number }[]): number {
  return history.reduce((sum, { seconds }) => sum + seconds, 0);
}
