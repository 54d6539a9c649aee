// Times many things in turns, so that changes on the machine affect all of them alike.

import { Random } from '../engine/core/random.ts';

/** Something that can be timed. */
export interface Subject {
  /** Milliseconds for `runs` consecutive runs, from an idle queue until all are done. */
  readonly time: (runs: number) => Promise<number>;
  /** How often one run does what is timed. Default 1. */
  readonly repeats?: number;
}

export interface Plan {
  /** Samples of each subject. */
  readonly rounds: number;
  /** Time that one subject takes in a round, approximately. It decides the number of runs. */
  readonly roundMs: number;
}

export interface Timings {
  /** Runs in each round. */
  readonly runs: number;
  /** Milliseconds per repetition, for each round. */
  readonly rounds: readonly number[];
}

/** More would only fill the queue. */
const MAX_RUNS = 1024;

/**
 * Warms every subject up and finds how many runs fill its share; then, round by round and in a new random order
 * each, times all of them. `onRound` is called after each round.
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
    // From a quarter of the target on, the number of runs can be scaled up proportionally.
    if (4 * ms >= roundMs || runs >= MAX_RUNS) {
      return Math.min(MAX_RUNS, Math.max(1, Math.round((runs * roundMs) / ms)));
    }
  }
}
