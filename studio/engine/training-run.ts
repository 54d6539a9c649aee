// The run of a project in the engine worker: what it trains on, and what is measured of it for people.

import type { AdapterReport } from '../../engine/core/adapter.ts';
import type { Gpu } from '../../engine/core/gpu.ts';
import { parseAnnotations, serialiseAnnotations } from '../../gfsr/annotation/annotations.ts';
import { bindAnnotations } from '../../gfsr/annotation/binding.ts';
import { markableImages } from '../../gfsr/annotation/markable-images.ts';
import { annotationPlanes } from '../../gfsr/annotation/planes.ts';
import { withChanges } from '../../gfsr/config/config.ts';
import { parseConfig } from '../../gfsr/config/parse.ts';
import { type Dataset, identifyingBytes, type Split } from '../../gfsr/data/dataset.ts';
import { dataDefaults } from '../../gfsr/data/defaults.ts';
import { withoutTest } from '../../gfsr/data/without-test.ts';
import { Evaluator } from '../../gfsr/evaluation/evaluator.ts';
import { contentHashLater } from '../../gfsr/files/web-hash.ts';
import { relevanceLossNamed } from '../../gfsr/guidance/losses.ts';
import type { Work } from '../../gfsr/job/run-job.ts';
import { adapterIdentity } from '../../gfsr/machine/adapter-schema.ts';
import { decodeModel, restoreModel } from '../../gfsr/store/model-file.ts';
import { ANNOTATIONS } from '../../gfsr/store/run.ts';
import { describeData } from '../../gfsr/store/run-info.ts';
import { StoredRun } from '../../gfsr/store/stored-run.ts';
import { ARMS, type Arm } from '../../gfsr/train/experiment.ts';
import { confusionMatrix, predictedClasses } from '../../model/metrics.ts';
import type { ProjectFiles } from './project-files.ts';
import type { Confusions } from './train-calls.ts';

/** The least epochs and steps of a quick training, unless a thorough one has fewer [ours]. */
const QUICK = { epochs: 10, steps: 100 };

declare const __GFSR_VERSION__: string;

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
  const config = parseConfig(settings, dataDefaults(dataset, settings));
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
): Promise<StoredRun> {
  await files.run.clear();
  const started = new Date().toISOString();
  const run = await StoredRun.create(
    files.run,
    config,
    {
      started,
      adapter,
      processor: `${navigator.hardwareConcurrency} × unknown`,
      versions: { gfsr: __GFSR_VERSION__, browser: navigator.userAgent, os: navigator.platform },
      dataset: {
        ...describeData(dataset),
        sha256: await contentHashLater(...identifyingBytes(dataset)),
      },
      annotations: `${annotations.size} marked images, from GFSR Studio`,
    },
    new Map([[ANNOTATIONS, marks]]),
  );
  const session = { started, adapter: adapterIdentity(adapter), gfsr: __GFSR_VERSION__ };
  run.update({ sessions: [{ ...session, code: __GFSR_VERSION__ }] });
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
