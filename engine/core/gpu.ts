// The engine's only access to a GPUDevice: makes tensors, runs kernels, reads results and records programs.

import type { Operands } from '../../kernels/contraction.ts';
import type { Kernel, KernelArgs } from '../../kernels/kernel.ts';
import { adapterIsSoftware, subgroupSize } from './adapter.ts';
import { BufferPool } from './buffer-pool.ts';
import { CommandQueue } from './command-queue.ts';
import { type Dispatch, type Encoded, makeCopy, makeDispatch } from './dispatch.ts';
import { ErrorScopes } from './error-scopes.ts';
import { checkDevice, type GpuOptions, type GpuStats, mergedBindings } from './gpu-options.ts';
import { checkShape, flatten, type HostValues } from './host-values.ts';
import { launchesOf } from './launch-plan.ts';
import { costWith, type ProgramSketch } from './memory-plan.ts';
import { PipelineCache } from './pipeline-cache.ts';
import { holding, Program, type ProgramDevice } from './program.ts';
import { Recorder } from './recorder.ts';
import { BYTES, type DType, type HostArrays, type Shape, sizeOf } from './shape.ts';
import { Storage } from './storage.ts';
import { allOrNothing, type Problem, Tensor, type TensorDevice } from './tensor.ts';
import { TensorScopes } from './tensor-scopes.ts';
import { readTensors, writeTensor } from './transfer.ts';
import { type Tuner, type Tuning, type TuningOptions, tuningOf } from './tuning.ts';
import { Way } from './way.ts';

/**
 * Tensors and kernels on a GPUDevice: `new Gpu(device, { wait })` with the result of `createNodeDevice` or
 * `createBrowserDevice`. Ops run in the order of the calls. Errors of the device are thrown by a later call.
 */
export class Gpu implements TensorDevice, ProgramDevice {
  /** The device that it was made with. */
  readonly device: GPUDevice;
  /** Where the memory of tensors comes from. */
  readonly pool: BufferPool;
  /** Invocations per subgroup, if kernels may use subgroups and their size is fixed; otherwise undefined. */
  readonly subgroupSize: number | undefined;
  /** Whether the processor does the work. */
  readonly isSoftware: boolean;
  /** How operands of products and convolutions are stored. */
  readonly operands: Operands;
  /** What long work waits for before it goes on. */
  readonly way: Way;
  readonly #mergedBindings: number;
  readonly #errors: ErrorScopes;
  readonly #queue: CommandQueue;
  readonly #pipelines: PipelineCache;
  #tuner: Tuner | undefined;
  #tuning: Tuning;
  readonly #scopes = new TensorScopes(() => this.pool.usedBytes);
  readonly #recorder = new Recorder(this.#scopes);

  /** Takes a device that the caller created. `destroy()` ends both. */
  constructor(device: GPUDevice, options: GpuOptions = {}) {
    const { wait = (done) => done, tuning = tuningOf({}), operands = 'f32', memory } = options;
    checkDevice(device, operands);
    this.device = device;
    this.#tuning = tuning;
    this.operands = operands;
    this.way = new Way(options.giveWay);
    this.subgroupSize = subgroupSize(device);
    this.isSoftware = adapterIsSoftware(device);
    this.#mergedBindings = mergedBindings(device, options);
    this.pool = new BufferPool(device, memory, () => this.trim());
    this.#errors = new ErrorScopes(device, wait);
    this.#queue = new CommandQueue(device, this.#errors);
    this.#pipelines = new PipelineCache(device, (check) => this.#errors.watch(check), this.way);
  }

  /** Memory and work so far. */
  get stats(): GpuStats {
    return { ...this.pool.stats, ...this.#queue.stats, pipelines: this.#pipelines.size };
  }

  /**
   * A tensor with the given values: `gpu.tensor([[1, 2], [3, 4]])`, or row-major `gpu.tensor(float32Array, [2, 2])`.
   *
   * @param shape default: that of the nested arrays
   * @param dtype default f32; u32 for labels
   * @throws RangeError if the values do not fit the shape, nested arrays differ in length, or a value is not a valid
   *   u32; TypeError for a value that is not a number
   */
  tensor(values: HostValues, shape?: Shape, dtype: DType = 'f32'): Tensor {
    const [flat, own] = flatten('tensor', values);
    return allOrNothing(() => {
      const tensor = this.#create(shape ?? own, dtype, true);
      writeTensor(this.device, this.#queue, tensor, flat);
      return tensor;
    });
  }

  /** A tensor of zeros, f32. */
  zeros(shape: Shape): Tensor {
    checkShape('zeros', shape);
    const tensor = this.#create(shape, 'f32', true);
    this.#queue.clearBuffer(tensor.storage.buffer as GPUBuffer, tensor.storage.bytes);
    return tensor;
  }

  /** A tensor whose gradient can be requested. Values and shape as for `tensor`. */
  parameter(values: HostValues, shape?: Shape): Tensor {
    return Object.assign(this.tensor(values, shape), { requiresGrad: true });
  }

  /** A tensor with undefined contents, for a kernel to write. */
  empty(shape: Shape, dtype: DType = 'f32'): Tensor {
    return this.#create(shape, dtype, false);
  }

  /** Another shape over the same memory. */
  view(tensor: Tensor, shape: Shape): Tensor {
    return this.#scopes.addResult(new Tensor(this, shape, tensor.dtype, tensor.storage));
  }

  /** Part of a tensor's memory, from element `offset`, a multiple of 64. The memory lives as long as any part. */
  part({ storage, dtype }: Tensor, offset: number, shape: Shape): Tensor {
    const part = storage.root.part(storage.offset + offset * 4, sizeOf(shape) * 4);
    return this.#scopes.add(new Tensor(this, shape, dtype, part));
  }

  /** Runs a kernel on tensors given by binding name. Effects follow the order of the calls. */
  run(kernel: Kernel, tensors: Readonly<Record<string, Tensor>>, args: KernelArgs): void {
    this.#errors.assertUsable();
    this.#launch(makeDispatch(this.#pipelines, kernel, tensors, args));
  }

  /**
   * y = x, bit for bit. Where it changes no value, a program computes x directly in y's memory and copies nothing.
   *
   * @throws RangeError if they differ in size
   */
  copy(x: Tensor, y: Tensor): void {
    this.#errors.assertUsable();
    this.#launch(makeCopy(this.#pipelines, x, y));
  }

  /**
   * Overwrites a tensor's values. Takes effect after everything that was run before.
   *
   * @throws Error within a capture, RangeError if the number of values does not fit
   */
  write(tensor: Tensor, values: HostValues): void {
    this.#recorder.assertIdle(
      'write: within a capture it would happen only once, now, and not in the runs of the program. Write before each run.',
    );
    this.#errors.assertUsable();
    writeTensor(this.device, this.#queue, tensor, flatten('write', values)[0]);
  }

  /** Copies a tensor to the host, as a Float32Array or, for u32, a Uint32Array. */
  async read<D extends keyof HostArrays = 'f32'>(tensor: Tensor): Promise<HostArrays[D]> {
    return (await this.readAll<D>([tensor]))[0];
  }

  /** Copies several tensors to the host, such as the losses of a step: values of one moment, and one wait for all. */
  async readAll<D extends keyof HostArrays = 'f32'>(tensors: readonly Tensor[]) {
    this.#errors.assertUsable();
    const values = await readTensors(this.device, this.#queue, this.#errors, tensors);
    await this.way.free();
    return values as HostArrays[D][];
  }

  /** Waits until everything run so far is done. @throws the first error that occurred in it */
  async sync(): Promise<void> {
    this.#errors.assertUsable();
    this.flush();
    await this.#errors.settle(this.device.queue.onSubmittedWorkDone());
  }

  /** Submits everything run so far to the GPU. */
  flush(): void {
    this.#queue.flush();
  }

  /**
   * Runs `body` and disposes every tensor that it made, except those in its result (a tensor, or an array or record of
   * tensors). These lose their history: no gradient reaches back into the scope.
   */
  scope<T>(body: () => T): T {
    return this.#scopes.enclose(body).result;
  }

  /** Takes a tensor out of the surrounding scopes. It lives until it is disposed. */
  keep<T extends Tensor>(tensor: T): T {
    if (this.#recorder.recording && !tensor.storage.buffer) {
      throw new Error('keep: a tensor that is computed in a capture is kept by returning it.');
    }
    this.#scopes.remove(tensor);
    return tensor;
  }

  /**
   * Records what `body` runs without running it, plans the memory, and compiles the kernels concurrently. The program
   * then repeats it with no work per op. Tensors made before the capture are its inputs and state: write to them
   * between runs. Tensors in the result are its outputs. All of them keep their memory until it is disposed.
   */
  async capture<T>(body: () => T, { tuning }: TuningOptions = {}): Promise<Program<T>> {
    this.#errors.assertUsable();
    this.#recorder.assertIdle('capture: captures cannot be nested.');
    if (!tuning) await this.prepare(body);
    const { recording, result, survivors } = this.#recorder.record(body, tuning);
    const outputs = survivors.map((tensor) => this.keep(tensor));
    recording.kept.push(...holding(this, recording.dispatches, outputs));
    try {
      const dispatches = launchesOf(recording, this.#pipelines, this.#mergedBindings);
      await this.#pipelines.prepare(dispatches.map(({ compiled }) => compiled));
      return new Program(this, { ...recording, dispatches }, result, outputs);
    } catch (error) {
      for (const tensor of [...recording.kept, ...outputs]) tensor.dispose();
      throw error;
    }
  }

  /**
   * Does `work` on the host: now, or, within a capture, before each run of the program. This is how a learning rate
   * that changes from step to step is written.
   *
   * @param owner whose work it is. Default: a new owner
   * @throws Error if the same owner asks twice in one capture, because the second would overwrite what the first wrote
   */
  beforeEachRun(work: () => void, owner: object = work): void {
    this.#recorder.beforeEachRun(work, owner);
  }

  /** Lets the device's tuner, if it has one, find the fastest strategies for everything that `body` computes. */
  async prepare(body: () => unknown): Promise<void> {
    if (this.#tuner) this.#tuning = await this.#tuner(body);
  }

  /** Takes the strategy that the tuning selects. */
  choose(problem: Problem): string {
    return (this.#recorder.recording?.tuning ?? this.#tuning)(problem);
  }

  /** Uses this tuning from now on, and lets `tuner` extend it before each capture. */
  retune(tuning: Tuning, tuner?: Tuner): void {
    this.#tuning = tuning;
    this.#tuner = tuner;
  }

  /** Runs `body` without computing anything. What it returns has shapes, but no values. */
  trace<T>(body: () => T, { tuning }: TuningOptions = {}): T {
    this.#errors.assertUsable();
    return this.#recorder.rehearse(body, ({ result }) => result, tuning);
  }

  /** What a program of `body` would launch and need, without taking the memory or computing anything. */
  sketch(body: () => unknown): ProgramSketch {
    this.#errors.assertUsable();
    return this.#recorder.rehearse(body, costWith(this.#mergedBindings));
  }

  /** Records when the GPU begins and ends what `body` launches, on a device with `timestamp-query`. */
  withTimestamps<T>(writes: GPUComputePassTimestampWrites, body: () => T): T {
    return this.#queue.withTimestamps(writes, body);
  }

  /** Used by `Program`: encodes prepared dispatches in one pass, after everything pending. */
  replay(batch: readonly Encoded[]): void {
    this.#errors.assertUsable();
    this.#queue.replay(batch);
  }

  /** Used by `Tensor.dispose`: takes memory back when its last tensor is gone. */
  release(tensor: Tensor): void {
    this.#scopes.forget(tensor);
    const free = tensor.storage.release();
    if (free?.buffer && !this.#errors.lost) this.pool.release(free.buffer);
    if (free) free.buffer = undefined;
  }

  /** Frees memory that waits for reuse. */
  trim(): void {
    this.flush();
    this.pool.trim();
    this.device.queue.submit([]); // Dawn frees destroyed buffers at the next submit
  }

  /** Destroys the device. Everything made with it becomes unusable. */
  destroy(): void {
    if (this.#errors.lost) return;
    this.#queue.clear();
    this.#errors.end();
  }

  #launch(dispatch: Dispatch): void {
    if (this.#recorder.recording) this.#recorder.recording.dispatches.push(dispatch);
    else this.#queue.push(dispatch, this.#pipelines.require(dispatch.compiled));
  }

  #create(shape: Shape, dtype: DType, real: boolean): Tensor {
    this.#errors.assertUsable();
    checkShape('tensor', shape, dtype);
    const { recording } = this.#recorder;
    const storage = new Storage(sizeOf(shape) * BYTES[dtype]);
    if (!recording || real) storage.buffer = this.pool.acquire(storage.bytes);
    const made = new Tensor(this, shape, dtype, storage);
    const tensor = real ? this.#scopes.add(made) : this.#scopes.addResult(made);
    if (recording && real) recording.kept.push(this.keep(tensor));
    return tensor;
  }
}
