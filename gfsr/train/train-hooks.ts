// What a trainer tells while it trains, and how it says that training went wrong.

import type { EpochRecord } from './checkpoint.ts';
import type { StepCost } from './step.ts';

/** One training step, as it is reported: its losses are means over the batch. */
export interface StepReport {
  /** Steps done, of `total`. */
  readonly step: number;
  readonly total: number;
  readonly crossEntropy: number;
  readonly relevance: number;
}

/** What a training reports while it runs, and how it is stopped. */
export interface TrainHooks {
  /** A step was recorded; not with `eager`. */
  readonly onRecord?: (cost: StepCost) => void;
  readonly onStep?: (report: StepReport) => void;
  readonly onEpoch?: (record: EpochRecord) => void | Promise<void>;
  /** Stops after the step under way. */
  readonly signal?: AbortSignal;
  /** Names the op where a value is first not finite; a step then takes several times as long. Default false. */
  readonly detectAnomaly?: boolean;
}

/** Thrown when a loss or a weight is no longer finite. The trainer is back at the last good epoch. */
export class DivergedError extends Error {
  override readonly name = 'DivergedError';
  readonly code = 'GFSR_DIVERGED';
}
