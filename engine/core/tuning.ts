// Which of several ways to the same result a device takes.

import type { Problem } from './tensor.ts';

/** Makes the choices of a device: the name of a strategy for each problem. */
export type Tuning = (problem: Problem) => string;

/** Finds the fastest ways for everything that `body` computes. */
export type Tuner = (body: () => unknown) => Promise<Tuning>;

/** The strategies that were found, by key of the problem. */
export type Picks = Readonly<Record<string, string>>;

/** Takes what `picks` say, where that is among the candidates, and the usual way elsewhere. */
export const tuningOf =
  (picks: Picks): Tuning =>
  ({ key, candidates, usual }) =>
    candidates.includes(picks[key]) ? picks[key] : usual;

/** Takes the first of `names` that fits, the usual way where none does: for tests of each. */
export const preferring =
  (...names: readonly string[]): Tuning =>
  ({ candidates, usual }) =>
    names.find((name) => candidates.includes(name)) ?? usual;
