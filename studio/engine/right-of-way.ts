// Who computes first where the processor does everything: the marks of a person before a training.

import { turn } from '../../gfsr/machine/long-work.ts';

/** Milliseconds after urgent work in which the page draws what came of it, and a person takes the next step. */
const REST_MS = 250;
/** Long work goes on after this time, however busy the person is, in milliseconds. */
const MOST_MS = 3000;

/** Lets long work wait until nothing urgent has happened for a moment. */
export class RightOfWay {
  readonly #now: () => number;
  #last = Number.NEGATIVE_INFINITY;

  /** @param now milliseconds of a clock */
  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  /** Does urgent work, which takes the thread until it is done. */
  first<T>(work: () => T): T {
    try {
      return work();
    } finally {
      this.attend();
    }
  }

  /** A person has done something, and may do the next thing soon. */
  attend(): void {
    this.#last = this.#now();
  }

  /** Resolves when urgent work that has arrived is done, and its result had time to be drawn; at the latest in 3 s. */
  async free(): Promise<void> {
    const end = this.#now() + MOST_MS;
    for (;;) {
      await turn(); // requests that have arrived come first
      const wait = Math.min(this.#last + REST_MS, end) - this.#now();
      if (wait <= 0) return;
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
  }
}
