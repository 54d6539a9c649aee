// Puts the missing trials of a comparison into the queue, each at most once.

import { existsSync } from 'node:fs';
import type { Job, Queue } from 'bullmq';
import type { Comparison } from '../compare/comparison.ts';
import { requireSameData } from '../compare/run-trials.ts';
import { fingerprint } from '../data/fingerprint.ts';
import { pathOfSource } from '../data/official.ts';
import { ownVersion } from '../machine/provenance.ts';
import type { SharedStore } from './store.ts';
import type { AdapterClass, TrialJob } from './trial-job.ts';

export interface PushOptions {
  readonly adapter: AdapterClass;
  /** Copy the data into the store, for workers that do not have it. */
  readonly withData: boolean;
}

/** What became of the trials: numbers that add up to all of them. */
export interface Pushed {
  readonly added: number;
  /** Failed before, and waiting again. */
  readonly retried: number;
  /** Waiting or running already. */
  readonly queued: number;
  /** In the store. */
  readonly finished: number;
}

/** Pushing twice does nothing twice: the ID of a job is the key of its trial. */
export async function pushTrials(
  queue: Queue,
  { trials, sources, code, origin }: Comparison,
  store: SharedStore,
  { adapter, withData }: PushOptions,
): Promise<Pushed> {
  const pushed = { added: 0, retried: 0, queued: 0, finished: 0 };
  const fingerprints = new Map<number, string>();
  let copy: string | undefined;
  for (const { key, seed, condition, config } of trials) {
    const { source } = config.data;
    const sha256 = fingerprints.get(seed) ?? fingerprint(await sources.dataset(seed));
    fingerprints.set(seed, sha256);
    const done = await store.load(key);
    if (done) {
      requireSameData(done, { source, sha256 }, 'store');
      pushed.finished++;
      continue;
    }
    const path = pathOfSource(source);
    // A data set that comes with GFSR has no path, and every worker has it.
    if (withData && existsSync(path)) copy ??= await store.addData(path, sha256);
    const data: TrialJob = {
      ...{ format: 'gfsr-job', version: 1, key, seed, code, gfsr: ownVersion(), adapter, origin },
      label: condition.label,
      data: { source, sha256, ...(copy !== undefined && { copy }) },
    };
    const job = await queue.getJob(key);
    if (job && !(await hasAnEnd(job))) {
      await job.updateData(data); // other adapters may be allowed now
      pushed.queued++;
      continue;
    }
    // A job that failed, or whose record is gone, is run again.
    await job?.remove();
    await queue.add('trial', data, { jobId: key });
    if (job) pushed.retried++;
    else pushed.added++;
  }
  return pushed;
}

const hasAnEnd = async (job: Job): Promise<boolean> =>
  (await job.isCompleted()) || (await job.isFailed());
