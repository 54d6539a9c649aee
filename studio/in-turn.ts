// Small pieces of work on the thread that draws, one after another: what a person does comes between them.

import { turn } from '../gfsr/machine/long-work.ts';

/** Longest time that is worked at one go, in milliseconds, until the piece that reaches it ends. */
const SLICE_MS = 4;

let began = 0;
let latest: Promise<unknown> = Promise.resolve();

/**
 * Works when everything that was given before is done. Forty pictures at once would take a task too long.
 *
 * @param work takes a few milliseconds at most
 * @returns what it returns; rejects with what it throws
 */
export function inTurn<T>(work: () => T): Promise<T> {
  const done = latest.then(async () => {
    if (performance.now() - began >= SLICE_MS) {
      await turn();
      began = performance.now();
    }
    return work();
  });
  latest = done.catch(() => {}); // its caller hears of it
  return done;
}
