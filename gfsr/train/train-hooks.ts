// What a trainer tells while it trains, and how it says that training went wrong.

import type { Checkpoint, EpochRecord } from './checkpoint.ts';
import type { StepCost } from './step.ts';

/** One training step, as it is reported: its losses are means over the batch. */
export interface StepReport {
  /** Steps done, of `total`. */
  readonly step: number;
  readonly total: number;
  readonly crossEntropy: number;
  readonly relevance: number;
}

/**
 * What is reported while something trains, and how it is stopped. Experiments, jobs and comparisons hand the same
 * object down to the trainer. `phase` is what is trained: an arm, or "warm-start".
 */
export interface TrainHooks {
  /** A new stage begins: one line for a person. */
  readonly onStage?: (text: string) => void;
  /** Something is not wrong, but a person should know: one sentence. */
  readonly onWarning?: (text: string) => void;
  /** A step was recorded: what it launches and needs. Not with `eager`. */
  readonly onRecord?: (cost: StepCost, phase: string) => void;
  readonly onStep?: (report: StepReport, phase: string) => void;
  /** Training goes on when a promise that it returns is kept. */
  readonly onEpoch?: (record: EpochRecord, phase: string) => void | Promise<void>;
  /** Stops after the step under way. */
  readonly signal?: AbortSignal;
  /** Names the op where a value is first not finite; a step then takes several times as long. Default false. */
  readonly detectAnomaly?: boolean;
}

/** How `Trainer.train` is told to tell and to save. */
export interface TrainOptions extends TrainHooks {
  /** What the hooks are told is trained. Default: "training". */
  readonly phase?: string;
  /** Done at the end of each epoch, before `onEpoch`: the place to save. */
  readonly afterEpoch?: (checkpoint: Checkpoint) => Promise<void>;
}

/** The same with its phase. */
export type NamedTraining = TrainOptions & { readonly phase: string };

/** Thrown when a loss or a weight is no longer finite. The trainer is back at the last good epoch. */
export class DivergedError extends Error {
  override readonly name = 'DivergedError';
  readonly code = 'GFSR_DIVERGED';
}
