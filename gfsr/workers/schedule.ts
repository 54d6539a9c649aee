// Which trial is next: no warm start is made twice, and a trial whose worker died gets another one, a few times.

/** What the schedule needs to know of a trial. */
export interface Scheduled {
  readonly key: string;
  /** Trials with the same one share a warm start. */
  readonly warmKey: string;
}

/** A trial that has cost this many workers their life is given up. */
export const ATTEMPTS = 4;

/**
 * Hands out trials in their order. Trials of one warm start wait until the first of them has made it, while others
 * are preferred.
 */
export class Schedule<T extends Scheduled> {
  readonly #waiting: T[];
  readonly #running = new Set<T>();
  /** Keys of the warm starts that exist. */
  readonly #warm = new Set<string>();
  readonly #deaths = new Map<string, number>();

  constructor(trials: readonly T[]) {
    this.#waiting = [...trials];
  }

  /** Whether all trials have ended. */
  get isOver(): boolean {
    return this.#waiting.length + this.#running.size === 0;
  }

  /** The next trial for a free worker; undefined if there is none now. */
  take(): T | undefined {
    const begun = new Set([...this.#running].map(({ warmKey }) => warmKey));
    const i = this.#waiting.findIndex(
      ({ warmKey }) => this.#warm.has(warmKey) || !begun.has(warmKey),
    );
    if (i < 0) return undefined;
    const [trial] = this.#waiting.splice(i, 1);
    this.#running.add(trial);
    return trial;
  }

  /** The warm start of this trial exists: others can use it. */
  warmed({ warmKey }: T): void {
    this.#warm.add(warmKey);
  }

  /** The trial has come to its end. */
  ended(trial: T): void {
    this.#running.delete(trial);
  }

  /** The worker of this trial died. Returns whether the trial will be run again, before all others. */
  died(trial: T): boolean {
    const deaths = (this.#deaths.get(trial.key) ?? 0) + 1;
    this.#deaths.set(trial.key, deaths);
    this.ended(trial);
    if (deaths < ATTEMPTS) this.#waiting.unshift(trial);
    return deaths < ATTEMPTS;
  }
}
