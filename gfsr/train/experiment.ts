// The main job: cross-entropy alone and guided training from one warm start, evaluated side by side, resumable.

import type { Gpu } from '../../engine/core/gpu.ts';
import type { StateDict } from '../../model/weights.ts';
import type { Annotations } from '../annotation/marks.ts';
import { type Config, saliencyOptions } from '../config/config.ts';
import type { Dataset, Split } from '../data/dataset.ts';
import { type Evaluation, evaluate } from '../evaluation/evaluate.ts';
import type { Evaluator, Explanations } from '../evaluation/evaluator.ts';
import { buildMasks, type RelevanceMasks } from '../masks/masks.ts';
import { lossSaliency, maskSize, type StepCost } from './step.ts';
import { type Checkpoint, type EpochRecord, type StepReport, Trainer } from './trainer.ts';
import type { GuidancePlan } from './training-batches.ts';

/** `cross-entropy`: never guided; `guided`: guided after the warm-up that both share. */
export type Arm = (typeof ARMS)[number];
export const ARMS = ['cross-entropy', 'guided'] as const;

export interface ArmResult {
  readonly evaluation: Evaluation;
  readonly history: readonly EpochRecord[];
  /** Final weights. */
  readonly weights: StateDict;
  /** Saliency of the example images, in the order of `examples`. */
  readonly examples: { readonly train: Explanations; readonly test: Explanations };
}

export interface ExperimentResult {
  readonly arms: Readonly<Partial<Record<Arm, ArmResult>>>;
  /** What guided the guided arm; absent where nothing was annotated. */
  readonly masks?: RelevanceMasks;
  /** The marks that these were made of. */
  readonly annotations?: Annotations;
  /** The balance between the losses, ΣCE/ΣL_rel; absent where nothing was annotated. */
  readonly rate?: number;
  /** Indices of images worth a picture. */
  readonly examples: { readonly train: readonly number[]; readonly test: readonly number[] };
}

/** Where an experiment keeps what it must not compute twice. */
export interface ExperimentStore {
  load(name: CheckpointName): Promise<Checkpoint | undefined>;
  save(name: CheckpointName, checkpoint: Checkpoint): Promise<void>;
  loadPlan(): Promise<(GuidancePlan & { readonly step: number }) | undefined>;
  savePlan(plan: GuidancePlan & { readonly step: number }): Promise<void>;
}

export type CheckpointName = 'warm-start' | Arm;

export interface ExperimentHooks {
  /** A new stage begins: one line for a person. */
  readonly onStage?: (text: string) => void;
  /** What a step of an arm launches and needs, where it is recorded. */
  readonly onRecord?: (arm: CheckpointName, cost: StepCost) => void;
  readonly onStep?: (arm: CheckpointName, report: StepReport) => void;
  readonly onEpoch?: (arm: CheckpointName, record: EpochRecord) => void;
  readonly signal?: AbortSignal;
  /** Names the op where a value is first not finite; slower. Default false. */
  readonly detectAnomaly?: boolean;
}

/** Thrown when the signal stopped the experiment; all that was computed is in the store. */
export class InterruptedError extends Error {
  override readonly name = 'InterruptedError';
  readonly code = 'GFSR_INTERRUPTED';
}

/** A store that keeps everything in memory: for use as a library, without resuming. */
export function memoryStore(): ExperimentStore {
  const checkpoints = new Map<CheckpointName, Checkpoint>();
  let plan: (GuidancePlan & { step: number }) | undefined;
  return {
    load: async (name) => checkpoints.get(name),
    save: async (name, checkpoint) => void checkpoints.set(name, checkpoint),
    loadPlan: async () => plan,
    savePlan: async (next) => {
      plan = next;
    },
  };
}

/**
 * Trains and evaluates. `annotations` mark training images; without any there is nothing to guide by, and
 * only the cross-entropy arm is trained. What the store holds already is not computed again, and a stopped
 * run continues at the step where it stopped, with the same result.
 *
 * @throws InterruptedError after the signal; RangeError for settings that do not fit the data.
 */
export async function runExperiment(
  gpu: Gpu,
  dataset: Dataset,
  config: Config,
  annotations: Annotations,
  store: ExperimentStore = memoryStore(),
  hooks: ExperimentHooks = {},
): Promise<ExperimentResult> {
  const trainer = new Trainer(gpu, dataset, config);
  try {
    const examples = {
      train: pickExamples(dataset.train, annotations),
      test: pickExamples(dataset.test),
    };
    const arms: Partial<Record<Arm, ArmResult>> = {};
    const warm = await warmStart(trainer, config, store, hooks);
    const finish = async (arm: Arm): Promise<void> => {
      hooks.onStage?.(`evaluating ${arm}`);
      const options = saliencyOptions(config);
      arms[arm] = {
        evaluation: await evaluate(trainer.evaluator, dataset, config),
        history: trainer.history,
        weights: await trainer.classifier.weights.state(),
        examples: {
          train: await trainer.evaluator.explain(dataset.train, options, examples.train),
          test: await trainer.evaluator.explain(dataset.test, options, examples.test),
        },
      };
    };

    if (config.baseline || annotations.size === 0) {
      await trainAlone(trainer, warm, store, hooks);
      await finish('cross-entropy');
    }

    if (annotations.size === 0) return { arms, examples };
    const makeMasks: MaskSource = (evaluator, size) => {
      hooks.onStage?.(
        `spreading ${annotations.size} annotations over ${dataset.train.count} images`,
      );
      return buildMasks(gpu, evaluator, dataset, annotations, config, size);
    };
    const plan = await trainGuided(gpu, trainer, config, makeMasks, warm, store, hooks);
    await finish('guided');
    return { arms, masks: plan.masks, annotations, rate: plan.rate, examples };
  } finally {
    await trainer.dispose();
  }
}

/** Trains the epochs that every arm shares. */
export async function warmStart(
  trainer: Trainer,
  { warmupEpochs, epochs }: Config,
  store: ExperimentStore,
  hooks: ExperimentHooks,
): Promise<Checkpoint> {
  const until = Math.min(warmupEpochs, epochs) * trainer.stepsPerEpoch;
  return advance(trainer, 'warm-start', until, store, hooks);
}

/** Trains the cross-entropy arm to its end. */
export async function trainAlone(
  trainer: Trainer,
  warm: Checkpoint,
  store: ExperimentStore,
  hooks: ExperimentHooks,
): Promise<void> {
  hooks.onStage?.('training with cross-entropy alone');
  await advance(trainer, 'cross-entropy', trainer.totalSteps, store, hooks, { from: warm });
}

/** Makes the masks of the training images, [height, width] as the guided saliency, with the classifier as it is then. */
export type MaskSource = (
  evaluator: Evaluator,
  size: readonly [number, number],
) => Promise<RelevanceMasks>;

/** Trains the guided arm to its end, remaking its masks every `refreshEpochs`. */
export async function trainGuided(
  gpu: Gpu,
  trainer: Trainer,
  config: Config,
  makeMasks: MaskSource,
  warm: Checkpoint,
  store: ExperimentStore,
  hooks: ExperimentHooks,
): Promise<GuidancePlan> {
  trainer.restore((await store.load('guided')) ?? warm);
  const { stepsPerEpoch, totalSteps } = trainer;
  const every = config.refreshEpochs * stepsPerEpoch;
  const size = maskSize(gpu, trainer.classifier, lossSaliency(trainer.guidance));
  let plan = await store.loadPlan();
  for (let done = false; !done; ) {
    const stage = every > 0 ? Math.floor((trainer.step - warm.step) / every) : 0;
    const start = warm.step + stage * every;
    if (!plan || (plan.step < start && trainer.step === start)) {
      const masks = await makeMasks(trainer.evaluator, size);
      const reference = plan ? plan.reference : await trainer.reference();
      const rate = plan?.rate ?? (await trainer.measureRate({ masks, reference }));
      plan = { masks, rate, reference, step: trainer.step };
      await store.savePlan(plan);
    }
    hooks.onStage?.(`training guided by ${trainer.guidance.loss.name}`);
    const until = every > 0 ? Math.min(totalSteps, start + every) : totalSteps;
    await advance(trainer, 'guided', until, store, hooks, { plan });
    done = trainer.step >= totalSteps;
  }
  return plan as GuidancePlan;
}

/** Trains up to `until` from the arm's own checkpoint, else from `from`, else from where the trainer is. */
async function advance(
  trainer: Trainer,
  arm: CheckpointName,
  until: number,
  store: ExperimentStore,
  { onRecord, onStep, onEpoch, signal, detectAnomaly }: ExperimentHooks,
  { from, plan }: { readonly from?: Checkpoint; readonly plan?: GuidancePlan } = {},
): Promise<Checkpoint> {
  const saved = plan ? undefined : ((await store.load(arm)) ?? from);
  if (saved) trainer.restore(saved);
  await trainer.train(until, plan, {
    signal,
    detectAnomaly,
    onRecord: (cost) => onRecord?.(arm, cost),
    onStep: (report) => onStep?.(arm, report),
    onEpoch: async (record) => {
      await store.save(arm, await trainer.checkpoint());
      onEpoch?.(arm, record);
    },
  });
  const checkpoint = await trainer.checkpoint();
  await store.save(arm, checkpoint);
  if (signal?.aborted && trainer.step < until) {
    throw new InterruptedError(
      `stopped at step ${trainer.step} of ${arm}; the run can be resumed.`,
    );
  }
  return checkpoint;
}

/** A few images of every class: annotated ones first, then by number. */
export function pickExamples(
  { labels, count }: Split,
  annotations?: Annotations,
  total = 12,
): number[] {
  const order = [...(annotations?.keys() ?? [])].slice(0, total / 3);
  const seen = new Set(order);
  const classes = [...new Set(labels)].sort((a, b) => a - b);
  for (let round = 0; order.length < Math.min(total, count); round++) {
    const label = classes[round % classes.length];
    const next = labels.findIndex((y, i) => y === label && !seen.has(i));
    if (next >= 0) {
      seen.add(next);
      order.push(next);
    }
  }
  return order;
}
