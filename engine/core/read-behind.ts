// Reads the results of steps while later steps run, so that the GPU never waits for the host.

/** How many steps run ahead of the one that is read. */
const BEHIND = 2;

/** Reads under way, the oldest first. */
export class ReadBehind {
  readonly #reads: Promise<unknown>[] = [];

  /** Takes a read, and waits for an older one where too many are under way. @throws what that one throws */
  async add(read: Promise<unknown>): Promise<void> {
    read.catch(() => {}); // awaited later, but perhaps after another has failed
    this.#reads.push(read);
    if (this.#reads.length > BEHIND) await this.#reads.shift();
  }

  /** Waits for all reads. @throws what the first of them throws that fails */
  async finish(): Promise<void> {
    await Promise.all(this.#reads);
  }

  /** Waits until no read is under way, whatever becomes of them. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#reads);
  }
}
