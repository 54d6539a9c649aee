// Gives a process one batch of files after the other, and takes another process where one hangs or ends.

import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Verdict } from './target.ts';
import type { Batch, Report } from './worker.ts';

/** Processor time after which the process ends itself. */
const HANG_SECONDS = 20;

const FLAGS = ['--conditions=gfsr-source', '--import', 'tsx', '--max-old-space-size=1024'];

/** Counts of verdicts. */
export interface Counts {
  read: number;
  refused: number;
  fault: number;
}

/** A process for readers, which is replaced when it ends. */
export class Readers {
  #child: ChildProcess | undefined;

  /** Reads all files of a batch. `onFault` is told of those that did not end as they must. */
  async run(batch: Batch, onFault: (n: number, message: string) => void): Promise<Counts> {
    const counts: Counts = { read: 0, refused: 0, fault: 0 };
    let from = batch.from;
    while (from < batch.to) {
      from = await this.#some({ ...batch, from }, (n, { kind, message }) => {
        counts[kind]++;
        if (kind === 'fault') onFault(n, message);
      });
    }
    return counts;
  }

  end(): void {
    this.#child?.kill('SIGKILL');
  }

  /** Reads until the batch is done or the process ends. Returns the number of the next file. */
  #some(batch: Batch, onEnd: (n: number, verdict: Verdict) => void): Promise<number> {
    this.#child ??= fork(fileURLToPath(new URL('worker.ts', import.meta.url)), {
      execArgv: FLAGS,
    });
    const child = this.#child;
    let current = batch.from;
    return new Promise((resolve) => {
      const finish = (next: number) => {
        child.removeAllListeners('message').removeAllListeners('exit');
        resolve(next);
      };
      child.on('message', (report: Report) => {
        if (report.kind === 'done') return finish(batch.to);
        if (report.kind === 'end') return onEnd(report.n, report.verdict);
        current = report.n;
      });
      child.on('exit', (code, signal) => {
        this.#child = undefined;
        const message = `ended the process: ${signal ?? `exit code ${code}`}. SIGKILL: over ${HANG_SECONDS} s, 13: waits for nothing`;
        onEnd(current, { kind: 'fault', message });
        finish(current + 1);
      });
      child.send(batch);
    });
  }
}
