// The engine's one door to a GPUDevice: it makes tensors, runs kernels, reads results and records programs.

import type { Operands } from '../../kernels/contraction.ts';
import { copy } from '../../kernels/copy.ts';
import type { Kernel, KernelArgs } from '../../kernels/kernel.ts';
import { type Tuning, tuningOf } from '../tuning/tuning.ts';
import { isSoftware } from './adapter.ts';
import { BufferPool } from './buffer-pool.ts';
import { CommandQueue } from './command-queue.ts';
import { type Dispatch, type Encoded, makeDispatch } from './dispatch.ts';
import { Faults, type Wait } from './error-scopes.ts';
import { checkShape, flatten, type HostValues } from './host-values.ts';
import { elideCopies } from './memory-plan.ts';
import { PipelineCache } from './pipeline-cache.ts';
import { newRecording, Program, type Recording } from './program.ts';
import {
  BYTES,
  type DType,
  formatShape,
  type HostArrays,
  type Shape,
  Storage,
  sizeOf,
  Tensor,
} from './tensor.ts';
import { Scopes } from './tensor-scopes.ts';
import { readTensor, writeTensor } from './transfer.ts';

export type { Wait } from './error-scopes.ts';

/** What a device holds and has done so far. */
export interface GpuStats {
  /** Bytes of device memory that the pool holds, in use or waiting. */
  allocatedBytes: number;
  /** Bytes of live tensors. */
  usedBytes: number;
  peakBytes: number;
  dispatches: number;
  submits: number;
  pipelines: number;
}

/** Options of a `Gpu`. */
export interface GpuOptions {
  /** Comes with a device of `createNodeDevice`. */
  readonly wait?: Wait;
  /** Which of several ways an op takes, such as what \`tune\` has found. Default: by rules of thumb. */
  readonly tuning?: Tuning;
  /**
   * How the operands of products and of most convolutions are stored. "f16" halves their memory and its traffic, rounds them to
   * 11 bits, and makes infinities of what is above 65,504; sums stay float32. It needs the device feature `shader-f16`. Default "f32".
   */
  readonly operands?: Operands;
}

/**
 * Tensors and kernels on a GPUDevice: `new Gpu(device, { wait })` with what `createNodeDevice` or `createBrowserDevice`
 * gives. Ops run in the order in which they are called, and errors of the device are thrown by a later call.
 */
export class Gpu {
  /** The device that it was made with. */
  readonly device: GPUDevice;
  /** Where the memory of tensors comes from. */
  readonly pool: BufferPool;
  /** Invocations of a subgroup, where kernels may use subgroups and their size is fixed; else undefined. */
  readonly subgroupSize: number | undefined;
  /** The processor does the work. */
  readonly isSoftware: boolean;
  /** Which of several ways an op takes. */
  tuning: Tuning;
  /** How operands of products and convolutions are stored. */
  readonly operands: Operands;
  /** What is done before a body is recorded, such as finding the fastest way of computing it: see `autotuner`. */
  prepare: (body: () => unknown) => Promise<void> = async () => {};
  readonly #faults: Faults;
  readonly #queue: CommandQueue;
  readonly #pipelines: PipelineCache;
  readonly #scopes = new Scopes(() => this.pool.usedBytes);
  #recording: Recording | undefined;

  /** Takes a device that the caller made; `destroy()` ends both. */
  constructor(
    device: GPUDevice,
    { wait = (done) => done, tuning = tuningOf({}), operands = 'f32' }: GpuOptions = {},
  ) {
    if (!device?.features && !device?.lost) {
      throw new TypeError(
        'gpu: device is no GPUDevice. Write new Gpu(device, { wait }) with what createNodeDevice or createBrowserDevice gives.',
      );
    }
    if (operands === 'f16' && !device.features.has('shader-f16')) {
      throw new RangeError(
        'gpu: operands f16, but the device does not have the feature shader-f16. Use f32, or ask the adapter for the feature if it has it.',
      );
    }
    this.device = device;
    this.tuning = tuning;
    this.operands = operands;
    // Browsers of before 2025 do not say on the device which adapter it is from.
    const info = device.adapterInfo as GPUAdapterInfo | undefined;
    const fixed =
      device.features?.has('subgroups') && info?.subgroupMinSize === info?.subgroupMaxSize;
    this.subgroupSize = fixed ? info?.subgroupMinSize : undefined;
    this.isSoftware = info !== undefined && isSoftware(info);
    this.pool = new BufferPool(device);
    this.#faults = new Faults(device, wait);
    this.#queue = new CommandQueue(device, this.#faults);
    this.#pipelines = new PipelineCache(device, (check) => this.#faults.watch(check));
  }

  /** Memory and work so far. */
  get stats(): GpuStats {
    const { allocatedBytes, usedBytes, peakBytes } = this.pool;
    return {
      allocatedBytes,
      usedBytes,
      peakBytes,
      dispatches: this.#queue.dispatches,
      submits: this.#queue.submits,
      pipelines: this.#pipelines.size,
    };
  }

  /**
   * A tensor with the given values: `gpu.tensor([[1, 2], [3, 4]])`, or row-major `gpu.tensor(float32Array, [2, 2])`.
   *
   * @param shape default: that of the nested arrays
   * @param dtype default f32; u32 for labels
   * @throws RangeError if the values do not fit the shape, nested arrays differ in length, or a value is no u32;
   *   TypeError for what is not a number
   */
  tensor(values: HostValues, shape?: Shape, dtype: DType = 'f32'): Tensor {
    const [flat, own] = flatten('tensor', values);
    const tensor = this.#create(shape ?? own, dtype, true);
    this.#write(tensor, flat);
    return tensor;
  }

  /** A tensor of zeros, f32. */
  zeros(shape: Shape): Tensor {
    checkShape('zeros', shape);
    return this.tensor(new Float32Array(sizeOf(shape)), shape);
  }

  /** A tensor whose gradient may be asked for. Values and shape as of `tensor`. */
  parameter(values: HostValues, shape?: Shape): Tensor {
    const tensor = this.tensor(values, shape);
    tensor.requiresGrad = true;
    return tensor;
  }

  /** A tensor with undefined contents, for a kernel to write. */
  empty(shape: Shape, dtype: DType = 'f32'): Tensor {
    return this.#create(shape, dtype, false);
  }

  /** Another shape over the same memory. */
  view(tensor: Tensor, shape: Shape): Tensor {
    return this.#scopes.addResult(new Tensor(this, shape, tensor.dtype, tensor.storage));
  }

  /** Part of a tensor's memory, from element `offset` on, a multiple of 64. It lives as long as any part of it does. */
  part({ storage, dtype }: Tensor, offset: number, shape: Shape): Tensor {
    const part = storage.root.part(storage.offset + offset * 4, sizeOf(shape) * 4);
    return this.#scopes.add(new Tensor(this, shape, dtype, part));
  }

  /** Runs a kernel on tensors given by binding name. Order of calls is order of effect. */
  run(kernel: Kernel, tensors: Readonly<Record<string, Tensor>>, args: KernelArgs): void {
    this.#faults.assertUsable();
    this.#launch(makeDispatch(this.#pipelines, kernel, tensors, args));
  }

  /**
   * y = x, bit for bit. A program computes x where y lies, and copies nothing, wherever that changes no value.
   *
   * @throws RangeError if they differ in size
   */
  copy(x: Tensor, y: Tensor): void {
    this.#faults.assertUsable();
    if (x.size !== y.size) {
      throw new RangeError(
        `copy: x has shape ${formatShape(x.shape)}, expected ${y.size} elements as in y ${formatShape(y.shape)}.`,
      );
    }
    const dispatch = makeDispatch(this.#pipelines, copy, { x, y }, { size: x.size });
    this.#launch({ ...dispatch, copies: true });
  }

  /** Used by `layOut`: moves a tensor's memory into `whole`, from element `offset` on. */
  move({ storage }: Tensor, whole: Tensor, offset: number): void {
    this.flush();
    const from = storage.buffer as GPUBuffer;
    const { root } = whole.storage;
    const encoder = this.device.createCommandEncoder({ label: 'move' });
    encoder.copyBufferToBuffer(from, 0, root.buffer as GPUBuffer, offset * 4, storage.bytes);
    this.#queue.submit([encoder.finish()]);
    this.pool.release(from);
    storage.place(root, offset * 4);
  }

  /**
   * Overwrites a tensor's values. Takes effect after everything that was run before it.
   *
   * @throws Error within a capture, RangeError if the number of values does not fit
   */
  write(tensor: Tensor, values: HostValues): void {
    if (this.#recording) {
      throw new Error(
        'write: within a capture it would happen once, now, and not in the runs of the program. Write before each run.',
      );
    }
    this.#write(tensor, flatten('write', values)[0]);
  }

  #write(tensor: Tensor, values: ArrayLike<number>): void {
    this.#faults.assertUsable();
    writeTensor(this.device, this.#queue, tensor, values);
  }

  /** Copies a tensor to the host, as a Float32Array or, of u32, a Uint32Array. */
  async read<D extends keyof HostArrays = 'f32'>(tensor: Tensor): Promise<HostArrays[D]> {
    this.#faults.assertUsable();
    return readTensor(this.device, this.#queue, this.#faults, tensor) as Promise<HostArrays[D]>;
  }

  /** Waits until everything run so far is done. @throws the first error that any of it met. */
  async sync(): Promise<void> {
    this.#faults.assertUsable();
    this.flush();
    await this.#faults.settle(this.device.queue.onSubmittedWorkDone());
  }

  /** Hands everything run so far to the GPU. */
  flush(): void {
    this.#queue.flush();
  }

  /**
   * Runs `body` and disposes every tensor that it made, except those in its result (a tensor, or an
   * array or record of tensors), which lose their history: no gradient reaches back into the scope.
   */
  scope<T>(body: () => T): T {
    return this.#scopes.enclose(body).result;
  }

  /** Takes a tensor out of the scopes around it: it lives until it is disposed. */
  keep<T extends Tensor>(tensor: T): T {
    if (this.#recording && !tensor.storage.buffer) {
      throw new Error('keep: a tensor computed in a capture is kept by returning it.');
    }
    this.#scopes.remove(tensor);
    return tensor;
  }

  /**
   * Records what `body` runs without running it, plans the memory, and compiles the kernels side by
   * side. The program then repeats it with no work per op. Tensors made before the capture are its
   * inputs and state: write to them between runs. Tensors in the result are its outputs.
   */
  async capture<T>(body: () => T): Promise<Program<T>> {
    this.#faults.assertUsable();
    if (this.#recording) throw new Error('capture: captures cannot be nested.');
    await this.prepare(body);
    const recording = newRecording();
    let outputs: Tensor[] = [];
    try {
      const { result, survivors } = this.#record(recording, body);
      outputs = survivors.map((tensor) => this.keep(tensor));
      const dispatches = elideCopies(recording.dispatches);
      await this.#pipelines.prepare(dispatches.map(({ compiled }) => compiled));
      return new Program(this, { ...recording, dispatches }, result, outputs);
    } catch (error) {
      for (const tensor of [...recording.constants, ...outputs]) tensor.dispose();
      throw error;
    }
  }

  /**
   * Does `work` on the host: now, or, within a capture, before each run of the program. A learning rate that changes
   * from step to step is written so.
   *
   * @param owner whose work it is. Default: nobody else's
   * @throws Error if the same owner asks twice in one capture: the later would overwrite what the earlier wrote
   */
  beforeEachRun(work: () => void, owner: object = work): void {
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

  /** Runs `body` without computing anything: what it returns has shapes and no values. */
  trace<T>(body: () => T): T {
    this.#faults.assertUsable();
    if (this.#recording) throw new Error('trace: inside a capture nothing is computed anyway.');
    const recording = newRecording();
    try {
      const { result, survivors } = this.#record(recording, body);
      for (const tensor of survivors) tensor.dispose();
      return result;
    } finally {
      for (const tensor of recording.constants) tensor.dispose();
    }
  }

  #record<T>(recording: Recording, body: () => T): { result: T; survivors: Tensor[] } {
    this.#recording = recording;
    try {
      return this.#scopes.enclose(body);
    } finally {
      this.#recording = undefined;
    }
  }

  /** Used by `Program`: encodes prepared dispatches, in one pass, after whatever is pending. */
  replay(batch: readonly Encoded[], timestampWrites?: GPUComputePassTimestampWrites): void {
    this.#faults.assertUsable();
    this.#queue.replay(batch, timestampWrites);
  }

  /** Used by `Tensor.dispose`: takes memory back when its last tensor is gone. */
  release(tensor: Tensor): void {
    this.#scopes.forget(tensor);
    const free = tensor.storage.release();
    if (!free) return;
    if (free.buffer && !this.#faults.lost) this.pool.release(free.buffer);
    free.buffer = undefined;
  }

  /** Frees memory that waits for reuse. */
  trim(): void {
    this.flush();
    this.pool.trim();
    this.device.queue.submit([]); // Dawn frees destroyed buffers at the next submit
  }

  /** Ends the device. Everything made with it is gone. */
  destroy(): void {
    if (this.#faults.lost) return;
    this.#queue.clear();
    this.#faults.end();
  }

  #launch(dispatch: Dispatch): void {
    if (this.#recording) this.#recording.dispatches.push(dispatch);
    else this.#queue.push(dispatch, this.#pipelines.require(dispatch.compiled));
  }

  #create(shape: Shape, dtype: DType, real: boolean): Tensor {
    this.#faults.assertUsable();
    checkShape('tensor', shape);
    if (!(dtype in BYTES)) {
      const types = Object.keys(BYTES).join(', ');
      throw new RangeError(`tensor: dtype is ${dtype}, expected one of ${types}.`);
    }
    const storage = new Storage(sizeOf(shape) * BYTES[dtype]);
    if (!this.#recording || real) storage.buffer = this.pool.acquire(storage.bytes);
    const made = new Tensor(this, shape, dtype, storage);
    const tensor = real ? this.#scopes.add(made) : this.#scopes.addResult(made);
    if (this.#recording && real) {
      this.#recording.constants.push(this.keep(tensor));
    }
    return tensor;
  }
}
