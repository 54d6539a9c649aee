// Small pieces of work on the thread that draws, one after another: what a person does comes between them.

import { turn } from '../gfsr/machine/long-work.ts';

/** Longest time that is worked at one go, in milliseconds, until the piece that reaches it ends. */
const SLICE_MS = 4;
/** A hidden tab draws no frames, and waits for none longer than this. */
const NO_FRAME_MS = 100;

let began = 0;
let latest: Promise<unknown> = Promise.resolve();
let latestFrame: Promise<unknown> = Promise.resolve();

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

/** Changes what is seen when everything that was changed before has been drawn: each change has a frame of its own. */
export function inFrame(change: () => void): void {
  const before = latestFrame.catch(() => {}); // a change that failed holds up no other
  latestFrame = before.then(async () => {
    change();
    await new Promise<void>((resolve) => {
      const late = setTimeout(resolve, NO_FRAME_MS);
      requestAnimationFrame(() => {
        clearTimeout(late);
        resolve();
      });
    });
    await turn(); // the frame is drawn after its callbacks
  });
}
