// Threads that decode one file each at a time. A decoder that fails or hangs costs its file and no other (Node only).

import { availableParallelism } from 'node:os';
import type { Worker } from 'node:worker_threads';
import { startThread } from '../../machine/thread.ts';
import type { Decoder } from '../picture-files.ts';
import { DECODE_THREAD, type DecodeAnswer, type DecodeOrder } from './decode-thread.ts';

/** More would only wait for the files. */
const MOST_THREADS = 16;
/** A decoder that takes longer than this for one file hangs. */
const SECONDS = 300;

/** A decoder that holds threads until it is closed. */
export interface DecodePool extends Decoder {
  close(): Promise<void>;
}

/** Where a thread sits: it starts with the first file, and anew after one that it did not survive. */
interface Seat {
  worker?: Worker;
}

/**
 * A thread per processor. The caller asks for twice as many files at once, so that the next one is there when a thread
 * is free.
 *
 * @param options other threads, their number, and the seconds that one file may take, for tests
 */
export function decodePool({
  thread = DECODE_THREAD,
  threads = Math.min(MOST_THREADS, availableParallelism()),
  seconds = SECONDS,
} = {}): DecodePool {
  const seats = Array.from({ length: threads }, (): Seat => ({}));
  const idle = [...seats];
  const waiting: ((seat: Seat) => void)[] = [];
  let isClosed = false;
  const take = async (): Promise<Seat> =>
    idle.pop() ?? new Promise((resolve) => waiting.push(resolve));
  const give = (seat: Seat): void => {
    const next = waiting.shift();
    if (next) next(seat);
    else idle.push(seat);
  };
  return {
    width: 2 * threads,
    async decode(bytes, name, options = {}) {
      const seat = await take();
      try {
        if (isClosed) throw new Error('decoding was given up');
        seat.worker ??= started(thread);
        const answer = await ask(seat, { bytes, name, options }, seconds);
        if ('file' in answer) return answer.file;
        const { kind, message } = answer;
        throw kind === 'RangeError' ? new RangeError(message) : new Error(message);
      } finally {
        give(seat);
      }
    },
    async close() {
      isClosed = true;
      await Promise.all(seats.map(({ worker }) => worker?.terminate()));
    },
  };
}

function started(thread: string): Worker {
  // An error without a listener would end the process. `ask` listens too.
  return startThread(thread).on('error', () => {});
}

/** @throws RangeError that names the file if its decoder dies, or does not answer in time */
function ask(seat: Seat, order: DecodeOrder, seconds: number): Promise<DecodeAnswer> {
  const worker = seat.worker as Worker;
  const where = order.options.where ?? order.name;
  return new Promise((resolve, reject) => {
    const settle = (act: () => void) => {
      clearTimeout(timer);
      worker.off('message', onMessage).off('error', onError).off('exit', onExit);
      act();
    };
    const fail = (what: string) =>
      settle(() => {
        seat.worker = undefined;
        void worker.terminate();
        reject(
          new RangeError(`${where}: its decoder ${what}. Save the image anew, or leave it out.`),
        );
      });
    const onMessage = (answer: DecodeAnswer) => settle(() => resolve(answer));
    const onError = ({ message }: Error) => fail(`failed: ${message}`);
    const onExit = () => fail('ended without an answer');
    const timer = setTimeout(() => fail(`gave no answer within ${seconds} s`), seconds * 1000);
    worker.on('message', onMessage).on('error', onError).on('exit', onExit);
    worker.postMessage(order);
  });
}
