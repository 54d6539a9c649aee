// Records what a body runs, without running it.

import type { Dispatch } from './dispatch.ts';
import type { Tensor } from './tensor.ts';
import type { TensorScopes } from './tensor-scopes.ts';
import type { Tuning } from './tuning.ts';

/** What a capture collects. */
export interface Recording {
  readonly dispatches: Dispatch[];
  /** Tensors that live as long as the program: filled with host values during the capture, or holding what it binds. */
  readonly kept: Tensor[];
  /** Host work before each run, by owner. */
  readonly before: Map<object, () => void>;
  /** Its own tuning; if absent, that of the device. */
  readonly tuning: Tuning | undefined;
}

/** A recording with the result of its body, and the tensors in that. */
export interface Recorded<T> {
  readonly recording: Recording;
  readonly result: T;
  readonly survivors: readonly Tensor[];
}

/** The recording of a device; there is at most one at a time. */
export class Recorder {
  readonly #scopes: TensorScopes;
  #recording: Recording | undefined;

  constructor(scopes: TensorScopes) {
    this.#scopes = scopes;
  }

  /** The current recording, if any. */
  get recording(): Recording | undefined {
    return this.#recording;
  }

  /** @throws Error with `message` while something is recorded */
  assertIdle(message: string): void {
    if (this.#recording) throw new Error(message);
  }

  /** Records `body` in its own scope. If it throws, everything that it made is disposed. */
  record<T>(body: () => T, tuning?: Tuning): Recorded<T> {
    const recording: Recording = { dispatches: [], kept: [], before: new Map(), tuning };
    this.#recording = recording;
    try {
      return { recording, ...this.#scopes.enclose(body) };
    } catch (error) {
      for (const tensor of recording.kept) tensor.dispose();
      throw error;
    } finally {
      this.#recording = undefined;
    }
  }

  /** Records `body`, lets `look` see it, and disposes of everything that it made. @throws Error within a recording */
  rehearse<T, R>(body: () => T, look: (recorded: Recorded<T>) => R, tuning?: Tuning): R {
    this.assertIdle('trace: inside a capture nothing is computed anyway.');
    const recorded = this.record(body, tuning);
    try {
      return look(recorded);
    } finally {
      const { survivors, recording } = recorded;
      for (const tensor of [...survivors, ...recording.kept]) tensor.dispose();
    }
  }

  /** Does `work` now or, within a recording, before each run. */
  beforeEachRun(work: () => void, owner: object): void {
    if (!this.#recording) {
      work();
      return;
    }
    const { before } = this.#recording;
    if (before.has(owner)) {
      throw new Error(
        'capture: one optimiser steps twice, expected once per capture. Capture one step, and run it twice.',
      );
    }
    before.set(owner, work);
  }
}
