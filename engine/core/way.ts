// Giving way: where the processor does the device's work, too, long work waits for whatever else there is to do.

/** Lets long work go on when nothing else needs the processor. */
export class Way {
  readonly #free: (() => Promise<void>) | undefined;
  /** How many wait now, and since when some do. */
  #waiting = 0;
  #since = 0;
  #waited = 0;

  /** @param free resolves when the way is free; absent: it always is */
  constructor(free?: () => Promise<void>) {
    this.#free = free;
  }

  /** Whether there is anyone to give way to. */
  get isShared(): boolean {
    return this.#free !== undefined;
  }

  /** Milliseconds in which work waited so far. What waits at the same time, such as two reads, counts once. */
  get waited(): number {
    return this.#waited + (this.#waiting > 0 ? performance.now() - this.#since : 0);
  }

  /** Resolves when work may go on. */
  async free(): Promise<void> {
    if (!this.#free) return;
    if (this.#waiting++ === 0) this.#since = performance.now();
    try {
      await this.#free();
    } finally {
      if (--this.#waiting === 0) this.#waited += performance.now() - this.#since;
    }
  }
}
