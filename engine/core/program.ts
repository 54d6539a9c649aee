// A recorded sequence of dispatches with its memory planned: one training step, replayed.

import type { BufferPool } from './buffer-pool.ts';
import { bindDispatch, type Dispatch, type Encoded } from './dispatch.ts';
import { type ProgramCost, planMemory } from './memory-plan.ts';
import type { Recording } from './recorder.ts';
import { Tensor, type TensorDevice } from './tensor.ts';
import type { Way } from './way.ts';

/** What a program needs from the device on which it was captured. */
export interface ProgramDevice {
  readonly device: GPUDevice;
  readonly pool: BufferPool;
  /** Encodes prepared dispatches in one pass, after everything pending. */
  replay(batch: readonly Encoded[]): void;
  flush(): void;
  /** Waits until everything run so far is done. */
  sync(): Promise<void>;
}

/** Wanted duration of a piece of a program, in milliseconds. */
const PIECE_MS = 100;
/** A piece takes at least this many times as long as waiting for nothing, so that waiting costs little. */
const PIECE_WAITS = 10;
/** Launches of the first piece, whose speed is not known yet. */
const FIRST_PIECE = 4;
const UNIFORM_STEP = 256; // minUniformBufferOffsetAlignment that WebGPU guarantees

/**
 * A replayable program. Intermediate tensors share memory if their lifetimes do not overlap: a buffer is free again
 * after the last dispatch that refers to it. Outputs and state are never shared.
 */
export class Program<T = unknown> implements ProgramCost {
  /** What the body returned. Its tensors hold the results of the last run. */
  readonly outputs: T;
  /** Bytes of the planned intermediates and outputs. */
  readonly plannedBytes: number;
  /** What `plannedBytes` would be if no memory were shared. */
  readonly unsharedBytes: number;
  /** Kernel launches of one run. */
  readonly dispatches: number;
  readonly #gpu: ProgramDevice;
  readonly #recording: Recording;
  readonly #buffers: readonly GPUBuffer[];
  readonly #uniform: GPUBuffer | undefined;
  readonly #encoded: readonly Encoded[];
  readonly #results: readonly Tensor[];
  /** Launches of the next piece. */
  #piece = FIRST_PIECE;
  #disposed = false;

  constructor(gpu: ProgramDevice, recording: Recording, outputs: T, results: readonly Tensor[]) {
    this.#gpu = gpu;
    this.#recording = recording;
    this.#results = results;
    this.outputs = outputs;
    this.dispatches = recording.dispatches.length;
    const plan = planMemory(gpu.pool, recording.dispatches, results);
    this.#buffers = plan.buffers;
    this.plannedBytes = plan.plannedBytes;
    this.unsharedBytes = plan.unsharedBytes;
    const offsets = uniformOffsets(recording.dispatches);
    this.#uniform = packParams(gpu.device, recording.dispatches, offsets);
    this.#encoded = this.#bind(offsets);
  }

  /** Runs the recorded steps once more, after everything already submitted. */
  run(): T {
    this.#begin();
    this.#gpu.replay(this.#encoded);
    return this.outputs;
  }

  /**
   * Does what `run` does, but hands the device no more than it computes in about 100 ms, and waits until that is done.
   * Pieces are longer where waiting itself takes long. Values keep their bits. Until it resolves, nothing else may
   * change the program's inputs or state.
   *
   * @param way is waited for before each piece
   */
  async runInPieces(way: Way): Promise<T> {
    const asked = performance.now();
    await this.#gpu.sync();
    const wanted = Math.max(PIECE_MS, PIECE_WAITS * (performance.now() - asked));
    this.#begin();
    for (let done = 0; done < this.#encoded.length; ) {
      await way.free();
      const piece = this.#encoded.slice(done, done + this.#piece);
      const started = performance.now();
      this.#gpu.replay(piece);
      await this.#gpu.sync();
      done += piece.length;
      const fitting = (wanted * piece.length) / (performance.now() - started);
      // Kernels differ in length, so that one short piece says little.
      this.#piece = Math.max(1, Math.floor(Math.min(fitting, 2 * this.#piece)));
    }
    return this.outputs;
  }

  /** Frees the program's memory, including its outputs and constants, and lets go of its inputs and state. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#gpu.flush();
    for (const tensor of [...this.#results, ...this.#recording.kept]) tensor.dispose();
    for (const buffer of this.#buffers) this.#gpu.pool.release(buffer);
    this.#uniform?.destroy();
  }

  #begin(): void {
    if (this.#disposed) throw new Error('program: it was disposed.');
    for (const work of this.#recording.before.values()) work();
  }

  #bind(offsets: readonly number[]): readonly Encoded[] {
    return this.#recording.dispatches.map((dispatch, i) => {
      const { compiled, storages, params, workgroups } = dispatch;
      for (const { root } of storages) root.pinned = true;
      const uniform = params && {
        buffer: this.#uniform as GPUBuffer,
        offset: offsets[i],
        size: params.byteLength,
      };
      const pipeline = compiled.pipeline as GPUComputePipeline;
      return { pipeline, group: bindDispatch(this.#gpu.device, dispatch, uniform), workgroups };
    });
  }
}

/**
 * Tensors that hold the memory which a program of `dispatches` binds, except what it plans itself. Without them, the
 * memory of a disposed input, state or output would go to another tensor while the program still uses it.
 */
export function holding(
  gpu: TensorDevice,
  dispatches: readonly Dispatch[],
  results: readonly Tensor[],
): Tensor[] {
  const bound = dispatches.flatMap(({ storages }) => storages.filter(({ buffer }) => buffer));
  const held = new Set([...bound, ...results.map(({ storage }) => storage)]);
  return [...held].map((storage) => new Tensor(gpu, [storage.bytes / 4], 'f32', storage));
}

/** Where the uniform struct of each dispatch begins. The last entry is the total size. */
function uniformOffsets(dispatches: readonly Dispatch[]): number[] {
  const offsets = [0];
  for (const { params } of dispatches) {
    const bytes = Math.ceil((params?.byteLength ?? 0) / UNIFORM_STEP) * UNIFORM_STEP;
    offsets.push(offsets[offsets.length - 1] + bytes);
  }
  return offsets;
}

/** All uniform structs of a program in one buffer. */
function packParams(
  device: GPUDevice,
  dispatches: readonly Dispatch[],
  offsets: readonly number[],
): GPUBuffer | undefined {
  const size = offsets[dispatches.length];
  if (size === 0) return undefined;
  const buffer = device.createBuffer({
    size,
    usage: 0x40, // UNIFORM
    mappedAtCreation: true,
    label: 'params',
  });
  const bytes = new Uint8Array(buffer.getMappedRange());
  dispatches.forEach(({ params }, i) => {
    if (params) bytes.set(new Uint8Array(params), offsets[i]);
  });
  buffer.unmap();
  return buffer;
}
