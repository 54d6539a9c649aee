// Runs the trials of a comparison in several worker processes of this machine, whichever of them dies meanwhile.

import { EventEmitter, once } from 'node:events';
import type { ComparisonOrigin } from '../compare/origin.ts';
import type { TrialRunner, TrialWork } from '../compare/run-trials.ts';
import { parseTrialRecord } from '../compare/trial-record.ts';
import type { Trial } from '../compare/trials.ts';
import { InterruptedError } from '../train/experiment.ts';
import { environmentOf } from './gpus.ts';
import { ATTEMPTS, Schedule } from './schedule.ts';
import { type Ending, WorkerDeath, WorkerProcess } from './worker-process.ts';

/** Callbacks about single workers, which are numbered from 0. */
export interface PoolHooks {
  /** A process started, as the worker of this number. */
  readonly onWorker?: (worker: number, pid: number | undefined) => void;
  /** A worker has done `step` of `total` steps of a trial. */
  readonly onStep?: (worker: number, trial: Trial, step: number, total: number) => void;
  /** A worker is done with its trial, or died. */
  readonly onRest?: (worker: number) => void;
  /** A worker died; whether its trial is run again. */
  readonly onDeath?: (trial: Trial, why: WorkerDeath, again: boolean) => void;
}

export interface PoolOptions {
  readonly origin: ComparisonOrigin;
  /** Number of processes. */
  readonly workers: number;
  /** PCI addresses of the GPUs among which the workers are shared out. Fewer than two: all see the same. */
  readonly gpus?: readonly string[];
  readonly pool?: PoolHooks;
}

/**
 * Runs trials in worker processes. Only this process writes records. The trial of a worker that dies is run again by a
 * new one, from its warm start, `ATTEMPTS` times in all. The records are those of a run in one process.
 */
export const onWorkers = (options: PoolOptions): TrialRunner => {
  return async (work) => {
    const pool = new Pool(options, work);
    const count = Math.min(options.workers, work.missing.length);
    await Promise.all(Array.from({ length: count }, (_, index) => pool.serve(index)));
    if (work.hooks.signal?.aborted) throw new InterruptedError('stopped; it can be continued.');
  };
};

/** The workers share a schedule, and stop together. */
class Pool {
  readonly #options: PoolOptions;
  readonly #work: TrialWork;
  readonly #schedule: Schedule<Trial>;
  /** Aborted by the user, or by the first worker that cannot go on. */
  readonly #stopping: AbortSignal;
  readonly #failed = new AbortController();
  readonly #changes = new EventEmitter();

  constructor(options: PoolOptions, work: TrialWork) {
    this.#options = options;
    this.#work = work;
    this.#schedule = new Schedule(work.missing);
    const { signal } = work.hooks;
    this.#stopping = AbortSignal.any([this.#failed.signal, ...(signal ? [signal] : [])]);
    this.#changes.setMaxListeners(0);
    this.#stopping.addEventListener('abort', () => this.#changes.emit('change'));
  }

  /** Runs trials in one process after another, until no trial is left. */
  async serve(index: number): Promise<void> {
    const { pool = {} } = this.#options;
    let worker: WorkerProcess | undefined;
    const stop = () => void worker?.stop();
    this.#stopping.addEventListener('abort', stop);
    try {
      for (;;) {
        const trial = await this.#next();
        if (!trial) return;
        worker ??= await this.#start(index);
        if (this.#stopping.aborted) return;
        this.#work.started(trial);
        try {
          await this.#end(trial, await this.#run(worker, index, trial));
        } catch (error) {
          if (!(error instanceof WorkerDeath)) throw error;
          worker = undefined;
          if (!this.#stopping.aborted) this.#mourn(trial, error);
        }
        pool.onRest?.(index);
        this.#changes.emit('change');
      }
    } catch (error) {
      this.#failed.abort();
      if (!this.#work.hooks.signal?.aborted) throw error;
    } finally {
      this.#stopping.removeEventListener('abort', stop);
      await worker?.stop();
    }
  }

  /** The next trial, as soon as there is one for this worker; undefined if it has nothing more to do. */
  async #next(): Promise<Trial | undefined> {
    while (!this.#stopping.aborted && !this.#schedule.isOver) {
      const trial = this.#schedule.take();
      if (trial) return trial;
      await once(this.#changes, 'change');
    }
    return undefined;
  }

  /** @throws WorkerDeath if several processes in a row die before they are ready */
  async #start(index: number): Promise<WorkerProcess> {
    const { origin, gpus = [], pool = {} } = this.#options;
    for (let attempt = 1; ; attempt++) {
      try {
        const folder = this.#work.files.path;
        const worker = await WorkerProcess.start({ origin, folder }, environmentOf(index, gpus));
        pool.onWorker?.(index, worker.pid);
        return worker;
      } catch (error) {
        if (attempt === ATTEMPTS || this.#stopping.aborted) throw error;
      }
    }
  }

  #run(worker: WorkerProcess, index: number, trial: Trial): Promise<Ending> {
    return worker.run(trial.key, (news) => {
      if (news.kind === 'step') {
        this.#options.pool?.onStep?.(index, trial, news.step, news.total);
      } else {
        this.#schedule.warmed(trial);
        this.#changes.emit('change');
      }
    });
  }

  async #end(trial: Trial, ending: Ending): Promise<void> {
    this.#schedule.ended(trial);
    const { finished, broke } = this.#work;
    if (ending.kind === 'broken') broke(trial, new RangeError(ending.message));
    else await finished(parseTrialRecord(ending.text, trial.key, 'worker'));
  }

  #mourn(trial: Trial, death: WorkerDeath): void {
    const again = this.#schedule.died(trial);
    this.#options.pool?.onDeath?.(trial, death, again);
    if (!again) this.#work.broke(trial, new Error(`${death.message}, ${ATTEMPTS} times`));
  }
}
