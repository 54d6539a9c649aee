// Times many things in turns, so that whatever drifts on the machine drifts for all of them alike.

import { Random } from '../engine/core/random.ts';

/** Something that can be timed. */
export interface Subject {
  /** Milliseconds that `runs` runs in a row take, from an idle queue until all are done. */
  readonly time: (runs: number) => Promise<number>;
  /** How often one run does the thing that a time is asked of. Default 1. */
  readonly repeats?: number;
}

export interface Plan {
  /** Samples of each subject. */
  readonly rounds: number;
  /** Runs are counted so that one subject's share of a round takes about so long. */
  readonly roundMs: number;
}

export interface Timings {
  /** Runs in each round. */
  readonly runs: number;
  /** Milliseconds of the thing once, round by round. */
  readonly rounds: readonly number[];
}

/** More would only fill the queue. */
const MAX_RUNS = 1024;

/**
 * Warms every subject up and finds how many runs fill its share; then, round by round and in a new random order
 * each, times all of them. `onRound` hears of each round that is done.
 */
export async function measure(
  subjects: readonly Subject[],
  { rounds, roundMs }: Plan,
  onRound: (done: number) => void = () => {},
): Promise<Timings[]> {
  const runs: number[] = [];
  for (const subject of subjects) runs.push(await calibrate(subject, roundMs));
  const samples: number[][] = subjects.map(() => []);
  const random = new Random('bench', 'order');
  for (let round = 0; round < rounds; round++) {
    for (const i of random.permutation(subjects.length)) {
      const { repeats = 1 } = subjects[i];
      samples[i].push((await subjects[i].time(runs[i])) / (runs[i] * repeats));
    }
    onRound(round + 1);
  }
  return subjects.map((_, i) => ({ runs: runs[i], rounds: samples[i] }));
}

/** Runs that take about `roundMs`, at least one. The first run, a warm-up, does not count. */
export async function calibrate(subject: Subject, roundMs: number): Promise<number> {
  await subject.time(1);
  for (let runs = 1; ; runs *= 4) {
    const ms = await subject.time(runs);
    // From a fourth of the target on, the rest is a matter of proportion.
    if (4 * ms >= roundMs || runs >= MAX_RUNS) {
      return Math.min(MAX_RUNS, Math.max(1, Math.round((runs * roundMs) / ms)));
    }
  }
}
