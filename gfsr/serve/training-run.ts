// The run of a page's project: what it trains on, and what is measured of it for people.

import type { AdapterReport } from '../../engine/core/adapter.ts';
import type { Gpu } from '../../engine/core/gpu.ts';
import { confusionMatrix, predictedClasses } from '../../model/metrics.ts';
import { decodeSafetensors } from '../../model/safetensors.ts';
import { parseAnnotations, serialiseAnnotations } from '../annotation/annotations.ts';
import { bindAnnotations } from '../annotation/binding.ts';
import { withCorrectedClasses } from '../annotation/classes.ts';
import { markableImages } from '../annotation/markable-images.ts';
import { annotationPlanes } from '../annotation/planes.ts';
import { type Config, type ConfigChanges, withChanges } from '../config/config.ts';
import { isInitFile } from '../config/model.ts';
import { parseConfig } from '../config/parse.ts';
import { knownDataset } from '../data/catalog.ts';
import type { Dataset, Split } from '../data/dataset.ts';
import { dataDefaults } from '../data/defaults.ts';
import { identifyingBytes, maskBytes } from '../data/identifying-bytes.ts';
import { withoutTest } from '../data/without-test.ts';
import { Evaluator } from '../evaluation/evaluator.ts';
import { contentHashLater } from '../files/web-hash.ts';
import { relevanceLossNamed } from '../guidance/losses.ts';
import { type OpenWork, quickEpochs, smallerClassifiers } from '../job/quick.ts';
import type { Work } from '../job/run-job.ts';
import { adapterIdentity } from '../machine/adapter-schema.ts';
import { decodeModel, isModelFile, restoreModel } from '../store/model-file.ts';
import { decodePretrained } from '../store/pretrained.ts';
import { ANNOTATIONS, STARTING_WEIGHTS } from '../store/run.ts';
import { describeData, type RunContext, type RunSession } from '../store/run-info.ts';
import { type FileStore, StoredRun } from '../store/stored-run.ts';
import { ARMS, type Arm } from '../train/experiment.ts';
import type { Confusions, GivenWeights, TrainRequest } from './train-calls.ts';

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

/** What a person gives a new training. */
type Given = Pick<TrainRequest, 'annotations' | 'isQuick' | 'weights'>;

/** What a new run trains on, and what is kept of it in the run. */
interface NewWork extends OpenWork {
  /** The text of its annotation file. */
  readonly marks: string;
  /** The file of the weights that it starts from. */
  readonly weights?: Uint8Array;
}

/** @throws RangeError for weights, marks or settings that are damaged, or do not fit the data */
export async function newWork(
  files: ProjectFiles,
  { annotations, isQuick, weights }: Given,
): Promise<NewWork> {
  const dataset = await files.dataset();
  const marks = parseAnnotations(annotations, undefined, ANNOTATIONS);
  const { file } = bindAnnotations(marks, markableImages(dataset), ANNOTATIONS);
  const given = withChanges(await files.settings(), weights ? { model: modelOf(weights) } : {});
  const thorough = configOf(given, dataset);
  const epochs = quickEpochs(thorough.train, dataset.train.count);
  const config = isQuick ? configOf(withChanges(given, { train: { epochs } }), dataset) : thorough;
  // Widths that somebody chose for this data stay.
  const isChosen = given.model?.widths ?? knownDataset(dataset.name)?.defaults;
  const choices = isQuick && !isChosen ? smallerClassifiers(config) : [config];
  const loss = relevanceLossNamed(config.guidance.loss);
  const planes = annotationPlanes(file, dataset);
  return {
    ...{ config, choices, thorough, loss, annotations: planes },
    dataset: withCorrectedClasses(dataset, file),
    marks: serialiseAnnotations(file),
    ...(weights && {
      pretrained: decodePretrained(weights.bytes, weights.name),
      weights: weights.bytes,
    }),
  };
}

/** All settings of a page's training: those that are given, and what fits the data. */
export const configOf = (given: ConfigChanges, dataset: Dataset): Config =>
  withChanges(parseConfig(given, dataDefaults(dataset, given)), {
    annotation: { source: ANNOTATIONS },
  });

/** Settings of the classifier that given weights belong to. @throws RangeError if their file is damaged */
function modelOf({ name, bytes, architecture }: GivenWeights): ConfigChanges['model'] {
  const { metadata } = named(name, () => decodeSafetensors(bytes));
  if (architecture || !isModelFile(metadata)) {
    return { init: name, ...(architecture && { architecture }) };
  }
  return { ...decodeModel(bytes, name).config.model, init: name };
}

/** Errors of a work begin with the name of its file. */
function named<T>(file: string, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw new RangeError(`${file}: ${(error as Error).message}`);
  }
}

/** What a run that was begun trains on. */
export async function workOf(run: StoredRun, files: ProjectFiles): Promise<Work> {
  const dataset = await files.dataset();
  const text = new TextDecoder().decode(await run.read(ANNOTATIONS));
  const file = parseAnnotations(text, undefined, ANNOTATIONS);
  const { config } = run;
  const loss = relevanceLossNamed(config.guidance.loss);
  const bytes = isInitFile(config.model.init) ? await run.read(STARTING_WEIGHTS) : undefined;
  const pretrained = bytes && decodePretrained(bytes, config.model.init);
  const annotations = annotationPlanes(file, dataset);
  return { config, dataset: withCorrectedClasses(dataset, file), loss, annotations, pretrained };
}

/** Test images stay closed: what is written before they are opened is measured on validation images. */
export const closed = <W extends Work>(work: W): W => ({
  ...work,
  dataset: withoutTest(work.dataset),
});

/** Begins a run in place of the last one. */
export async function beginRun(
  files: ProjectFiles,
  { config, annotations, marks, weights }: NewWork,
  adapter: AdapterReport,
  { processor, versions, own }: Maker,
): Promise<StoredRun> {
  await files.run.clear();
  const started = new Date().toISOString();
  const dataset = await files.dataset(); // as it is, without corrected classes: they are in the marks
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
        sha256: await contentHashLater(...identifyingBytes(dataset), ...maskBytes(dataset)),
      },
      annotations: `${annotations.size} marked images, from GFSR Studio`,
      ...(weights && { init: await contentHashLater(weights) }),
    },
    new Map<string, string | Uint8Array>([
      [ANNOTATIONS, marks],
      ...(weights ? ([[STARTING_WEIGHTS, weights]] as const) : []),
    ]),
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
