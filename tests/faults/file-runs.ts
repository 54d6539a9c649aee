// A short run in which one file-system call fails: what it says, and whether it can be resumed to the same bytes.

import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { AdapterReport } from '../../engine/core/adapter.ts';
import type { Gpu } from '../../engine/core/gpu.ts';
import type { ConfigChanges } from '../../gfsr/config/config.ts';
import { prepareJob, resumeJob } from '../../gfsr/job/job.ts';
import { runJob } from '../../gfsr/job/run-job.ts';
import { type Call, type Code, watchFiles } from './file-faults.ts';
import { armWeights, tinyRun } from './tiny-run.ts';

/** What became of a run with a fault. */
export interface Outcome {
  readonly call: Call;
  readonly code: Code;
  /** `survived`: the call did not matter, and the run was finished with the right bytes. */
  readonly kind: 'resumed' | 'survived' | 'wrong';
  /** What the run said, and, if the outcome is wrong, what is wrong with it. */
  readonly message: string;
}

const WORDS = /no space|disk is full|i\/o error|permission denied|too many open|no such file/i;

/** A folder with data and runs, whose file-system calls can be made to fail. */
export class FaultyRuns {
  /** Every call of a run without a fault. */
  calls: readonly Call[] = [];
  /** Which sources make each: the call itself and the two nearest lines that lead to it. */
  places: readonly string[] = [];
  readonly #root: string;
  readonly #gpu: Gpu;
  readonly #adapter: AdapterReport;
  readonly #settings: ConfigChanges;
  #whole: readonly string[] = [];

  /** @param root an empty folder of its own */
  constructor(root: string, gpu: Gpu, adapter: AdapterReport) {
    mkdirSync(root, { recursive: true });
    this.#root = root;
    this.#gpu = gpu;
    this.#adapter = adapter;
    this.#settings = tinyRun(root);
  }

  /** Runs once without a fault: what all others must give. */
  async begin(): Promise<void> {
    const watch = watchFiles(this.#root);
    try {
      await this.#run('whole');
    } finally {
      watch.end();
    }
    this.calls = watch.calls;
    this.places = watch.calls.map(({ name, place }) =>
      [name, ...place.split(' < ').slice(0, 2)].join(' < '),
    );
    this.#whole = armWeights(join(this.#root, 'whole'));
  }

  /** Runs with one call that fails, then as often as it takes without, and compares the weights. */
  async fail(number: number, code: Code): Promise<Outcome> {
    const name = 'faulty';
    const path = join(this.#root, name);
    rmSync(path, { recursive: true, force: true });
    const watch = watchFiles(this.#root, { number, code });
    let message = '';
    try {
      await this.#run(name);
    } catch (error) {
      message = (error as Error).message;
    } finally {
      watch.end();
    }
    const call = watch.calls[number] ?? this.calls[number];
    const outcome = (kind: Outcome['kind'], what = message) => ({
      call,
      code,
      kind,
      message: what,
    });
    if (message !== '' && !(message.includes(this.#root) && WORDS.test(message))) {
      return outcome('wrong', `says neither path nor cause: ${message}`);
    }
    try {
      if (message !== '') await this.#run(name, existsSync(join(path, 'run.json')));
    } catch (error) {
      return outcome('wrong', `cannot go on: ${(error as Error).message} (after: ${message})`);
    }
    if (!isDeepStrictEqual(armWeights(path), this.#whole)) {
      return outcome('wrong', `other bytes (after: ${message})`);
    }
    return outcome(message === '' ? 'survived' : 'resumed');
  }

  async #run(name: string, resume = false): Promise<void> {
    const path = join(this.#root, name);
    const job = await (resume ? resumeJob(path) : prepareJob(this.#settings, path));
    await runJob(this.#gpu, job, job.open(this.#adapter));
  }
}
