// What each stage of a training costs on this adapter, before it begins and while it runs.

import type { Gpu } from '../../engine/core/gpu.ts';
import { STAGES, type Stage } from '../train/train-hooks.ts';
import type { Work } from './run-job.ts';
import { timeEvaluation, timeMasks, timeStep } from './timing.ts';

/** Seconds by stage. */
export type StageCosts = Readonly<Record<Stage, number>>;

/**
 * Times a few of every kind of work and extrapolates. What is compiled for it need not be compiled again.
 *
 * @param signal stops between two timings
 * @param onTiming is told what is timed next, for a person
 * @throws the reason of the signal
 */
export async function measureCosts(
  gpu: Gpu,
  { config, dataset, annotations, loss, pretrained }: Work,
  signal?: AbortSignal,
  onTiming?: (what: string) => void,
): Promise<StageCosts> {
  const options = { config, dataset, loss, pretrained, signal };
  const timed = async (what: string, measure: () => Promise<number>) => {
    signal?.throwIfAborted();
    onTiming?.(what);
    return measure();
  };
  const plain = await timed('steps without guidance', () => timeStep(gpu, options, false));
  const isGuided = annotations.size > 0;
  const guided = isGuided ? await timed('guided steps', () => timeStep(gpu, options, true)) : 0;
  const masks = isGuided ? await timed('masks', () => timeMasks(gpu, options, annotations)) : 0;
  const evaluation = await timed('saliency', () => timeEvaluation(gpu, options, config.saliency));
  signal?.throwIfAborted();
  const { epochs, batchSize, baseline } = config.train;
  const steps = Math.floor(dataset.train.count / batchSize);
  const warm = Math.min(epochs, config.guidance.warmupEpochs) * steps;
  const isPlain = baseline || !isGuided;
  return {
    'warm-start': warm * plain,
    'cross-entropy': isPlain ? (epochs * steps - warm) * plain : 0,
    masks,
    guided: (epochs * steps - warm) * guided,
    measuring: evaluation * (Number(isPlain) + Number(isGuided)),
  };
}

/** How long a training that runs will still take. */
export class TimeLeft {
  readonly #costs: StageCosts;
  readonly #now: () => number;
  readonly #done = new Map<Stage, { readonly from: number; share: number; seconds: number }>();
  #last: number;

  /**
   * @param costs that were measured before it began
   * @param now seconds of a clock
   */
  constructor(costs: StageCosts, now: () => number = () => performance.now() / 1000) {
    this.#costs = costs;
    this.#now = now;
    this.#last = now();
  }

  /** Takes note of progress. What happened since the last note counts for this stage. */
  note(stage: Stage, share: number): void {
    const now = this.#now();
    // A stage that was resumed begins with what was done before.
    const before = this.#done.get(stage) ?? { from: share, share, seconds: 0 };
    const seconds = before.seconds + (before.share === share ? 0 : now - this.#last);
    this.#done.set(stage, { from: before.from, share, seconds });
    this.#last = now;
  }

  /** Share of each stage that is done. */
  get shares(): StageCosts {
    return this.#byStage((stage) => this.#done.get(stage)?.share ?? 0);
  }

  /** Seconds that each stage takes in all: as measured before, until a tenth of it has been seen. */
  get costs(): StageCosts {
    return this.#byStage((stage) => {
      const { from, share, seconds } = this.#done.get(stage) ?? { from: 0, share: 0, seconds: 0 };
      const seen = share - from;
      return seen < LEAST_SEEN ? this.#costs[stage] : seconds / seen;
    });
  }

  /** Seconds until the end. */
  get seconds(): number {
    const { costs, shares } = this;
    return STAGES.reduce((sum, stage) => sum + costs[stage] * (1 - shares[stage]), 0);
  }

  /** Share of the whole that is done, by time. */
  get share(): number {
    const { costs, shares } = this;
    const total = STAGES.reduce((sum, stage) => sum + costs[stage], 0);
    const done = STAGES.reduce((sum, stage) => sum + costs[stage] * shares[stage], 0);
    return total > 0 ? done / total : 0;
  }

  #byStage(value: (stage: Stage) => number): StageCosts {
    return Object.fromEntries(STAGES.map((stage) => [stage, value(stage)])) as Record<
      Stage,
      number
    >;
  }
}

/** A stage's own speed counts from here on; before, one slow start would decide. */
const LEAST_SEEN = 0.1;
