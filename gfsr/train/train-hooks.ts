// What a trainer reports while it trains, and how it reports that training failed.

import type { ProgramCost } from '../../engine/core/memory-plan.ts';
import type { Checkpoint, EpochRecord } from './checkpoint.ts';

/** What an experiment does, in the order in which it is begun. */
export const STAGES = ['warm-start', 'cross-entropy', 'masks', 'guided', 'measuring'] as const;
export type Stage = (typeof STAGES)[number];

/** The report of one training step. Its losses are means over the batch. */
export interface StepReport {
  /** Steps done, of `total`. */
  readonly step: number;
  readonly total: number;
  /** From 0. */
  readonly epoch: number;
  readonly crossEntropy: number;
  /** ω·L_rel before λ; 0 if the step is not guided. */
  readonly relevance: number;
  /** λ(t), including the balance; 0 if the step is not guided. */
  readonly lambda: number;
  /** Learning rate. */
  readonly lr: number;
  /** Since the losses of the step before were read. */
  readonly seconds: number;
}

/**
 * Callbacks during training, and how to stop it. Experiments, jobs and comparisons pass the same object down to the
 * trainer. `phase` is what is being trained: an arm, or "warm-start".
 */
export interface TrainHooks {
  /** A new stage begins: one line for a person. */
  readonly onStage?: (text: string) => void;
  /** Is told which share of a stage is done, in [0, 1]. The first arm is measured before the second is trained. */
  readonly onProgress?: (stage: Stage, share: number) => void;
  /** A warning for the user that is not an error: one sentence. */
  readonly onWarning?: (text: string) => void;
  /** A step was recorded: what it launches and needs. Not called with `eager`. */
  readonly onRecord?: (cost: ProgramCost, phase: string) => void;
  readonly onStep?: (report: StepReport, phase: string) => void;
  /** If it returns a promise, training waits for it. */
  readonly onEpoch?: (record: EpochRecord, phase: string) => void | Promise<void>;
  /** Stops after the current step; in other stages as soon as possible. */
  readonly signal?: AbortSignal;
  /** Names the op where a value is first not finite. A step then takes several times as long. Default false. */
  readonly detectAnomaly?: boolean;
}

/** How `Trainer.train` reports and saves. */
export interface TrainOptions extends TrainHooks {
  /** Name of what is trained, passed to the hooks. Default: "training". */
  readonly phase?: string;
  /** Whether `train.patience` applies. Not to the epochs that several arms share. Default true. */
  readonly mayStop?: boolean;
  /** Called at the end of each epoch, before `onEpoch`, to save the state. */
  readonly afterEpoch?: (checkpoint: Checkpoint) => Promise<void>;
}

/** The same, with the phase. */
export type NamedTraining = TrainOptions & { readonly phase: string };

/** Whether an error says that the signal was aborted. */
export const isStopped = (error: unknown, signal: AbortSignal | undefined): boolean =>
  signal?.aborted === true && error === signal.reason;

/** Thrown when a loss or a weight is no longer finite. The trainer is then back at the last good epoch. */
export class DivergedError extends Error {
  override readonly name = 'DivergedError';
  readonly code = 'GFSR_DIVERGED';

  /** The error of training that diverged: `what` says how, the checkpoint when. */
  static of({ step }: Checkpoint, what: string): DivergedError {
    return new DivergedError(
      `training: ${what}. The weights of step ${step} are kept. Use a smaller learning rate or lambda.`,
    );
  }

  /** @throws DivergedError naming the loss of a step that is not finite */
  static refuse(
    { crossEntropy, relevance }: Pick<StepReport, 'crossEntropy' | 'relevance'>,
    step: number,
    good: Checkpoint,
  ): void {
    if (Number.isFinite(crossEntropy + relevance)) return;
    const name = Number.isFinite(crossEntropy) ? 'the relevance loss' : 'cross-entropy';
    throw DivergedError.of(good, `${name} is not finite at step ${step}`);
  }

  /** @throws DivergedError naming a tensor that is not finite after an epoch, or the validation loss */
  static refuseEpoch(
    { valLoss }: EpochRecord,
    { step, tensors }: Checkpoint,
    good: Checkpoint,
  ): void {
    const broken = [...tensors].find(([, { data }]) => !data.every(Number.isFinite))?.[0];
    if (!broken && !Number.isNaN(valLoss)) return;
    // Finite weights may be so large that what is computed from them is not finite.
    throw DivergedError.of(
      good,
      `${broken ?? 'the validation loss'} is not finite after step ${step}`,
    );
  }
}
