// Runs the unfinished trials of a comparison, seed by seed, each from the shared warm start of its seed.

import type { Gpu } from '../../engine/core/gpu.ts';
import type { Annotations } from '../annotation/marks.ts';
import type { Config } from '../config/config.ts';
import { portable } from '../config/portable.ts';
import type { Dataset } from '../data/dataset.ts';
import { fingerprint } from '../data/fingerprint.ts';
import { evaluate } from '../evaluation/evaluate.ts';
import type { RelevanceLoss } from '../guidance/losses.ts';
import { UserCodeError } from '../guidance/user-code-error.ts';
import { annotatedMasks, changeMasks, realMasks } from '../masks/mask-controls.ts';
import { buildMasks } from '../masks/masks.ts';
import { figures } from '../report/tables.ts';
import type { Checkpoint } from '../train/checkpoint.ts';
import type { Pretrained } from '../train/classifier.ts';
import {
  type ArmJob,
  type MaskSource,
  memoryStore,
  trainAlone,
  trainGuided,
  warmStart,
} from '../train/experiment.ts';
import type { Supervision } from '../train/supervision.ts';
import { DivergedError, type TrainHooks } from '../train/train-hooks.ts';
import { Trainer } from '../train/trainer.ts';
import type { ComparisonFolder } from './comparison-folder.ts';
import { lookAt } from './trial-examples.ts';
import type { TrialRecord } from './trial-record.ts';
import type { Trial } from './trials.ts';

/** Source of the images, annotations and relevance loss of a trial. */
export interface TrialSources {
  readonly dataset: (seed: number) => Promise<Dataset>;
  /** @throws RangeError if there are none */
  readonly annotations: (dataset: Dataset, config: Config) => Promise<Annotations>;
  /** The loss that the setting `guidance.loss` names. */
  readonly loss: (setting: string) => RelevanceLoss;
  /** The weights that the setting `model.init` names; undefined if it names none. */
  readonly pretrained: (setting: string) => Pretrained | undefined;
}

/** What every record says about the machine and the program. */
export type TrialContext = Pick<TrialRecord, 'adapter' | 'isSoftware' | 'gfsr' | 'commit' | 'code'>;

export interface TrialProgress {
  /** Number of finished trials, of `total`. */
  readonly done: number;
  readonly total: number;
  /** Seconds for the missing trials, estimated from the finished ones; NaN if none is finished. */
  readonly secondsLeft: number;
}

export interface TrialHooks extends TrainHooks {
  /** The folder had tables of other trials: where they are now. */
  readonly onKept?: (folder: string) => void;
  readonly onStart?: (trial: Trial, progress: TrialProgress) => void;
  readonly onFinish?: (record: TrialRecord, progress: TrialProgress) => void;
  readonly onBroken?: (broken: BrokenTrial, progress: TrialProgress) => void;
}

/** A trial that cannot be run, or that ended in an error. It leaves no record, so the next run tries it again. */
export interface BrokenTrial {
  readonly trial: Trial;
  readonly error: Error;
}

/** What is run, where its records go, and what they say about the machine. */
export interface TrialsJob {
  readonly trials: readonly Trial[];
  readonly folder: ComparisonFolder;
  readonly sources: TrialSources;
  readonly context: TrialContext;
  readonly hooks?: TrialHooks;
  /** By key of the trial: why it cannot be run. */
  readonly unfit?: ReadonlyMap<string, Error>;
  /** The data has no test images, so that only figures of validation images are kept. Default false. */
  readonly validationOnly?: boolean;
}

/** What became of the trials. */
export interface TrialResults {
  /** In the order of the trials; undefined where a trial is broken. */
  readonly records: readonly (TrialRecord | undefined)[];
  readonly broken: readonly BrokenTrial[];
}

/**
 * Runs all trials, in order. Trials that the folder holds are not repeated. A training depends only on its trial, so it
 * does not matter where an earlier run was stopped. If a trial fails because of its own settings or loss, the others
 * still run.
 *
 * @throws InterruptedError after the signal; RangeError if the data differs from that of the trials in the folder; the
 *   error of the first trial if all are broken
 */
export async function runTrials(
  gpu: Gpu,
  { trials, folder, sources, context, hooks = {}, unfit = new Map(), validationOnly }: TrialsJob,
): Promise<TrialResults> {
  const records = new Map<string, TrialRecord>();
  const broken = new Map<string, BrokenTrial>();
  for (const trial of trials) {
    const error = unfit.get(trial.key);
    if (error) broken.set(trial.key, { trial, error });
  }
  for (const { key } of trials) {
    const found = folder.loadTrial(key);
    if (!found) continue;
    requireSameCode(found, context, folder.path);
    records.set(key, found);
  }
  const isDone = ({ key }: Trial) => records.has(key) || broken.has(key);
  const progress = () => progressOf(trials, records, isDone);
  for (const seed of new Set(trials.map((trial) => trial.seed))) {
    const own = trials.filter((trial) => trial.seed === seed);
    // The first seed's data are at hand, and tell whether a finished comparison still holds.
    if (seed !== trials[0].seed && own.every(isDone)) continue;
    const dataset = await sources.dataset(seed);
    const sha256 = fingerprint(dataset);
    for (const { key, config } of own) {
      if ((records.get(key)?.dataset.sha256 ?? sha256) === sha256) continue;
      throw new RangeError(
        `${folder.path}: ${config.data.source} has changed since the trials in this folder were run. Choose a new folder with --out.`,
      );
    }
    const job: SeedJob = { gpu, dataset, sha256, folder, sources, hooks, validationOnly };
    for (const trial of own) {
      if (isDone(trial)) continue;
      hooks.onStart?.(trial, progress());
      const started = performance.now();
      let outcome: Outcome;
      try {
        outcome = await runTrial(trial, job);
      } catch (error) {
        if (!isOfTrial(error)) throw error;
        broken.set(trial.key, { trial, error });
        hooks.onBroken?.({ trial, error }, progress());
        continue;
      }
      const record: TrialRecord = {
        ...{ format: 'gfsr-trial', version: 2, key: trial.key, label: trial.condition.label },
        ...{ seed, control: trial.condition.control, settings: portable(trial.config) },
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
  const [first] = broken.values();
  if (first && records.size === 0) throw first.error;
  return { records: trials.map(({ key }) => records.get(key)), broken: [...broken.values()] };
}

/** Whether the settings or the loss of a trial are to blame, and not the device, the disk or the user. */
export const isOfTrial = (error: unknown): error is Error =>
  error instanceof UserCodeError || error instanceof RangeError || error instanceof TypeError;

/** Figures of two versions of the code are no comparison. */
function requireSameCode(record: TrialRecord, { code }: TrialContext, folder: string): void {
  if (record.code === code) return;
  throw new RangeError(
    `${folder}: trial ${record.key} (${record.label}, seed ${record.seed}) was made by code version ${record.code}, the others by ${code}. Delete its file to run it again, or choose a new folder with --out.`,
  );
}

function progressOf(
  trials: readonly Trial[],
  records: ReadonlyMap<string, TrialRecord>,
  isDone: (trial: Trial) => boolean,
): TrialProgress {
  const known = trials.flatMap(({ key, condition }) => {
    const record = records.get(key);
    return record ? [{ guided: condition.guided, seconds: record.seconds }] : [];
  });
  const typical = (guided: boolean): number => {
    const alike = known.filter((trial) => trial.guided === guided);
    const of = alike.length > 0 ? alike : known;
    return of.reduce((sum, { seconds }) => sum + seconds, 0) / of.length;
  };
  const missing = trials.filter((trial) => !isDone(trial));
  return {
    done: trials.length - missing.length,
    total: trials.length,
    secondsLeft: missing.reduce((sum, { condition }) => sum + typical(condition.guided), 0),
  };
}

type Outcome = Pick<
  TrialRecord,
  'annotated' | 'lossBalance' | 'epoch' | 'figures' | 'resolution' | 'failed' | 'examples'
>;

/** What the trials of a seed share. */
interface SeedJob {
  readonly gpu: Gpu;
  readonly dataset: Dataset;
  /** Fingerprint of the data. */
  readonly sha256: string;
  readonly folder: ComparisonFolder;
  readonly sources: TrialSources;
  readonly hooks: TrialHooks;
  readonly validationOnly?: boolean;
}

async function runTrial(trial: Trial, job: SeedJob): Promise<Outcome> {
  const { condition, config, evaluation } = trial;
  const { gpu, dataset, sources, hooks, validationOnly = false } = job;
  const loss = sources.loss(config.guidance.loss);
  const pretrained = sources.pretrained(config.model.init);
  const trainer = new Trainer(gpu, { dataset, config, loss, pretrained });
  const arm: ArmJob = { trainer, config, store: memoryStore(), hooks };
  let supervision: Supervision | undefined;
  let epoch: number;
  const guidance = () => ({
    annotated: supervision?.masks.annotated ?? 0,
    lossBalance: supervision?.lossBalance ?? null,
  });
  try {
    const warm = await sharedStart(arm, trial, job);
    if (condition.guided) {
      const makeMasks = await maskSource(trial, job);
      ({ supervision, epoch } = await trainGuided(arm, { warm, makeMasks }));
    } else {
      epoch = await trainAlone(arm, warm);
    }
    const measured = await evaluate(trainer.evaluator, dataset, evaluation.saliency);
    const { mapSize, imageSize } = measured;
    return {
      ...{ ...guidance(), epoch },
      resolution: { mapSize: [...mapSize], imageSize: [...imageSize] },
      figures: Object.fromEntries(
        figures(measured)
          .filter(({ on }) => !validationOnly || !/^test\b/.test(on))
          .map(({ on, metric, value }) => [`${on} ${metric}`, value]),
      ),
      ...(!validationOnly && {
        examples: await lookAt(trainer.evaluator, dataset, evaluation.saliency),
      }),
    };
  } catch (error) {
    if (!(error instanceof DivergedError)) throw error;
    return { ...guidance(), figures: {}, failed: error.message };
  } finally {
    await trainer.dispose();
  }
}

/** The warm start that all trials of the same training share. The first of them makes it. */
async function sharedStart(
  arm: ArmJob,
  { warmKey }: Trial,
  { folder, sha256 }: SeedJob,
): Promise<Checkpoint> {
  const key = `${warmKey}-${sha256.slice(0, 8)}`;
  const found = folder.loadWarmStart(key);
  if (found) return found;
  const warm = await warmStart({ ...arm, store: memoryStore() });
  folder.saveWarmStart(key, warm);
  return warm;
}

async function maskSource(
  { condition: { control }, config }: Trial,
  { gpu, dataset, sources }: SeedJob,
): Promise<MaskSource> {
  const { seed } = config.train;
  if (control === 'oracle') return async (_, size) => realMasks(dataset, size);
  const annotations = await sources.annotations(dataset, config);
  if (control === 'annotated-only') {
    return async (_, size) => annotatedMasks(dataset, annotations, config.masks, size);
  }
  return async (evaluator, size) => {
    const options = { ...config.masks, seed };
    const masks = await buildMasks(gpu, evaluator, dataset, annotations, options, size);
    return control === 'none' ? masks : changeMasks(masks, control, seed);
  };
}
