// A training that can be watched, stopped at once and resumed, and outlives its device: for pages and servers.

import type { AdapterReport } from '../../engine/core/adapter.ts';
import type { Gpu } from '../../engine/core/gpu.ts';
import type { Config } from '../config/config.ts';
import type { Run } from '../store/run.ts';
import { InterruptedError } from '../train/experiment.ts';
import { isStopped, STAGES, type Stage } from '../train/train-hooks.ts';
import { acrossDeviceLosses } from './device-loss.ts';
import { checkFits, checkModel } from './fits.ts';
import { fitted, leftOut, type OpenWork } from './quick.ts';
import { type FinishedJob, runJob } from './run-job.ts';
import { checkSettings } from './settings-fit.ts';
import { measureCosts, type StageCosts, TimeLeft } from './stage-costs.ts';

/** Where a training computes, and where it is kept. */
export interface TrainingPlace {
  /** The device; a new one if the last was lost. */
  readonly device: () => Promise<{ readonly gpu: Gpu; readonly adapter: AdapterReport }>;
  /** Begins the run with these settings, or goes on with the one that was begun. */
  readonly openRun: (adapter: AdapterReport, config: Config) => Promise<Run>;
  /** Bytes of memory that it may take; default: no limit is known. */
  readonly memory?: number;
}

/** Where a training stands. */
export interface TrainingProgress {
  /** `preparing` checks and times; `writing` writes results and report. */
  readonly stage: Stage | 'preparing' | 'writing';
  /** Share of each stage that is done. */
  readonly shares: StageCosts;
  /** Seconds that each stage takes in all; absent before they are known. */
  readonly costs?: StageCosts;
  readonly secondsLeft?: number;
  /** What is timed while the costs are not known yet: "guided steps". */
  readonly timing?: string;
  /** Share of the whole, by time. */
  readonly share: number;
  /** What a person should know, one sentence each. */
  readonly notes: readonly string[];
}

/** Stop is answered after this long even if a step of training is not over yet; it then ends by itself. */
const ANSWER_MS = 800;

const NOTHING_DONE = Object.fromEntries(STAGES.map((stage) => [stage, 0])) as Record<Stage, number>;

/** One training, from `start` until it is finished, has failed, or was stopped. */
export class Training {
  /** @throws InterruptedError after `stop`, and whatever else ends it. What was computed is in the run. */
  readonly done: Promise<FinishedJob>;
  #work: OpenWork;
  readonly #place: TrainingPlace;
  readonly #onProgress: (progress: TrainingProgress) => void;
  readonly #stop = new AbortController();
  #progress: TrainingProgress = { stage: 'preparing', shares: NOTHING_DONE, share: 0, notes: [] };
  #left: TimeLeft | undefined;

  private constructor(
    work: OpenWork,
    place: TrainingPlace,
    onProgress: (progress: TrainingProgress) => void,
  ) {
    this.#work = work;
    this.#place = place;
    this.#onProgress = onProgress;
    this.done = this.#train();
    this.done.catch(() => {}); // the caller that waits for it is told
  }

  /** Begins a training, or goes on with one: what its run holds is not computed again. */
  static start(
    work: OpenWork,
    place: TrainingPlace,
    onProgress: (progress: TrainingProgress) => void = () => {},
  ): Training {
    return new Training(work, place, onProgress);
  }

  get progress(): TrainingProgress {
    return this.#progress;
  }

  /** Stops. Resolves within a second; `done` settles as soon as everything is stored and the device is free. */
  async stop(): Promise<void> {
    this.#stop.abort();
    const answer = new Promise((resolve) => setTimeout(resolve, ANSWER_MS));
    await Promise.race([answer, this.done.catch(() => {})]);
  }

  async #train(): Promise<FinishedJob> {
    const { config, dataset, annotations, loss, pretrained } = this.#work;
    const { signal } = this.#stop;
    const isGuided = annotations.size > 0;
    const again = async () => {};
    try {
      checkSettings(config, dataset, { guided: isGuided, spread: isGuided });
      return await acrossDeviceLosses<void, FinishedJob>(
        undefined,
        async (_, stored) => {
          stored(again);
          this.#tell({ stage: 'preparing' });
          const { gpu, adapter } = await this.#place.device();
          checkFits(adapter, config, dataset, this.#place.memory ?? Number.POSITIVE_INFINITY);
          checkModel(gpu, { config, dataset, pretrained, ...(isGuided && { loss }) });
          if (!this.#left) {
            await this.#choose(gpu);
            const costs = await measureCosts(gpu, this.#work, signal, this.#tellTiming);
            this.#left = new TimeLeft(costs);
          }
          this.#tell({ timing: undefined });
          signal.throwIfAborted();
          const run = await this.#place.openRun(adapter, this.#work.config);
          return runJob(gpu, this.#work, run, {
            signal,
            onProgress: (stage, share) => this.#note(stage, share),
            onWarning: (note) => this.#tell({ notes: [...this.#progress.notes, note] }),
            onWriting: () => this.#tell({ stage: 'writing' }),
          });
        },
        (losses, { message }) => {
          const note = `${message} Going on with a new one (${losses}).`;
          this.#tell({ notes: [...this.#progress.notes, note] });
        },
      );
    } catch (error) {
      throw isStopped(error, signal) ? new InterruptedError('stopped; it can be resumed.') : error;
    }
  }

  readonly #tellTiming = (timing: string): void => this.#tell({ timing });

  /** Takes the settings that this device is quick enough for, and says what that leaves out. */
  async #choose(gpu: Gpu): Promise<void> {
    const { thorough, ...work } = this.#work;
    this.#work = await fitted(gpu, work, this.#stop.signal, this.#tellTiming);
    const less = thorough && leftOut(this.#work.config, thorough);
    if (less) this.#tell({ notes: [...this.#progress.notes, less] });
  }

  #note(stage: Stage, share: number): void {
    this.#left?.note(stage, share);
    this.#tell({ stage });
  }

  #tell(changes: Partial<TrainingProgress>): void {
    const left = this.#left;
    this.#progress = {
      ...this.#progress,
      ...(left && {
        shares: left.shares,
        costs: left.costs,
        secondsLeft: left.seconds,
        share: left.share,
      }),
      ...changes,
    };
    this.#onProgress(this.#progress);
  }
}
