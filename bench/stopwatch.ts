// Times recorded programs, by the GPU's clock if it is reliable, otherwise by wall-clock time.

import type { Gpu } from '../engine/core/gpu.ts';
import type { Program } from '../engine/core/program.ts';
import type { Subject } from './measure.ts';

/** Which clock times kernels, and why. */
export interface Clock {
  readonly source: 'timestamp' | 'wall';
  readonly reason: string;
}

/** Timestamps may leave out what the wall sees, such as the submit, but on a long run not more than this share. */
const LEAST_SHARE = 0.8;
/** They can never exceed it, except by rounding. */
const MOST_SHARE = 1.02;
const TRIAL_MS = 50;
const TRIALS = 3;
/** WebGPU's limit per query set. */
const MOST_NOTES = 4096;

export class Stopwatch {
  readonly clock: Clock;
  /** The GPU's clock, where it is trusted. */
  readonly timestamps: Timestamps | undefined;
  readonly #gpu: Gpu;

  private constructor(gpu: Gpu, clock: Clock, timestamps?: Timestamps) {
    this.#gpu = gpu;
    this.clock = clock;
    this.timestamps = timestamps;
  }

  /** Compares the GPU's clock with the wall's on a program, which must have run before, and takes the better one. */
  static async choose(gpu: Gpu, program: Program): Promise<Stopwatch> {
    const wall = (reason: string) => new Stopwatch(gpu, { source: 'wall', reason });
    if (!gpu.device.features.has('timestamp-query')) {
      return wall('the device has no timestamp-query');
    }
    const timestamps = new Timestamps(gpu);
    const once = await wallTime(gpu, () => program.run());
    const runs = Math.max(2, Math.ceil(TRIAL_MS / once));
    const shares: number[] = [];
    for (let trial = 0; trial < TRIALS; trial++) {
      let noted = 0;
      const ms = await wallTime(gpu, async () => {
        noted = await timestamps.time(program, runs);
      });
      shares.push(noted / ms);
    }
    const [low, high] = [Math.min(...shares), Math.max(...shares)];
    const found = `timestamps give ${percent(low)} to ${percent(high)} of the wall time of a long run`;
    if (low < LEAST_SHARE || high > MOST_SHARE) {
      timestamps.destroy();
      return wall(`${found}, expected ${percent(LEAST_SHARE)} to ${percent(MOST_SHARE)}`);
    }
    return new Stopwatch(gpu, { source: 'timestamp', reason: found }, timestamps);
  }

  /** Milliseconds that `runs` runs of a program take. */
  time(program: Program, runs: number): Promise<number> {
    if (this.timestamps) return this.timestamps.time(program, runs);
    return wallTime(this.#gpu, () => {
      for (let i = 0; i < runs; i++) program.run();
    });
  }

  /** The program as something to time; one run of it does the work `repeats` times. */
  subject(program: Program, repeats = 1): Subject {
    return { time: (runs) => this.time(program, runs), repeats };
  }

  destroy(): void {
    this.timestamps?.destroy();
  }
}

/** Milliseconds from an empty queue until all work is done. */
export async function wallTime(gpu: Gpu, work: () => unknown): Promise<number> {
  const start = performance.now();
  await work();
  await gpu.sync();
  return performance.now() - start;
}

/** The GPU's clock, noted where a pass begins or ends. */
export class Timestamps {
  readonly #gpu: Gpu;
  readonly #querySet: GPUQuerySet;
  readonly #resolved: GPUBuffer;
  readonly #staging: GPUBuffer;

  constructor(gpu: Gpu) {
    const { device } = gpu;
    this.#gpu = gpu;
    this.#querySet = device.createQuerySet({ type: 'timestamp', count: MOST_NOTES });
    const size = 8 * MOST_NOTES; // 64 bits each
    this.#resolved = device.createBuffer({ size, usage: 0x200 | 0x4 }); // QUERY_RESOLVE | COPY_SRC
    this.#staging = device.createBuffer({ size, usage: 0x1 | 0x8 }); // MAP_READ | COPY_DST
  }

  /** Runs `work`. Its beginning and its end go to these notes, from 0; undefined: nowhere. */
  note(begin: number | undefined, end: number | undefined, work: () => unknown): void {
    if (begin === undefined && end === undefined) {
      work();
      return;
    }
    const writes = {
      querySet: this.#querySet,
      ...(begin === undefined ? {} : { beginningOfPassWriteIndex: begin }),
      ...(end === undefined ? {} : { endOfPassWriteIndex: end }),
    };
    this.#gpu.withTimestamps(writes, work);
  }

  /** The first `count` notes, ms, when all work is done. */
  async read(count: number): Promise<number[]> {
    const { device } = this.#gpu;
    const bytes = 8 * count;
    const encoder = device.createCommandEncoder();
    encoder.resolveQuerySet(this.#querySet, 0, count, this.#resolved, 0);
    encoder.copyBufferToBuffer(this.#resolved, 0, this.#staging, 0, bytes);
    device.queue.submit([encoder.finish()]);
    await this.#gpu.sync();
    await this.#staging.mapAsync(0x1, 0, bytes); // GPUMapMode.READ
    const notes = new BigInt64Array(this.#staging.getMappedRange(0, bytes).slice(0));
    this.#staging.unmap();
    // Relative to the first, because nanoseconds since the start of the machine may not fit a number.
    return Array.from(notes, (note) => Number(note - notes[0]) / 1e6);
  }

  /** From the beginning of the first run of a program to the end of the last. */
  async time(program: Program, runs: number): Promise<number> {
    for (let i = 0; i < runs; i++) {
      this.note(i === 0 ? 0 : undefined, i === runs - 1 ? 1 : undefined, () => program.run());
    }
    const [, end] = await this.read(2);
    return end;
  }

  destroy(): void {
    this.#querySet.destroy();
    this.#resolved.destroy();
    this.#staging.destroy();
  }
}

const percent = (share: number): string => `${Math.round(100 * share)} %`;
