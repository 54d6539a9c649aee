// Which of several strategies a device uses.

import type { Problem } from './tensor.ts';

/** Makes the choices of a device: the name of a strategy for each problem. */
export type Tuning = (problem: Problem) => string;

/** Options of `Gpu.capture` and `Gpu.trace`. */
export interface TuningOptions {
  /** For this body only. Default: the device's own. */
  readonly tuning?: Tuning;
}

/** Finds the fastest strategies for everything that `body` computes. */
export type Tuner = (body: () => unknown) => Promise<Tuning>;

/** The strategies that were found, by key of the problem. */
export type Picks = Readonly<Record<string, string>>;

/** Uses what `picks` says, if it is among the candidates, and otherwise the usual strategy. */
export const tuningOf =
  (picks: Picks): Tuning =>
  ({ key, candidates, usual }) =>
    candidates.includes(picks[key]) ? picks[key] : usual;

/** Uses the first of `names` that applies, or else the usual strategy: for tests of each. */
export const preferring =
  (...names: readonly string[]): Tuning =>
  ({ candidates, usual }) =>
    names.find((name) => candidates.includes(name)) ?? usual;
