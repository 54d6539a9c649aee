// Takes finished trials out of the store into the folder of a comparison.

import type { TrialRunner } from '../compare/run-trials.ts';
import type { TrialRecord } from '../compare/trial-record.ts';
import type { SharedStore } from './store.ts';

/**
 * Runs nothing: a missing trial is finished if the store has it.
 *
 * @param mixed whether software and hardware adapters may be in one table
 */
export const fromStore =
  (store: SharedStore, mixed: boolean): TrialRunner =>
  async ({ missing, records, finished }) => {
    const found: TrialRecord[] = [];
    for (const { key } of missing) {
      const record = await store.load(key);
      if (record) found.push(record);
    }
    if (!mixed) requireOneKind([...records.values(), ...found]);
    for (const record of found) await finished(record);
  };

/** @throws RangeError if some records are of software adapters, and others are not */
function requireOneKind(records: readonly TrialRecord[]): void {
  const software = records.filter(({ isSoftware }) => isSoftware).length;
  if (software === 0 || software === records.length) return;
  throw new RangeError(
    `queue: ${software} of ${records.length} trials were run on software adapters, the others on hardware. Their figures differ in the last digits: add --mixed to put them into one table all the same.`,
  );
}
