// The main job: cross-entropy alone and guided training from one warm start, evaluated side by side, resumable.

import type { Gpu } from '../../engine/core/gpu.ts';
import type { Classifier } from '../../model/classifier.ts';
import type { StateDict } from '../../model/weights.ts';
import type { Annotations } from '../annotation/marks.ts';
import type { Config } from '../config/config.ts';
import type { ChannelStats } from '../data/normalise.ts';
import { type Evaluation, type ImageResults, measure } from '../evaluation/evaluate.ts';
import type { Evaluator } from '../evaluation/evaluator.ts';
import { type ExaminationOptions, measureTrust, type Trust } from '../evaluation/examination.ts';
import { mapSize } from '../guidance/map-size.ts';
import { partOfWork } from '../machine/long-work.ts';
import { buildMasks, type RelevanceMasks } from '../masks/masks.ts';
import { describeQuality } from '../masks/spread-quality.ts';
import type { Checkpoint, EpochRecord } from './checkpoint.ts';
import { faintGuidance } from './course.ts';
import {
  type Examples,
  explainExamples,
  pickExamples,
  type ShownExamples,
} from './example-images.ts';
import { lossSaliency } from './step-inputs.ts';
import type { DatedSupervision, Supervision } from './supervision.ts';
import { isStopped, type TrainHooks } from './train-hooks.ts';
import { Trainer, type TrainerOptions } from './trainer.ts';

/** `cross-entropy`: never guided; `guided`: guided after the warm-up that both share. */
export type Arm = (typeof ARMS)[number];
/** Both arms, in the order in which they are trained. */
export const ARMS = ['cross-entropy', 'guided'] as const;

/** The result of one arm of an experiment. */
export interface ArmResult {
  readonly evaluation: Evaluation;
  readonly history: readonly EpochRecord[];
  /** The epoch whose weights were kept, from 0: the last, or the best on validation images. */
  readonly epoch: number;
  /** Weights of that epoch. */
  readonly weights: StateDict;
  /** The configuration of the classifier that has them; undefined for a classifier of your own. */
  readonly architecture: Classifier['config'];
  /** How the pixels of its images are normalised. */
  readonly stats: ChannelStats;
  /** What was measured of each test image. */
  readonly images: ImageResults;
  /** Saliency of the example images, in the order of `examples`, and of test images that were mistaken. */
  readonly examples: ShownExamples;
  /** Faithfulness and uncertainty, if they were asked for. */
  readonly trust?: Trust;
}

/** Both arms, the supervision of the guided one, and images worth showing. */
export interface ExperimentResult {
  readonly arms: Readonly<Partial<Record<Arm, ArmResult>>>;
  /** What guided the guided arm; absent if nothing was annotated. */
  readonly masks?: RelevanceMasks;
  /** The marks from which the masks were made. */
  readonly annotations?: Annotations;
  /** ΣCE/ΣL_rel before guidance started; absent if nothing was annotated. */
  readonly lossBalance?: number;
  /** Indices of images worth showing. */
  readonly examples: Examples;
}

/** Where an experiment keeps what it must not compute twice. */
export interface ExperimentStore {
  load(name: CheckpointName): Promise<Checkpoint | undefined>;
  save(name: CheckpointName, checkpoint: Checkpoint): Promise<void>;
  loadSupervision(): Promise<DatedSupervision | undefined>;
  saveSupervision(supervision: DatedSupervision): Promise<void>;
}

/** The trainings of an experiment that are stored separately: the shared start, then each arm. */
export type CheckpointName = 'warm-start' | Arm;

/** Thrown when the signal stopped the experiment. Everything computed so far is in the store. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
  readonly code = 'GFSR_INTERRUPTED';
}

/** Everything that `runExperiment` needs; `dataset`, `config` and `annotations` are required. */
export interface ExperimentOptions extends TrainerOptions, TrainHooks {
  /** Marks on training images: image index → one plane [H, W] per annotator. */
  readonly annotations: Annotations;
  /** Default: in memory, without resuming. */
  readonly store?: ExperimentStore;
  /** What to measure besides the scores. Default: nothing. */
  readonly trust?: ExaminationOptions;
}

/** A store that keeps everything in memory: for use as a library, without resuming. */
export function memoryStore(): ExperimentStore {
  const checkpoints = new Map<CheckpointName, Checkpoint>();
  let supervision: DatedSupervision | undefined;
  return {
    load: async (name) => checkpoints.get(name),
    save: async (name, checkpoint) => void checkpoints.set(name, checkpoint),
    loadSupervision: async () => supervision,
    saveSupervision: async (next) => {
      supervision = next;
    },
  };
}

/**
 * Trains and evaluates. `annotations` mark training images; without any there is no guidance, and only the
 * cross-entropy arm is trained. What the store already holds is not computed again. A stopped run continues at the step
 * where it stopped, with the same result.
 *
 * @throws InterruptedError after the signal; RangeError for settings that do not fit the data or the classifier
 */
export async function runExperiment(
  gpu: Gpu,
  options: ExperimentOptions,
): Promise<ExperimentResult> {
  const { dataset, config, annotations, store = memoryStore(), trust, ...hooks } = options;
  const [{ seed }, { signal }] = [config.train, hooks];
  const trainer = new Trainer(gpu, options);
  const job: ArmJob = { trainer, config, store, hooks };
  try {
    const examples = {
      train: pickExamples(dataset.train, annotations),
      test: pickExamples(dataset.test),
    };
    const arms: Partial<Record<Arm, ArmResult>> = {};
    // Refused now, before the warm start is trained.
    if (annotations.size > 0) mapSize(gpu, trainer.classifier, lossSaliency(trainer.guidance));
    const warm = await warmStart(job);
    const measured = [
      ...(config.train.baseline || annotations.size === 0 ? ['cross-entropy'] : []),
      ...(annotations.size > 0 ? ['guided'] : []),
    ];
    const finish = async (arm: Arm, epoch: number): Promise<void> => {
      const kept = config.train.selection === 'best' ? `, epoch ${epoch + 1}` : '';
      hooks.onStage?.(`evaluating ${arm}${kept}`);
      const { evaluator, classifier, stats } = trainer;
      const progress = partOfWork(
        (share) => hooks.onProgress?.('measuring', share),
        measured.indexOf(arm),
        measured.length,
      );
      const { evaluation, images } = await measure(evaluator, dataset, config.saliency, progress);
      const examined = { predictor: evaluator, trained: { classifier, stats, config } };
      arms[arm] = {
        ...{ evaluation, images, history: trainer.history, epoch, stats },
        weights: await classifier.weights.state(),
        architecture: classifier.config,
        examples: await explainExamples(evaluator, dataset, config, examples, images),
        ...(trust && { trust: await measureTrust(gpu, examined, dataset, trust) }),
      };
    };

    if (config.train.baseline || annotations.size === 0) {
      await finish('cross-entropy', await trainAlone(job, warm));
    }

    if (annotations.size === 0) return { arms, examples };
    const makeMasks: MaskSource = async (evaluator, size) => {
      hooks.onStage?.(
        `spreading ${annotations.size} annotations over ${dataset.train.count} images`,
      );
      const following = (share: number) => hooks.onProgress?.('masks', share);
      following(0);
      const spreading = { ...config.masks, seed };
      const work = { signal, onProgress: following };
      const masks = await buildMasks(gpu, evaluator, dataset, annotations, spreading, size, work);
      following(1);
      return masks;
    };
    const { supervision, epoch } = await trainGuided(job, { warm, makeMasks });
    const { masks, lossBalance } = supervision;
    await finish('guided', epoch);
    return { arms, masks, annotations, lossBalance, examples };
  } catch (error) {
    if (!isStopped(error, signal)) throw error;
    throw new InterruptedError('stopped; the run can be resumed.');
  } finally {
    await trainer.dispose();
  }
}

/** What the training of any arm needs. */
export interface ArmJob {
  readonly trainer: Trainer;
  readonly config: Config;
  readonly store: ExperimentStore;
  readonly hooks: TrainHooks;
}

/** Trains the epochs that every arm shares. */
export async function warmStart(job: ArmJob): Promise<Checkpoint> {
  const { trainer, config } = job;
  const epochs = Math.min(config.guidance.warmupEpochs, config.train.epochs);
  return advance(job, 'warm-start', epochs * trainer.stepsPerEpoch, { mayStop: false });
}

/** Trains the cross-entropy arm to its end. Returns the epoch whose weights are kept. */
export async function trainAlone(job: ArmJob, warm: Checkpoint): Promise<number> {
  job.hooks.onStage?.('training with cross-entropy alone');
  await advance(job, 'cross-entropy', job.trainer.totalSteps, { from: warm });
  return job.trainer.selectEpoch(false);
}

/**
 * Makes the masks of the training images, [height, width] of the guided saliency, with the classifier in its current
 * state.
 */
export type MaskSource = (
  evaluator: Evaluator,
  size: readonly [number, number],
) => Promise<RelevanceMasks>;

/** Trains the guided arm to its end, remaking its masks every `refreshEpochs`. `epoch`: whose weights are kept. */
export async function trainGuided(
  job: ArmJob,
  { warm, makeMasks }: { readonly warm: Checkpoint; readonly makeMasks: MaskSource },
): Promise<{ readonly supervision: Supervision; readonly epoch: number }> {
  const { trainer, config, store, hooks } = job;
  trainer.restore((await store.load('guided')) ?? warm);
  const { stepsPerEpoch, totalSteps } = trainer;
  const every = config.guidance.refreshEpochs || Number.POSITIVE_INFINITY;
  let supervision = await store.loadSupervision();
  if (!supervision && trainer.step > warm.step) {
    throw new RangeError(
      `guided training stands at step ${trainer.step}, but the masks that guided it are gone. Delete its checkpoint as well to train it again.`,
    );
  }
  // Masks are remade after a measured epoch, and never after the last: those that guided it are kept.
  while (!supervision || !trainer.isFinished(true)) {
    const epochs = trainer.history.length - warm.history.length;
    const start = warm.step + (epochs - (epochs % every)) * stepsPerEpoch;
    if (!supervision || (supervision.step < start && trainer.step === start)) {
      const masks = await makeMasks(trainer.evaluator, trainer.maskSize);
      const { quality } = masks;
      const say = quality?.isMeanTaken ? hooks.onWarning : hooks.onStage;
      if (quality) say?.(describeQuality(quality));
      const { initialSaliency = await trainer.initialSaliency(), lossBalance } = supervision ?? {};
      supervision = {
        masks,
        initialSaliency,
        lossBalance:
          lossBalance ?? (await trainer.measureBalance({ masks, initialSaliency }, hooks.signal)),
        step: trainer.step,
      };
      await store.saveSupervision(supervision);
      const faint = faintGuidance(config.guidance, supervision.lossBalance);
      if (faint) hooks.onWarning?.(faint);
    }
    hooks.onStage?.(`training guided by ${trainer.guidance.loss.name}`);
    const until = Math.min(totalSteps, start + every * stepsPerEpoch);
    await advance(job, 'guided', until, { supervision });
  }
  return { supervision, epoch: trainer.selectEpoch(true) };
}

interface AdvanceOptions {
  readonly from?: Checkpoint;
  readonly supervision?: Supervision;
  readonly mayStop?: boolean;
}

/**
 * Trains up to `until`, starting from the arm's own checkpoint, or else from `from`, or else from the trainer's state.
 */
async function advance(
  { trainer, config, store, hooks }: ArmJob,
  arm: CheckpointName,
  until: number,
  { from, supervision, mayStop }: AdvanceOptions = {},
): Promise<Checkpoint> {
  const saved = supervision ? undefined : ((await store.load(arm)) ?? from);
  if (saved) trainer.restore(saved);
  // An arm goes on where the warm start ended.
  const { warmupEpochs } = config.guidance;
  const warm = Math.min(warmupEpochs * trainer.stepsPerEpoch, trainer.totalSteps);
  const [first, last] = arm === 'warm-start' ? [0, warm] : [warm, trainer.totalSteps];
  const share = (step: number) => (step - first) / Math.max(1, last - first);
  await trainer.train(until, supervision, {
    ...hooks,
    phase: arm,
    onStep: (report, phase) => {
      hooks.onStep?.(report, phase);
      hooks.onProgress?.(arm, share(report.step));
    },
    mayStop,
    afterEpoch: (checkpoint) => store.save(arm, checkpoint),
  });
  const checkpoint = await trainer.checkpoint();
  await store.save(arm, checkpoint);
  const isDone = trainer.isFinished(supervision !== undefined, until);
  if (hooks.signal?.aborted && !isDone) {
    throw new InterruptedError(
      `stopped at step ${trainer.step} of ${arm}; the run can be resumed.`,
    );
  }
  return checkpoint;
}
