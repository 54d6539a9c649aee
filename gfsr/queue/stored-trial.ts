// Runs one trial with the warm start that a store has for it, and keeps its record there.

import type { Comparison } from '../compare/comparison.ts';
import { warmStartKey } from '../compare/run-trial.ts';
import { runSingleTrial, type SingleTrialJob } from '../compare/single-trial.ts';
import type { TrialRecord } from '../compare/trial-record.ts';
import type { Trial } from '../compare/trials.ts';
import { fingerprint } from '../data/fingerprint.ts';
import { adapterIdentity } from '../machine/adapter-schema.ts';
import type { SharedStore } from './store.ts';

/**
 * @returns the record, which is now in the store
 * @throws as `runSingleTrial`, or Error if the store cannot be read or written
 */
export async function runStoredTrial(
  store: SharedStore,
  trial: Trial,
  comparison: Comparison,
  job: Omit<SingleTrialJob, 'files'>,
): Promise<TrialRecord> {
  const sha256 = job.sha256 ?? fingerprint(await comparison.sources.dataset(trial.seed));
  const warmStart = warmStartKey(trial, sha256);
  const record = await store.withWarmStart(adapterIdentity(job.adapter), warmStart, (files) =>
    runSingleTrial(trial, comparison, { ...job, files, sha256 }),
  );
  await store.save(record);
  return record;
}
