// Runs single trials of an opened comparison, for processes that are told which one.

import type { AdapterReport } from '../../engine/core/adapter.ts';
import type { Gpu } from '../../engine/core/gpu.ts';
import { fingerprint } from '../data/fingerprint.ts';
import { type Comparison, contextOf } from './comparison.ts';
import { recordTrial, type SeedJob } from './run-trial.ts';
import type { TrialFiles } from './trial-files.ts';
import type { TrialRecord } from './trial-record.ts';
import type { Trial } from './trials.ts';

/** Where a single trial runs, and where its warm start is. */
export interface SingleTrialJob {
  readonly gpu: Gpu;
  readonly adapter: AdapterReport;
  readonly files: TrialFiles;
  readonly hooks?: SeedJob['hooks'];
  /** Fingerprint that the data must have. Default: any. */
  readonly sha256?: string;
}

/** @throws RangeError if the comparison has no trial with this key, as with other code, losses or marks */
export function findTrial({ trials }: Comparison, key: string): Trial {
  const trial = trials.find((each) => each.key === key);
  if (trial) return trial;
  throw new RangeError(
    `trial ${key}: this process makes no such trial of the same comparison. Its code, losses, marks or pretrained weights differ: bring them to the same state.`,
  );
}

/**
 * The record of one trial.
 *
 * @throws RangeError if the data has another fingerprint; InterruptedError after the signal
 */
export async function runSingleTrial(
  trial: Trial,
  { sources, code, spec: { validationOnly } }: Comparison,
  { gpu, adapter, files, hooks = {}, sha256: expected }: SingleTrialJob,
): Promise<TrialRecord> {
  const dataset = await sources.dataset(trial.seed);
  const sha256 = fingerprint(dataset);
  requireData(trial, sha256, expected);
  const context = contextOf(adapter, code);
  return recordTrial(trial, {
    ...{ gpu, dataset, sha256, files, sources, context, hooks, validationOnly },
  });
}

/** The data on this machine is not the data of the trial. */
export class OtherDataError extends RangeError {
  override readonly name = 'OtherDataError';
}

function requireData({ config }: Trial, sha256: string, expected = sha256): void {
  if (sha256 === expected) return;
  throw new OtherDataError(
    `data: ${config.data.source} has the fingerprint ${sha256.slice(0, 16)} here, expected ${expected.slice(0, 16)}. Copy the data of the machine that planned the trial.`,
  );
}
