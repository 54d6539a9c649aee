// The run of a page's project: what it trains on, and what is measured of it for people.

import type { AdapterReport } from '../../engine/core/adapter.ts';
import type { Gpu } from '../../engine/core/gpu.ts';
import { confusionMatrix, predictedClasses } from '../../model/metrics.ts';
import { parseAnnotations, serialiseAnnotations } from '../annotation/annotations.ts';
import { bindAnnotations } from '../annotation/binding.ts';
import { markableImages } from '../annotation/markable-images.ts';
import { annotationPlanes } from '../annotation/planes.ts';
import { type ConfigChanges, withChanges } from '../config/config.ts';
import { parseConfig } from '../config/parse.ts';
import { type Dataset, identifyingBytes, type Split } from '../data/dataset.ts';
import { dataDefaults } from '../data/defaults.ts';
import { withoutTest } from '../data/without-test.ts';
import { Evaluator } from '../evaluation/evaluator.ts';
import { contentHashLater } from '../files/web-hash.ts';
import { relevanceLossNamed } from '../guidance/losses.ts';
import type { Work } from '../job/run-job.ts';
import { adapterIdentity } from '../machine/adapter-schema.ts';
import { decodeModel, restoreModel } from '../store/model-file.ts';
import { ANNOTATIONS } from '../store/run.ts';
import { describeData, type RunContext, type RunSession } from '../store/run-info.ts';
import { type FileStore, StoredRun } from '../store/stored-run.ts';
import { ARMS, type Arm } from '../train/experiment.ts';
import type { Confusions } from './train-calls.ts';

/** The least epochs and steps of a quick training, unless a thorough one has fewer [ours]. */
const QUICK = { epochs: 10, steps: 100 };

/** What a project has. */
export interface ProjectFiles {
  dataset(): Promise<Dataset>;
  /** Settings of the data, as the command line would be given them. */
  settings(): Promise<ConfigChanges>;
  /** Where the run is kept. */
  readonly run: FileStore & { clear(): Promise<void> };
}

/** Which program trains, and on what machine: for the record of the run. */
export interface Maker {
  readonly processor: string;
  readonly versions: RunContext['versions'];
  /** Its version, and what names the code that decides the result. */
  readonly own: Pick<RunSession, 'gfsr' | 'commit' | 'code'>;
}

/** What a new run trains on, and the text of its annotation file. */
export async function newWork(
  files: ProjectFiles,
  annotations: string,
  isQuick: boolean,
): Promise<Work & { readonly marks: string }> {
  const dataset = await files.dataset();
  const given = parseAnnotations(annotations, undefined, ANNOTATIONS);
  const { file } = bindAnnotations(given, markableImages(dataset), ANNOTATIONS);
  const data = await files.settings();
  const thorough = parseConfig(data, dataDefaults(dataset, data)).train;
  const perEpoch = Math.floor(dataset.train.count / thorough.batchSize);
  const epochs = Math.max(QUICK.epochs, Math.ceil(QUICK.steps / perEpoch));
  const quick = isQuick ? { train: { epochs: Math.min(thorough.epochs, epochs) } } : {};
  const settings = withChanges(data, quick);
  const config = withChanges(parseConfig(settings, dataDefaults(dataset, settings)), {
    annotation: { source: ANNOTATIONS },
  });
  const loss = relevanceLossNamed(config.guidance.loss);
  const planes = annotationPlanes(file, dataset);
  return { config, dataset, loss, annotations: planes, marks: serialiseAnnotations(file) };
}

/** What a run that was begun trains on. */
export async function workOf(run: StoredRun, files: ProjectFiles): Promise<Work> {
  const dataset = await files.dataset();
  const text = new TextDecoder().decode(await run.read(ANNOTATIONS));
  const file = parseAnnotations(text, undefined, ANNOTATIONS);
  const { config } = run;
  const loss = relevanceLossNamed(config.guidance.loss);
  return { config, dataset, loss, annotations: annotationPlanes(file, dataset) };
}

/** Test images stay closed: what is written before they are opened is measured on validation images. */
export const closed = <W extends Work>(work: W): W => ({
  ...work,
  dataset: withoutTest(work.dataset),
});

/** Begins a run in place of the last one. */
export async function beginRun(
  files: ProjectFiles,
  { config, dataset, annotations, marks }: Work & { readonly marks: string },
  adapter: AdapterReport,
  { processor, versions, own }: Maker,
): Promise<StoredRun> {
  await files.run.clear();
  const started = new Date().toISOString();
  const run = await StoredRun.create(
    files.run,
    config,
    {
      started,
      adapter,
      processor,
      versions,
      dataset: {
        ...describeData(dataset),
        sha256: await contentHashLater(...identifyingBytes(dataset)),
      },
      annotations: `${annotations.size} marked images, from GFSR Studio`,
    },
    new Map([[ANNOTATIONS, marks]]),
  );
  const session = { started, adapter: adapterIdentity(adapter), ...own };
  run.update({ sessions: [session] });
  return run;
}

/** Does something with the classifier of each arm of a finished run. */
export async function eachArm<T>(
  gpu: Gpu,
  run: StoredRun,
  work: (evaluator: Evaluator) => Promise<T>,
): Promise<Partial<Record<Arm, T>>> {
  const results: Partial<Record<Arm, T>> = {};
  for (const arm of ARMS) {
    const bytes = await run.read(`${arm}.safetensors`);
    if (!bytes) continue;
    const { classifier, stats } = restoreModel(gpu, decodeModel(bytes, arm));
    const evaluator = new Evaluator(gpu, classifier, stats, { batch: 32 });
    try {
      results[arm] = await work(evaluator);
    } finally {
      await evaluator.dispose();
      classifier.weights.dispose();
    }
  }
  return results;
}

/** What both classifiers say of the images of a split, as they are and under each condition. */
export async function confusionsOf(
  gpu: Gpu,
  run: StoredRun,
  { classes }: Pick<Dataset, 'classes'>,
  splits: Readonly<Record<string, Split>>,
): Promise<Confusions> {
  const byArm = await eachArm(gpu, run, async (evaluator) => {
    const counts: Record<string, readonly number[]> = {};
    for (const [condition, split] of Object.entries(splits)) {
      const { probs } = await evaluator.predict(split);
      const predicted = predictedClasses(probs, classes.length);
      counts[condition] = [...confusionMatrix(predicted, split.labels, classes.length)];
    }
    return counts;
  });
  return Object.fromEntries(
    Object.keys(splits).map((condition) => [
      condition,
      Object.fromEntries(Object.entries(byArm).map(([arm, of]) => [arm, of[condition]])),
    ]),
  );
}
