// Runs one trial: training from the shared warm start of its seed, evaluation, and the record of both.

import type { Gpu } from '../../engine/core/gpu.ts';
import type { Annotations } from '../annotation/marks.ts';
import type { Config } from '../config/config.ts';
import { portable } from '../config/portable.ts';
import type { Dataset } from '../data/dataset.ts';
import { evaluate } from '../evaluation/evaluate.ts';
import type { RelevanceLoss } from '../guidance/losses.ts';
import { annotatedMasks, changeMasks, realMasks } from '../masks/mask-controls.ts';
import { buildMasks } from '../masks/masks.ts';
import { figures } from '../report/tables.ts';
import type { Checkpoint } from '../train/checkpoint.ts';
import type { Pretrained } from '../train/classifier.ts';
import {
  type ArmJob,
  InterruptedError,
  type MaskSource,
  memoryStore,
  trainAlone,
  trainGuided,
  warmStart,
} from '../train/experiment.ts';
import type { Supervision } from '../train/supervision.ts';
import { DivergedError, isStopped, type TrainHooks } from '../train/train-hooks.ts';
import { Trainer } from '../train/trainer.ts';
import { lookAt } from './trial-examples.ts';
import type { TrialFiles } from './trial-files.ts';
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
export type TrialContext = Pick<
  TrialRecord,
  'adapter' | 'adapterInfo' | 'isSoftware' | 'gfsr' | 'commit' | 'code'
>;

/** What the trials of a seed share. */
export interface SeedJob {
  readonly gpu: Gpu;
  readonly dataset: Dataset;
  /** Fingerprint of the data. */
  readonly sha256: string;
  /** Where warm starts are. */
  readonly files: TrialFiles;
  readonly sources: TrialSources;
  readonly context: TrialContext;
  readonly hooks: TrainHooks & {
    /** The warm start of the trial is in the files: other trials can use it. */
    readonly onWarmStart?: () => void;
  };
  /** The data has no test images, so that only figures of validation images are kept. Default false. */
  readonly validationOnly?: boolean;
}

/**
 * Trains and measures. The record depends on the trial, the data and the adapter, except for its time and duration.
 *
 * @throws InterruptedError after the signal
 */
export async function recordTrial(trial: Trial, job: SeedJob): Promise<TrialRecord> {
  const { dataset, sha256, context } = job;
  const started = performance.now();
  const outcome = await runTrial(trial, job);
  return {
    ...{ format: 'gfsr-trial', version: 2, key: trial.key, label: trial.condition.label },
    ...{ seed: trial.seed, control: trial.condition.control, settings: portable(trial.config) },
    ...{ dataset: { ...describeSplits(dataset), sha256 }, ...context },
    finished: new Date().toISOString(),
    seconds: (performance.now() - started) / 1000,
    ...outcome,
  };
}

const describeSplits = ({ name, splitsBySeed, train, val, test }: Dataset) => ({
  name,
  ...(splitsBySeed && { drawn: { train: train.count, val: val.count, test: test.count } }),
});

type Outcome = Pick<
  TrialRecord,
  'annotated' | 'lossBalance' | 'epoch' | 'figures' | 'resolution' | 'failed' | 'examples'
>;

async function runTrial(trial: Trial, job: SeedJob): Promise<Outcome> {
  const { condition, config, evaluation } = trial;
  const { gpu, dataset, sources, hooks, validationOnly = false } = job;
  const loss = sources.loss(config.guidance.loss);
  const pretrained = sources.pretrained(config.model.init);
  const measuredSaliency = evaluation.saliency;
  const trainer = new Trainer(gpu, { dataset, config, loss, pretrained, measuredSaliency });
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
    const measured = await evaluate(trainer.evaluator, dataset, measuredSaliency);
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
        examples: await lookAt(trainer.evaluator, dataset, measuredSaliency),
      }),
    };
  } catch (error) {
    if (isStopped(error, hooks.signal))
      throw new InterruptedError('stopped before its first step; finished trials are kept.');
    if (!(error instanceof DivergedError)) throw error;
    return { ...guidance(), figures: {}, failed: error.message };
  } finally {
    await trainer.dispose();
  }
}

/** Name of a trial's warm start. @param sha256 fingerprint of its data */
export const warmStartKey = ({ warmKey }: Pick<Trial, 'warmKey'>, sha256: string): string =>
  `${warmKey}-${sha256.slice(0, 8)}`;

/** The warm start that all trials of the same training share. The first of them makes it. */
async function sharedStart(
  arm: ArmJob,
  trial: Trial,
  { files, sha256, hooks }: SeedJob,
): Promise<Checkpoint> {
  const key = warmStartKey(trial, sha256);
  const found = files.loadWarmStart(key);
  const warm = found ?? (await warmStart({ ...arm, store: memoryStore() }));
  if (!found) files.saveWarmStart(key, warm);
  hooks.onWarmStart?.();
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
