// A worker as the process that started it sees it: it is ready, has one trial at a time, and may die at any moment.

import { type ChildProcess, fork } from 'node:child_process';
import type { Readable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { loaderFlags } from '../../engine/probe.ts';
import { messageLine } from '../text/visible.ts';
import { type News, type Order, parseNews } from './messages.ts';
import { WORKER } from './worker.ts';

/** A stopping worker has this long, then it is killed. */
const STOP_MS = 5_000;
/** Of what a worker writes to stderr, this much is kept: its last words. */
const LAST_WORDS = 2_000;

/** The process ended, or said something that no worker says. */
export class WorkerDeath extends Error {
  override readonly name = 'WorkerDeath';
}

/** What a worker says in the middle of a trial. */
type Interim = Extract<News, { kind: 'step' | 'warm' }>;
/** How a trial ends. */
export type Ending = Extract<News, { kind: 'finished' | 'broken' }>;

export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #gone: Promise<WorkerDeath>;

  private constructor(child: ChildProcess) {
    this.#child = child;
    let words = '';
    child.stderr?.setEncoding('utf8').on('data', (text) => {
      words = (words + text).slice(-LAST_WORDS);
    });
    this.#gone = new Promise((resolve) => {
      child.on('error', (error) => resolve(new WorkerDeath(error.message)));
      // 'close' is not emitted after we have disconnected, and at 'exit' its last words may still be on the way.
      child.on('exit', async (code, signal) => {
        await Promise.allSettled([finished(child.stderr as Readable)]);
        const last = words.split('\n').filter((line) => line !== '' && !/^Warning/.test(line));
        const why = last.length > 0 ? `: ${messageLine(last.at(-1) as string)}` : '';
        resolve(new WorkerDeath(`the worker ended with ${signal ?? `exit code ${code}`}${why}`));
      });
    });
  }

  /** Starts a process, and waits until it can take trials. @throws WorkerDeath if it ends before */
  static async start(
    open: Omit<Extract<Order, { kind: 'open' }>, 'kind'>,
    environment: Readonly<Record<string, string>>,
  ): Promise<WorkerProcess> {
    const child = fork(WORKER, {
      execArgv: loaderFlags(),
      env: { ...process.env, ...environment },
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    const worker = new WorkerProcess(child);
    await worker.#ask({ kind: 'open', ...open }, ({ kind }) => kind === 'ready');
    return worker;
  }

  /** ID of the process. */
  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Runs a trial. @throws WorkerDeath if the process ends before the trial does */
  async run(key: string, onNews: (news: Interim) => void): Promise<Ending> {
    const ending = await this.#ask({ kind: 'trial', key }, (news) => {
      if (news.kind === 'step' || news.kind === 'warm') onNews(news);
      return news.kind === 'finished' || news.kind === 'broken';
    });
    return ending as Ending;
  }

  /** Ends the process, and waits for its end. */
  async stop(): Promise<void> {
    if (this.#child.connected) this.#child.disconnect();
    const late = setTimeout(() => this.#child.kill('SIGKILL'), STOP_MS);
    await this.#gone;
    clearTimeout(late);
  }

  /** Sends an order, and listens until the news that ends it. */
  #ask(order: Order, isEnd: (news: News) => boolean): Promise<News> {
    const child = this.#child;
    return new Promise((resolve, reject) => {
      const listen = (message: unknown) => {
        try {
          const news = parseNews(message);
          if (!isEnd(news)) return;
          child.off('message', listen);
          resolve(news);
        } catch (error) {
          child.kill('SIGKILL');
          reject(error);
        }
      };
      child.on('message', listen);
      void this.#gone.then((death) => {
        child.off('message', listen);
        reject(death);
      });
      child.send(order, () => {}); // if it cannot be sent, the process is gone
    });
  }
}
