// `gfsr train`: data, annotations, both arms with live progress, and a run folder with results and report.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { AdapterReport } from '../../engine/core/adapter.ts';
import type { Gpu } from '../../engine/core/gpu.ts';
import { autotuner } from '../../engine/tuning/autotune.ts';
import { tuningOf } from '../../engine/tuning/tuning.ts';
import { readAnnotationFile, readAnnotations } from '../annotation/annotation-source.ts';
import { serialiseAnnotations } from '../annotation/annotations.ts';
import type { Annotations } from '../annotation/marks.ts';
import { annotationPlanes } from '../annotation/planes.ts';
import { type Config, type ConfigChanges, withChanges } from '../config/config.ts';
import { isLossFile } from '../config/guidance.ts';
import { parseConfig, parseConfigFile } from '../config/parse.ts';
import type { Dataset } from '../data/dataset.ts';
import { dataDefaults } from '../data/defaults.ts';
import { fingerprint } from '../data/fingerprint.ts';
import { loadDataset } from '../data/load.ts';
import { readText } from '../files/read-file.ts';
import { checkRelevanceLoss } from '../guidance/loss-check.ts';
import { loadLoss } from '../guidance/loss-file.ts';
import type { RelevanceLoss } from '../guidance/losses.ts';
import { describeFindings } from '../report/findings.ts';
import { writeMaskPictures } from '../report/mask-pictures.ts';
import { writeReport } from '../report/report.ts';
import { writeResults } from '../report/result-files.ts';
import { defaultRunPath, RunFolder } from '../store/run-folder.ts';
import { readTuning, tuningCachePath, writeTuning } from '../store/tuning-file.ts';
import { row } from '../text/lines.ts';
import { type ExperimentResult, InterruptedError, runExperiment } from '../train/experiment.ts';
import type { StepCost } from '../train/step.ts';
import { DivergedError } from '../train/train-hooks.ts';
import { summariseDataset } from './dataset-summary.ts';
import { findAdapter, withGpu } from './device.ts';
import { versions } from './doctor.ts';
import { checkFits, checkModel } from './fits.ts';
import { flagsOf } from './flags.ts';
import { interruptible } from './interrupt.ts';
import type { Output } from './output.ts';
import { progressHooks } from './progress.ts';

export interface TrainOptions {
  /** Settings given as flags. */
  readonly settings: ConfigChanges;
  /** A JSON file with more settings; flags win over it. */
  readonly config?: string;
  /** Default: a new folder under runs/. */
  readonly out?: string;
  /** A run folder to go on with. */
  readonly resume?: string;
  /** Name the op where a value is first not finite. */
  readonly detectAnomaly: boolean;
  readonly tune: boolean;
}

/** What is to be trained on what, and the folder once there is one. */
interface Job {
  readonly config: Config;
  readonly dataset: Dataset;
  readonly loss: RelevanceLoss;
  readonly annotations: Annotations;
  /** Where the annotations come from, for a person. */
  readonly summary: string;
  readonly open: (adapter: AdapterReport) => RunFolder;
}

/** What a shell expects of a program that Ctrl-C ended. */
const INTERRUPTED = 130;
/** The annotations of a run, whatever they came from, so that it resumes with the same. */
const ANNOTATIONS = 'annotations.json';
const TUNING = 'tuning.json';

/** @throws RangeError for settings, data or annotations that are wrong or do not fit */
export async function trainCommand(options: TrainOptions, out: Output): Promise<number> {
  const job = options.resume === undefined ? await newJob(options) : await resumedJob(options);
  for (const line of summariseDataset(job.dataset)) out.say(line);
  out.say(row('annotations', job.summary));
  const adapter = await findAdapter(out);
  checkFits(adapter, job.config, job.dataset);
  return withGpu(async (gpu) => {
    checkModel(gpu, job.config, job.dataset);
    const { loss } = job.config.guidance;
    if (isLossFile(loss)) await checkLoss(gpu, loss, job.loss, out);
    const folder = job.open(adapter);
    out.say(row('run', folder.path));
    useTuning(gpu, adapter, folder, options.tune, out);
    return train(gpu, job, folder, options.detectAnomaly, out);
  });
}

/**
 * A run keeps the ways that it began with: they decide how sums are rounded. With `tune` they are measured, where
 * this machine has not done so before.
 */
function useTuning(
  gpu: Gpu,
  adapter: AdapterReport,
  folder: RunFolder,
  tune: boolean,
  out: Output,
): void {
  const [own, cache] = [join(folder.path, TUNING), tuningCachePath(adapter)];
  const picks = readTuning(existsSync(own) || !tune ? own : cache, adapter);
  gpu.tuning = tuningOf(picks);
  if (!tune) return;
  writeTuning(own, adapter, picks);
  gpu.prepare = autotuner(gpu, {
    picks,
    say: (line) => out.status(`tuning ${line}`),
    save: (found) => {
      writeTuning(own, adapter, found);
      writeTuning(cache, adapter, { ...readTuning(cache, adapter), ...found });
    },
  });
}

/** @throws Error with everything that is wrong with the user's loss */
export async function checkLoss(
  gpu: Gpu,
  path: string,
  loss: RelevanceLoss,
  out: Output,
): Promise<void> {
  const { problems, derivatives } = await checkRelevanceLoss(gpu, loss);
  if (problems.length > 0) throw new Error(`${path}: ${problems.join(' ')}`);
  out.say(row('loss', `${loss.name} (${loss.source}): ${derivatives} derivatives checked`));
}

/** Trains, writes everything into the folder, and says what was found. */
async function train(
  gpu: Gpu,
  job: Job,
  folder: RunFolder,
  detectAnomaly: boolean,
  out: Output,
): Promise<number> {
  const { config, dataset, annotations, loss } = job;
  const started = performance.now();
  const { seconds } = folder.info;
  const close = (status: 'interrupted' | 'finished') =>
    folder.update({ status, seconds: seconds + (performance.now() - started) / 1000 });
  folder.update({ status: 'running' });
  try {
    const result = await interruptible(
      (signal) => {
        const onRecord = (arm: string, cost: StepCost) =>
          folder.update({ steps: { ...folder.info.steps, [arm]: cost } });
        const hooks = { ...progressHooks(out, config.train), onRecord, signal, detectAnomaly };
        const store = folder;
        return runExperiment(gpu, { dataset, config, annotations, loss, store, ...hooks });
      },
      (name) => out.say(`${name}: stopping after this step; a second one stops at once …`),
    ).finally(() => out.status(''));
    out.say('writing results and report …');
    const examples = writeResults(folder, result, dataset);
    const concepts = writeMaskPictures(folder, result, dataset);
    close('finished');
    const report = writeReport(folder, result, dataset, examples, concepts);
    out.say();
    for (const line of describeFindings(evaluations(result), dataset)) out.result(line);
    out.result();
    out.result(row('report', report));
    return 0;
  } catch (error) {
    if (error instanceof DivergedError) {
      close('interrupted');
      throw new Error(
        `${error.message} To have it named: gfsr train --resume ${folder.path} --detect-anomaly`,
      );
    }
    if (!(error instanceof InterruptedError)) throw error;
    close('interrupted');
    out.result(`stopped and saved; go on with: gfsr train --resume ${folder.path}`);
    return INTERRUPTED;
  }
}

/** Settings from defaults, file and flags, each winning over the one before; then the data they name. */
async function newJob({ settings, config: file, out }: TrainOptions): Promise<Job> {
  const fromFile = file === undefined ? {} : parseConfigFile(await readText(file), file);
  const given = withChanges(fromFile, settings);
  const early = parseConfig(given); // what is wrong is said before any data is read
  const loss = await loadLoss(early.guidance.loss);
  const dataset = await datasetOf(early);
  const config = parseConfig(given, dataDefaults(dataset));
  const source = await readAnnotations(dataset, config);
  return {
    config,
    dataset,
    loss,
    ...source,
    open: (adapter) => {
      const folder = RunFolder.create(out ?? defaultRunPath(dataset.name), config, {
        started: new Date().toISOString(),
        adapter,
        versions: versions(),
        dataset: datasetInfo(dataset),
        annotations: source.summary,
      });
      if (source.file) folder.write(ANNOTATIONS, serialiseAnnotations(source.file));
      return folder;
    },
  };
}

/** A run as its folder describes it. @throws RangeError for new settings, or data that have changed */
async function resumedJob({ settings, config: file, out, resume }: TrainOptions): Promise<Job> {
  const [extra] = [...flagsOf(settings), ...(file ? ['config'] : []), ...(out ? ['out'] : [])];
  if (extra !== undefined) {
    throw new RangeError(`a resumed run keeps its settings. Leave out --${extra}.`);
  }
  const folder = RunFolder.open(resume as string);
  const { config, info } = folder;
  const loss = await loadLoss(config.guidance.loss);
  const dataset = await datasetOf(config);
  if (!isDeepStrictEqual(datasetInfo(dataset), info.dataset)) {
    throw new RangeError(
      `${folder.path}: ${config.data.source} is no longer what this run began with.`,
    );
  }
  const path = join(folder.path, ANNOTATIONS);
  const { annotations } = existsSync(path)
    ? { annotations: annotationPlanes(await readAnnotationFile(path, dataset), dataset) }
    : await readAnnotations(dataset, config);
  return { config, dataset, loss, annotations, summary: info.annotations, open: () => folder };
}

const datasetOf = ({ data, train: { seed } }: Config): Promise<Dataset> =>
  loadDataset(data.source, { ...data, seed });

const datasetInfo = ({ name, train, val, test, classes, notes }: Dataset) => ({
  name,
  images: { train: train.count, val: val.count, test: test.count },
  classes,
  notes,
  sha256: fingerprint({ train, val, test }),
});

const evaluations = ({ arms }: ExperimentResult) =>
  Object.fromEntries(Object.entries(arms).map(([arm, { evaluation }]) => [arm, evaluation]));
