// Who computes first where the processor does everything: the marks of a person before a training.

import { turn } from '../../gfsr/masks/task.ts';

/** Time after urgent work in which the page draws what came of it, in milliseconds. */
const DRAWING_MS = 60;

/** Lets long work wait until nothing urgent has happened for a moment. */
export class RightOfWay {
  readonly #now: () => number;
  #last = Number.NEGATIVE_INFINITY;

  /** @param now milliseconds of a clock */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Does urgent work. */
  first<T>(work: () => T): T {
    try {
      return work();
    } finally {
      this.#last = this.#now();
    }
  }

  /** Resolves when urgent work that has arrived is done, and its result had time to be drawn. */
  async free(): Promise<void> {
    for (;;) {
      await turn(); // requests that have arrived come first
      const wait = this.#last + DRAWING_MS - this.#now();
      if (wait <= 0) return;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}
