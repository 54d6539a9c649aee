// The state of a training run: weights and moments, the record of each epoch, and the sums of the current epoch.

import type { StateDict } from '../../model/weights.ts';

/** Means over one epoch. */
export interface EpochRecord {
  /** From 0. */
  readonly epoch: number;
  readonly crossEntropy: number;
  /** Mean ω·L_rel of the steps that guided at least one image; 0 if there was none. */
  readonly relevance: number;
  /** λ(t) at the end of the epoch, including the balance. */
  readonly lambda: number;
  /** Learning rate at the end of the epoch. */
  readonly lr: number;
  /** On the validation images, which still carry any shortcut: accuracy, macro AUC, mean cross-entropy. */
  readonly valAccuracy: number;
  readonly valAuc: number;
  readonly valLoss: number;
  /** Mean EPG − area on those with a mask; absent unless it may decide which epoch is best. */
  readonly valAlignment?: number;
  /** What this epoch changed for the guidance of the following ones, as a sentence; see `guidance.harmTolerance`. */
  readonly note?: string;
  readonly seconds: number;
}

/** Everything that a training run needs to continue as if it had never stopped. */
export interface Checkpoint {
  readonly step: number;
  /**
   * Weights (`model.…`), optimiser moments (`optimizer.…`), the running mean of the weights (`average.…`) and, if an
   * epoch is selected, the weights of the best one so far (`best.…`).
   */
  readonly tensors: StateDict;
  readonly history: readonly EpochRecord[];
  readonly partial: Partial;
}

/** Sums over the current epoch. */
export interface Partial {
  readonly crossEntropy: number;
  readonly relevance: number;
  /** Steps that guided at least one image. */
  readonly guided: number;
  readonly steps: number;
  readonly seconds: number;
}

export const NOTHING: Partial = { crossEntropy: 0, relevance: 0, guided: 0, steps: 0, seconds: 0 };

/** The sums after one more step. */
export const withStep = (
  sums: Partial,
  { crossEntropy, relevance }: Pick<Partial, 'crossEntropy' | 'relevance'>,
  step: { readonly guided: boolean; readonly seconds: number },
): Partial => ({
  crossEntropy: sums.crossEntropy + crossEntropy,
  relevance: sums.relevance + relevance,
  guided: sums.guided + (step.guided ? 1 : 0),
  steps: sums.steps + 1,
  seconds: sums.seconds + step.seconds,
});

/** The means of an epoch: cross-entropy over all steps, the relevance loss over the guided ones. */
export const meansOf = ({ crossEntropy, relevance, guided, steps }: Partial) => ({
  crossEntropy: crossEntropy / steps,
  relevance: guided > 0 ? relevance / guided : 0,
});

/** Several states as one: each name is prefixed with that of its state (`model.fc.weight`). */
export function joinStates(states: Readonly<Record<string, StateDict>>): StateDict {
  return new Map(
    Object.entries(states).flatMap(([prefix, state]) =>
      [...state].map(([name, value]) => [`${prefix}.${name}`, value] as const),
    ),
  );
}

/** The state that was joined under this name; empty if there was none. */
export function partOf(joined: StateDict, prefix: string): StateDict {
  return new Map(
    [...joined].flatMap(([name, value]) =>
      name.startsWith(`${prefix}.`) ? [[name.slice(prefix.length + 1), value] as const] : [],
    ),
  );
}
