// Runs the trials of a comparison that have not been finished, seed by seed, each from its seed's shared warm start.

import type { Gpu } from '../../engine/core/gpu.ts';
import type { Annotations } from '../annotation/marks.ts';
import { type Config, saliencyOptions } from '../config/config.ts';
import type { Dataset } from '../data/dataset.ts';
import { fingerprint } from '../data/fingerprint.ts';
import { evaluate } from '../evaluation/evaluate.ts';
import { predictedClasses } from '../evaluation/metrics/classification.ts';
import { rowAt } from '../image/rows.ts';
import { annotatedMasks, changeMasks, realMasks } from '../masks/mask-controls.ts';
import { buildMasks } from '../masks/masks.ts';
import { figures } from '../report/tables.ts';
import {
  type ExperimentHooks,
  type MaskSource,
  memoryStore,
  pickExamples,
  trainAlone,
  trainGuided,
  warmStart,
} from '../train/experiment.ts';
import { type Checkpoint, DivergedError, Trainer } from '../train/trainer.ts';
import type { GuidancePlan } from '../train/training-batches.ts';
import type { LabFolder } from './comparison-folder.ts';
import type { TrialExamples, TrialRecord } from './trial-record.ts';
import type { Trial } from './trials.ts';

/** Where the images and annotations of a trial come from. */
export interface LabSources {
  readonly dataset: (seed: number) => Promise<Dataset>;
  /** @throws RangeError if there are none */
  readonly annotations: (dataset: Dataset, config: Config) => Promise<Annotations>;
}

/** What every record says of the machine and the program. */
export type LabContext = Pick<TrialRecord, 'adapter' | 'isSoftware' | 'gfsr' | 'commit'>;

export interface LabProgress {
  /** Trials that are finished, of `total`. */
  readonly done: number;
  readonly total: number;
  /** Of the trials that are missing, from those that are finished; NaN where none is. */
  readonly secondsLeft: number;
}

export interface LabHooks extends Pick<ExperimentHooks, 'onStep' | 'signal'> {
  readonly onStart?: (trial: Trial, progress: LabProgress) => void;
  readonly onFinish?: (record: TrialRecord, progress: LabProgress) => void;
}

/** Saliency maps that every record keeps for the report. */
const EXAMPLES = 6;

/**
 * The record of every trial, in their order; those that the folder holds are not run again. What is trained depends
 * on the trial alone, so it does not matter where an earlier run was stopped.
 *
 * @throws InterruptedError after the signal; RangeError if the data are not those of the trials in the folder
 */
export async function runLab(
  gpu: Gpu,
  trials: readonly Trial[],
  folder: LabFolder,
  sources: LabSources,
  context: LabContext,
  hooks: LabHooks = {},
): Promise<TrialRecord[]> {
  const records = new Map<string, TrialRecord>();
  for (const { key } of trials) {
    const found = folder.loadTrial(key);
    if (found) records.set(key, found);
  }
  const progress = () => progressOf(trials, records);
  for (const seed of new Set(trials.map((trial) => trial.seed))) {
    const own = trials.filter((trial) => trial.seed === seed);
    if (own.every(({ key }) => records.has(key))) continue;
    const dataset = await sources.dataset(seed);
    const sha256 = fingerprint(dataset);
    for (const { key, config } of own) {
      if ((records.get(key)?.dataset.sha256 ?? sha256) === sha256) continue;
      throw new RangeError(
        `${folder.path}: ${config.data} is no longer what its trials were made with. Choose a new folder with --out.`,
      );
    }
    for (const trial of own) {
      if (records.has(trial.key)) continue;
      hooks.onStart?.(trial, progress());
      const started = performance.now();
      const outcome = await runTrial(gpu, trial, dataset, sha256, folder, sources, hooks);
      const record: TrialRecord = {
        ...{ format: 'gfsr-trial', version: 1, key: trial.key, label: trial.condition.label },
        ...{ seed, control: trial.condition.control, settings: trial.config },
        ...{ dataset: { name: dataset.name, sha256 }, ...context },
        finished: new Date().toISOString(),
        seconds: (performance.now() - started) / 1000,
        ...outcome,
      };
      folder.saveTrial(record);
      records.set(trial.key, record);
      hooks.onFinish?.(record, progress());
    }
  }
  return trials.map(({ key }) => records.get(key) as TrialRecord);
}

function progressOf(
  trials: readonly Trial[],
  records: ReadonlyMap<string, TrialRecord>,
): LabProgress {
  const known = trials.flatMap(({ key, condition }) => {
    const record = records.get(key);
    return record ? [{ guided: condition.guided, seconds: record.seconds }] : [];
  });
  const typical = (guided: boolean): number => {
    const alike = known.filter((trial) => trial.guided === guided);
    const of = alike.length > 0 ? alike : known;
    return of.reduce((sum, { seconds }) => sum + seconds, 0) / of.length;
  };
  const missing = trials.filter(({ key }) => !records.has(key));
  return {
    done: trials.length - missing.length,
    total: trials.length,
    secondsLeft: missing.reduce((sum, { condition }) => sum + typical(condition.guided), 0),
  };
}

type Outcome = Pick<TrialRecord, 'annotated' | 'rate' | 'figures' | 'failed' | 'examples'>;

async function runTrial(
  gpu: Gpu,
  trial: Trial,
  dataset: Dataset,
  sha256: string,
  folder: LabFolder,
  sources: LabSources,
  hooks: LabHooks,
): Promise<Outcome> {
  const { condition, config, evaluation } = trial;
  const trainer = new Trainer(gpu, dataset, config);
  const store = memoryStore();
  let plan: GuidancePlan | undefined;
  const guidance = () => ({ annotated: plan?.masks.annotated ?? 0, rate: plan?.rate ?? null });
  try {
    const warmKey = `${trial.warmKey}-${sha256.slice(0, 8)}`;
    const warm = await sharedStart(trainer, config, warmKey, folder, hooks);
    if (condition.guided) {
      const makeMasks = await maskSource(gpu, trial, dataset, sources);
      plan = await trainGuided(gpu, trainer, config, makeMasks, warm, store, hooks);
    } else {
      await trainAlone(trainer, warm, store, hooks);
    }
    const measured = await evaluate(trainer.evaluator, dataset, evaluation);
    return {
      ...guidance(),
      figures: Object.fromEntries(
        figures(measured).map(({ on, metric, value }) => [`${on} ${metric}`, value]),
      ),
      examples: await lookAt(trainer, dataset, evaluation),
    };
  } catch (error) {
    if (!(error instanceof DivergedError)) throw error;
    return { ...guidance(), figures: {}, failed: error.message };
  } finally {
    await trainer.dispose();
  }
}

/** The warm start that all trials of the same training share, made by the first of them. */
async function sharedStart(
  trainer: Trainer,
  config: Config,
  key: string,
  folder: LabFolder,
  hooks: LabHooks,
): Promise<Checkpoint> {
  const found = folder.loadWarmStart(key);
  if (found) return found;
  const warm = await warmStart(trainer, config, memoryStore(), hooks);
  folder.saveWarmStart(key, warm);
  return warm;
}

async function maskSource(
  gpu: Gpu,
  { condition: { control }, config }: Trial,
  dataset: Dataset,
  sources: LabSources,
): Promise<MaskSource> {
  if (control === 'oracle') return async (_, size) => realMasks(dataset, size);
  const annotations = await sources.annotations(dataset, config);
  if (control === 'annotated-only') {
    return async (_, size) => annotatedMasks(dataset, annotations, config, size);
  }
  return async (evaluator, size) => {
    const masks = await buildMasks(gpu, evaluator, dataset, annotations, config, size);
    return control === 'none' ? masks : changeMasks(masks, control, config.seed);
  };
}

async function lookAt(
  { evaluator }: Trainer,
  dataset: Dataset,
  evaluation: Config,
): Promise<TrialExamples> {
  const indices = pickExamples(dataset.test, undefined, EXAMPLES);
  const options = saliencyOptions(evaluation);
  const { probs, maps, height, width } = await evaluator.explain(dataset.test, options, indices);
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
