// The records of a comparison or sweep by condition and seed: figures, what is missing, and what the seeds share.

import { countOfSeeds } from '../text/lines.ts';
import type { TrialRecord } from './trial-record.ts';
import type { Trial } from './trials.ts';

/** What became of the trials of one condition. */
export interface Trained {
  /** Seeds whose training diverged. */
  readonly diverged: readonly number[];
  /** Seeds whose trial ended in an error, or could not be run. */
  readonly broken: readonly number[];
  /** Number of the seeds with which it was trained. */
  readonly trained: number;
}

/** The trials of one condition, with their figures. */
export interface SeedRecords extends Trained {
  /** By seed; NaN if the trial diverged, failed or has no such figure. */
  readonly valuesOf: (figure: string) => number[];
}

/** @param records of the trials, in the same order; undefined for a broken trial; @returns by label of the condition */
export function recordsBySeed(
  trials: readonly Trial[],
  records: readonly (TrialRecord | undefined)[],
): Map<string, SeedRecords> {
  const seeds = [...new Set(trials.map(({ seed }) => seed))];
  const recordOf = new Map(
    trials.map(({ condition, seed }, i) => [`${condition.label} ${seed}`, records[i]]),
  );
  return new Map(
    [...new Set(trials.map(({ condition }) => condition.label))].map((label) => {
      const record = (seed: number) => recordOf.get(`${label} ${seed}`);
      const own = {
        diverged: seeds.filter((seed) => record(seed)?.failed !== undefined),
        broken: seeds.filter((seed) => recordOf.has(`${label} ${seed}`) && !record(seed)),
        trained: seeds.filter(record).length,
        valuesOf: (figure: string) =>
          seeds.map((seed) => record(seed)?.figures[figure] ?? Number.NaN),
      };
      return [label, own];
    }),
  );
}

/** What a reader must know about the seeds of a condition. @param seeds how many there are */
export const seedNotes = ({ diverged, broken, trained }: Trained, seeds: number): string[] => [
  ...(trained < seeds ? [countOfSeeds(trained)] : []),
  ...(diverged.length > 0 ? [`diverged with seed ${diverged.join(', ')}`] : []),
  ...(broken.length > 0 ? [`failed with seed ${broken.join(', ')}`] : []),
];

/**
 * Images of a split per training image where the seed draws the splits, so that what two seeds measure depends on the
 * same images; 0 for splits that belong to the data. `pairedTTest` and `halfInterval` correct for it.
 */
export function overlapOf(records: readonly TrialRecord[], split: 'val' | 'test'): number {
  const drawn = records[0]?.dataset.drawn;
  return drawn ? drawn[split] / drawn.train : 0;
}
