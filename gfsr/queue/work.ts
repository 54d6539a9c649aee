// A worker of the queue: takes trials one by one, refuses those that it cannot run faithfully, and loses none.

import type { Job, Queue, Worker } from 'bullmq';
import type { AdapterReport } from '../../engine/core/adapter.ts';
import type { Gpu } from '../../engine/core/gpu.ts';
import type { Comparison } from '../compare/comparison.ts';
import { checkOrigin, reopen } from '../compare/reopen.ts';
import { isOfTrial, requireSameData } from '../compare/run-trials.ts';
import { findTrial, OtherDataError } from '../compare/single-trial.ts';
import type { TrialRecord } from '../compare/trial-record.ts';
import { valueHash } from '../files/content-hash.ts';
import { messageLine } from '../text/visible.ts';
import type { TrainHooks } from '../train/train-hooks.ts';
import { bullmq, openWorker, type RedisServer, withQueue } from './redis.ts';
import type { SharedStore } from './store.ts';
import { runStoredTrial } from './stored-trial.ts';
import { parseJob, type TrialJob } from './trial-job.ts';

/** So often a trial may lose its worker: a trial that always kills its worker ends as failed. */
const DEATHS = 10;
/** Milliseconds between two looks at whether the queue is empty. */
const LOOK_MS = 1000;

/** A trial that this worker cannot run faithfully. Another one may, so it goes back into the queue. */
class Refusal extends Error {
  override readonly name = 'Refusal';
}

export interface WorkHooks {
  readonly onStart?: (job: TrialJob) => void;
  readonly onStep?: TrainHooks['onStep'];
  readonly onFinish?: (record: TrialRecord) => void;
  /** A job failed for good: its settings, its loss or its content are wrong. */
  readonly onFailure?: (message: string) => void;
  /** The server is away; this worker waits for it. */
  readonly onAway?: (message: string) => void;
}

export interface WorkOptions {
  readonly gpu: Gpu;
  readonly adapter: AdapterReport;
  readonly server: RedisServer;
  readonly store: SharedStore;
  /** `codeVersion` of this worker. */
  readonly code: string;
  /** Seconds after which the trial of a silent worker goes to another. */
  readonly lease: number;
  /** End when no trial is waiting or running. */
  readonly untilEmpty: boolean;
  readonly signal?: AbortSignal;
  readonly hooks?: WorkHooks;
}

/**
 * Works until the signal, or until the queue is empty. A trial that is stopped or refused goes back into the queue.
 *
 * @returns the number of jobs that failed for good
 * @throws Error with the reason if this worker cannot go on: it refuses a trial, or server, store or device fail
 */
export function workOnQueue(options: WorkOptions): Promise<number> {
  const { server, untilEmpty } = options;
  return untilEmpty ? withQueue(server, (queue) => work(options, queue)) : work(options);
}

/** @param queue where to look whether it is empty; undefined: never */
async function work(options: WorkOptions, queue?: Queue): Promise<number> {
  const { server, lease, signal } = options;
  const desk = new Desk(options);
  const worker = await openWorker(server, {
    ...{ lease, deaths: DEATHS },
    process: (job, token) => desk.take(job, token, worker),
    onTrouble: (trouble, lasting) => desk.trouble(trouble, lasting, worker),
  });
  const close = () => void worker.close();
  signal?.addEventListener('abort', close);
  const watching = queue && setInterval(() => void closeIfEmpty(queue, worker), LOOK_MS);
  try {
    await worker.run();
    await worker.close();
  } finally {
    clearInterval(watching);
    signal?.removeEventListener('abort', close);
  }
  if (desk.stopped && !signal?.aborted) throw desk.stopped;
  return desk.failures;
}

async function closeIfEmpty(queue: Queue, worker: Worker): Promise<void> {
  try {
    const counts = await queue.getJobCounts('wait', 'active', 'delayed');
    if (Object.values(counts).every((count) => count === 0)) void worker.close();
  } catch {
    // the server is away: look again later
  }
}

/** Runs job after job, and keeps what they share. */
class Desk {
  failures = 0;
  /** Why no more jobs are taken. */
  stopped: Error | undefined;
  readonly #options: WorkOptions;
  /** Whether the server is away, so that this is said once. */
  #away = false;
  /** The last comparison, by its origin: the next job is likely of the same. */
  #opened: { readonly hash: string; readonly comparison: Comparison } | undefined;

  constructor(options: WorkOptions) {
    this.#options = options;
  }

  async take(job: Job, token: string, worker: Worker): Promise<unknown> {
    const { UnrecoverableError, WaitingError } = await bullmq();
    this.#away = false;
    try {
      const record = await this.#run(job);
      return { adapter: record.adapter, seconds: record.seconds };
    } catch (error) {
      const own = error instanceof Error ? error : new Error(String(error));
      if (isOfTrial(own)) {
        this.failures++;
        this.#options.hooks?.onFailure?.(own.message);
        throw new UnrecoverableError(messageLine(own.message)); // it is kept with the job
      }
      this.stopped ??= own;
      void worker.close(); // before the job waits again, so that we do not take it ourselves
      await job.moveToWait(token);
      throw new WaitingError();
    }
  }

  /** Waits for a server that is away, and stops if it refuses to go on. */
  trouble(trouble: Error, lasting: boolean, worker: Worker): void {
    if (lasting) {
      this.stopped ??= trouble;
      void worker.close();
    } else if (!this.#away) {
      this.#away = true;
      this.#options.hooks?.onAway?.(trouble.message);
    }
  }

  async #run(job: Job): Promise<TrialRecord> {
    const { gpu, adapter, store, signal, hooks = {} } = this.#options;
    const task = parseJob(job.data, String(job.id));
    const done = await store.load(task.key);
    if (done) {
      requireSameData(done, task.data, 'store');
      return done;
    }
    this.#requireSame(task);
    const comparison = await this.#open(task);
    const trial = faithful(() => findTrial(comparison, task.key));
    hooks.onStart?.(task);
    const record = await runStoredTrial(store, trial, comparison, {
      ...{ gpu, adapter, sha256: task.data.sha256 },
      hooks: { signal, onStep: hooks.onStep },
    }).catch((error) => {
      throw error instanceof OtherDataError ? new Refusal(error.message) : error;
    });
    hooks.onFinish?.(record);
    return record;
  }

  #requireSame({ key, code, gfsr, adapter: wanted }: TrialJob): void {
    const { adapter, code: own } = this.#options;
    if (code !== own) {
      throw new Refusal(
        `queue: trial ${key} is of code version ${code} (gfsr ${gfsr}), this worker is ${own}. Bring both machines to the same version.`,
      );
    }
    const kind = adapter.isSoftware ? 'software' : 'hardware';
    if (wanted !== 'any' && wanted !== kind) {
      throw new Refusal(
        `queue: trial ${key} is for ${wanted} adapters, this worker has a ${kind} one. Start it where there is one, or push with --on ${kind} or --on any.`,
      );
    }
  }

  async #open({ origin, data }: TrialJob): Promise<Comparison> {
    const hash = valueHash({ origin, copy: data.copy });
    if (this.#opened?.hash === hash) return this.#opened.comparison;
    checkOrigin(origin); // wrong on every machine, so it fails for good
    const comparison = await this.#reopen(origin, data);
    this.#opened = { hash, comparison };
    return comparison;
  }

  /** From the data of this machine, or from its copy in the store. */
  async #reopen(
    origin: TrialJob['origin'],
    { source, copy }: TrialJob['data'],
  ): Promise<Comparison> {
    const path = await this.#options.store.dataPath(copy);
    try {
      return await reopen(origin).catch((error) => {
        if (path === undefined) throw error;
        return reopen(origin, path);
      });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      throw new Refusal(
        `${error.message} If it is the data that is missing, copy ${source} of the machine that pushed the trial to the same path here, or push with --with-data.`,
      );
    }
  }
}

/** What this machine has differs from what the trial needs, which is not the trial's fault. */
function faithful<T>(body: () => T): T {
  try {
    return body();
  } catch (error) {
    throw new Refusal((error as Error).message);
  }
}
