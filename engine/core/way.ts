// Giving way: long work waits for whatever else the processor has to do, where it does the device's work, too.

/** Whether long work may go on. */
export class Way {
  readonly #free: (() => Promise<void>) | undefined;
  #waited = 0;

  /** @param free resolves when the way is free; absent: it always is */
  constructor(free?: () => Promise<void>) {
    this.#free = free;
  }

  /** Whether others may need the way. */
  get isShared(): boolean {
    return this.#free !== undefined;
  }

  /** Milliseconds that work has waited so far. */
  get waited(): number {
    return this.#waited;
  }

  /** Resolves when work may go on. */
  async free(): Promise<void> {
    if (!this.#free) return;
    const asked = performance.now();
    await this.#free();
    this.#waited += performance.now() - asked;
  }
}
