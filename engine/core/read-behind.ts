// Reads the results of steps while later steps run, so that the GPU never waits for the host.

/** How many steps run ahead of the one that is being read. */
const BEHIND = 2;

/** Pending reads, the oldest first. */
export class ReadBehind {
  readonly #reads: Promise<unknown>[] = [];

  /** Adds a read, and waits for an older one if too many are pending. @throws the error of that read */
  async add(read: Promise<unknown>): Promise<void> {
    read.catch(() => {}); // awaited later, but possibly after another has failed
    this.#reads.push(read);
    if (this.#reads.length > BEHIND) await this.#reads.shift();
  }

  /** Waits for all reads. @throws the error of the first one that fails */
  async finish(): Promise<void> {
    await Promise.all(this.#reads);
  }

  /** Waits until no read is pending, whether reads succeed or not. */
  async settle(): Promise<void> {
    await Promise.allSettled(this.#reads);
  }
}
