// The engine's one door to a GPUDevice: it makes tensors, runs kernels, reads results and records programs.

import { type Kernel, type KernelArgs, paramBytes, type Workgroups } from '../kernels/kernel.ts';
import { DeviceLostError, KernelError, OutOfMemoryError } from './errors.ts';
import { type Compiled, PipelineCache } from './pipelines.ts';
import { BufferPool } from './pool.ts';
import { Program, type Recording } from './program.ts';
import { type DType, formatShape, type Shape, Storage, sizeOf, Tensor } from './tensor.ts';

/** One kernel launch with its memory: what an eager flush encodes at once and a program keeps. */
export interface Dispatch {
  readonly compiled: Compiled;
  readonly storages: readonly Storage[];
  /** Which of the storages the kernel writes. */
  readonly writes: readonly boolean[];
  readonly params: ArrayBuffer | undefined;
  readonly workgroups: Workgroups;
}

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

interface Encoded {
  pipeline: GPUComputePipeline;
  group: GPUBindGroup;
  workgroups: Workgroups;
}

/** Submit after so many eager dispatches, so that the GPU starts while JavaScript goes on. */
const FLUSH_AT = 128;
/** Uniform buffers kept by content; shapes are static within a run, so the same ones return each step. */
const UNIFORM_CACHE = 4096;

/** How to await the device's promises, where the platform has a better way than just that. */
export type Wait = (done: Promise<unknown>) => Promise<unknown>;

export interface GpuOptions {
  /** Comes with a device of `createNodeDevice`. */
  readonly wait?: Wait;
  /** Use subgroup operations where the device has them. Default true. */
  readonly subgroups?: boolean;
}

export class Gpu {
  readonly device: GPUDevice;
  readonly pool: BufferPool;
  readonly #wait: Wait;
  readonly #pipelines: PipelineCache;
  readonly #uniforms = new Map<string, GPUBuffer>();
  readonly #scopes: Set<Tensor>[] = [];
  #pending: Encoded[] = [];
  #recording: Recording | undefined;
  /** Done when every check so far is: they report in order, so that the first error is the cause. */
  #checked: Promise<void> = Promise.resolve();
  #failure: Error | undefined;
  #lost: string | undefined;
  #dispatches = 0;
  #submits = 0;

  /** Invocations of a subgroup, where kernels may use subgroups and their size is fixed; else undefined. */
  readonly subgroupSize: number | undefined;

  /** Takes a device that the caller made; `destroy()` ends both. */
  constructor(device: GPUDevice, { wait = (done) => done, subgroups = true }: GpuOptions = {}) {
    this.device = device;
    // Browsers of before 2025 do not say on the device which adapter it is from.
    const info = device.adapterInfo as GPUAdapterInfo | undefined;
    const fixed =
      device.features?.has('subgroups') && info?.subgroupMinSize === info?.subgroupMaxSize;
    this.subgroupSize = subgroups && fixed ? info?.subgroupMinSize : undefined;
    this.#wait = wait;
    this.pool = new BufferPool(device);
    this.#pipelines = new PipelineCache(device, (check) => this.#watch(check));
    device.lost.then(
      ({ reason, message }) => {
        this.#lost ??= `${reason}: ${message}`;
      },
      () => {},
    );
    device.addEventListener('uncapturederror', (event) => {
      this.#failure ??= toError((event as GPUUncapturedErrorEvent).error);
    });
  }

  get stats(): GpuStats {
    const { allocatedBytes, usedBytes, peakBytes } = this.pool;
    return {
      allocatedBytes,
      usedBytes,
      peakBytes,
      dispatches: this.#dispatches,
      submits: this.#submits,
      pipelines: this.#pipelines.size,
    };
  }

  /** A tensor with the given values (row-major). @throws RangeError if their number does not fit the shape. */
  tensor(values: ArrayLike<number>, shape: Shape = [values.length], dtype: DType = 'f32'): Tensor {
    const tensor = this.#create(shape, dtype, true);
    this.write(tensor, values);
    return tensor;
  }

  zeros(shape: Shape): Tensor {
    return this.tensor(new Float32Array(sizeOf(shape)), shape);
  }

  /** A tensor whose gradient may be asked for. */
  parameter(values: ArrayLike<number>, shape: Shape): Tensor {
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
    return this.#register(new Tensor(this, shape, tensor.dtype, tensor.storage));
  }

  /** Runs a kernel on tensors given by binding name. Order of calls is order of effect. */
  run(kernel: Kernel, tensors: Readonly<Record<string, Tensor>>, args: KernelArgs): void {
    this.#assertUsable();
    const storages: Storage[] = [];
    const writes: boolean[] = [];
    for (const [name, { access }] of Object.entries(kernel.bindings)) {
      const tensor = tensors[name];
      if (!tensor) throw new TypeError(`${kernel.label}: tensor ${name} is missing.`);
      if (tensor.disposed) {
        throw new RangeError(
          `${kernel.label}: tensor ${name} ${formatShape(tensor.shape)} was disposed. Keep it with scope()'s result.`,
        );
      }
      storages.push(tensor.storage);
      writes.push(access !== 'read');
    }
    const params = Object.keys(kernel.params).length > 0 ? paramBytes(kernel, args) : undefined;
    const workgroups = kernel.workgroups(args);
    const compiled = this.#pipelines.get(kernel, args);
    const dispatch: Dispatch = { compiled, storages, writes, params, workgroups };
    if (this.#recording) {
      this.#recording.dispatches.push(dispatch);
      return;
    }
    // Not in one expression: encoding may flush, and `#pending` is then another array.
    const encoded = this.#encodeEager(dispatch);
    this.#pending.push(encoded);
    if (this.#pending.length >= FLUSH_AT) this.flush();
  }

  /** Overwrites a tensor's values. Takes effect after everything that was run before it. */
  write(tensor: Tensor, values: ArrayLike<number>): void {
    this.#assertUsable();
    if (values.length !== tensor.size) {
      throw new RangeError(
        `write: got ${values.length} values, expected ${tensor.size} for shape ${formatShape(tensor.shape)}.`,
      );
    }
    if (tensor.disposed) throw new RangeError('write: the tensor was disposed.');
    const buffer = tensor.storage.buffer;
    if (!buffer)
      throw new Error('write: this tensor exists only inside a capture; write it outside.');
    this.flush();
    const typed = typedArray(values, tensor.dtype);
    this.device.queue.writeBuffer(buffer, 0, typed.buffer, typed.byteOffset, typed.byteLength);
  }

  /** Copies a tensor to the host; u32 values are converted (exact below 2²⁴). */
  async read(tensor: Tensor): Promise<Float32Array<ArrayBuffer>> {
    this.#assertUsable();
    const source = tensor.storage.buffer;
    if (tensor.disposed) throw new RangeError('read: the tensor was disposed.');
    if (!source)
      throw new Error('read: inside a capture nothing has been computed yet; return the tensor.');
    this.flush();
    const size = tensor.storage.bytes;
    const staging = this.device.createBuffer({ size, usage: 0x1 | 0x8, label: 'read' }); // MAP_READ | COPY_DST
    try {
      const encoder = this.device.createCommandEncoder({ label: 'read' });
      encoder.copyBufferToBuffer(source, 0, staging, 0, size);
      this.#submit([encoder.finish()]);
      await this.#settle(staging.mapAsync(0x1)); // GPUMapMode.READ
      const bytes = staging.getMappedRange().slice(0);
      return tensor.dtype === 'f32'
        ? new Float32Array(bytes)
        : Float32Array.from(new Uint32Array(bytes));
    } finally {
      staging.destroy();
    }
  }

  /** Waits until everything run so far is done. @throws the first error that any of it met. */
  async sync(): Promise<void> {
    this.#assertUsable();
    this.flush();
    await this.#settle(this.device.queue.onSubmittedWorkDone());
  }

  /** Hands everything run so far to the GPU. */
  flush(): void {
    if (this.#pending.length === 0) return;
    const batch = this.#pending;
    this.#pending = [];
    this.#encode(batch);
  }

  /**
   * Runs `body` and disposes every tensor that it made, but for those in its result (a tensor, or an
   * array or record of tensors), which lose their history: no gradient reaches back into the scope.
   */
  scope<T>(body: () => T): T {
    return this.#enclose(body).result;
  }

  /** What `scope` does; `survivors` are the tensors of the result that were made inside. */
  #enclose<T>(body: () => T): { result: T; survivors: Tensor[] } {
    const made = new Set<Tensor>();
    this.#scopes.push(made);
    let result: T;
    try {
      result = body();
      if (result instanceof Promise) {
        throw new TypeError(
          'scope: the body is async. Return tensors and await their data outside.',
        );
      }
    } catch (error) {
      for (const tensor of made) tensor.dispose();
      throw error;
    } finally {
      this.#scopes.pop();
    }
    const survivors = tensorsIn(result).filter((tensor) => made.delete(tensor));
    for (const tensor of survivors) {
      tensor.node = undefined;
      this.#register(tensor);
    }
    for (const tensor of made) tensor.dispose();
    return { result, survivors };
  }

  /** Takes a tensor out of the scopes around it: it lives until it is disposed. */
  keep<T extends Tensor>(tensor: T): T {
    if (this.#recording && !tensor.storage.buffer) {
      throw new Error('keep: a tensor computed in a capture is kept by returning it.');
    }
    for (const scope of this.#scopes) scope.delete(tensor);
    return tensor;
  }

  /**
   * Records what `body` runs without running it, plans the memory, and compiles the kernels side by
   * side. The program then repeats it with no work per op. Tensors made before the capture are its
   * inputs and state: write to them between runs. Tensors in the result are its outputs.
   */
  async capture<T>(body: () => T): Promise<Program<T>> {
    this.#assertUsable();
    if (this.#recording) throw new Error('capture: captures cannot be nested.');
    const recording: Recording = { dispatches: [], constants: [] };
    let outputs: Tensor[] = [];
    try {
      const { result, survivors } = this.#record(recording, body);
      outputs = survivors.map((tensor) => this.keep(tensor));
      await this.#pipelines.prepare(recording.dispatches.map(({ compiled }) => compiled));
      return new Program(this, recording, result, outputs);
    } catch (error) {
      for (const tensor of [...recording.constants, ...outputs]) tensor.dispose();
      throw error;
    }
  }

  /** Runs `body` without computing anything: what it returns has shapes and no values. */
  trace<T>(body: () => T): T {
    this.#assertUsable();
    if (this.#recording) throw new Error('trace: inside a capture nothing is computed anyway.');
    const recording: Recording = { dispatches: [], constants: [] };
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
      return this.#enclose(body);
    } finally {
      this.#recording = undefined;
    }
  }

  /** Used by `Program`: encodes prepared dispatches, in one pass, after whatever is pending. */
  replay(batch: readonly Encoded[], timestampWrites?: GPUComputePassTimestampWrites): void {
    this.#assertUsable();
    this.flush();
    this.#encode(batch, timestampWrites);
  }

  /** Used by `Tensor`: takes memory back when its last tensor is gone. */
  reclaim(storage: Storage): void {
    if (storage.buffer && this.#lost === undefined) this.pool.release(storage.buffer);
    storage.buffer = undefined;
  }

  /** Frees memory that waits for reuse. */
  trim(): void {
    this.flush();
    this.pool.trim();
    this.device.queue.submit([]); // Dawn frees destroyed buffers at the next submit
  }

  /** Ends the device. Everything made with it is gone. */
  destroy(): void {
    if (this.#lost !== undefined) return;
    this.#pending = [];
    this.#lost = 'destroyed';
    this.device.destroy();
  }

  #create(shape: Shape, dtype: DType, real: boolean): Tensor {
    this.#assertUsable();
    for (const n of shape) {
      if (!Number.isInteger(n) || n < 1) {
        throw new RangeError(
          `tensor: shape ${formatShape(shape)} has a dimension ${n}, expected whole numbers ≥ 1.`,
        );
      }
    }
    const storage = new Storage(sizeOf(shape) * 4);
    if (!this.#recording || real) storage.buffer = this.pool.acquire(storage.bytes);
    const tensor = this.#register(new Tensor(this, shape, dtype, storage));
    if (this.#recording && real) {
      this.#recording.constants.push(this.keep(tensor));
    }
    return tensor;
  }

  #register(tensor: Tensor): Tensor {
    this.#scopes.at(-1)?.add(tensor);
    return tensor;
  }

  #encodeEager({ compiled, storages, params, workgroups }: Dispatch): Encoded {
    const pipeline = this.#pipelines.require(compiled);
    const uniform = params && { buffer: this.#uniform(params) };
    return { pipeline, group: this.bindGroup(compiled, storages, uniform), workgroups };
  }

  /** Used by `Program` too: binds storages in order, then the uniform struct. */
  bindGroup(
    compiled: Compiled,
    storages: readonly Storage[],
    uniform?: GPUBufferBinding,
  ): GPUBindGroup {
    const entries: GPUBindGroupEntry[] = storages.map(({ buffer, bytes }, binding) => ({
      binding,
      // Whole vec4s, for kernels that read them; pool buffers are multiples of that.
      resource: { buffer: buffer as GPUBuffer, size: Math.ceil(bytes / 16) * 16 },
    }));
    if (uniform) entries.push({ binding: entries.length, resource: uniform });
    return this.device.createBindGroup({ label: compiled.label, layout: compiled.layout, entries });
  }

  #uniform(params: ArrayBuffer): GPUBuffer {
    const key = new Uint32Array(params).join();
    let buffer = this.#uniforms.get(key);
    if (buffer) return buffer;
    if (this.#uniforms.size >= UNIFORM_CACHE) {
      this.flush();
      for (const old of this.#uniforms.values()) old.destroy();
      this.#uniforms.clear();
    }
    buffer = this.device.createBuffer({
      size: params.byteLength,
      usage: 0x40, // UNIFORM
      mappedAtCreation: true,
      label: 'params',
    });
    new Uint8Array(buffer.getMappedRange()).set(new Uint8Array(params));
    buffer.unmap();
    this.#uniforms.set(key, buffer);
    return buffer;
  }

  #encode(batch: readonly Encoded[], timestampWrites?: GPUComputePassTimestampWrites): void {
    const { device } = this;
    device.pushErrorScope('validation');
    device.pushErrorScope('out-of-memory');
    const encoder = device.createCommandEncoder();
    const pass = encoder.beginComputePass({ timestampWrites });
    for (const { pipeline, group, workgroups } of batch) {
      pass.setPipeline(pipeline);
      pass.setBindGroup(0, group);
      pass.dispatchWorkgroups(workgroups[0], workgroups[1], workgroups[2]);
    }
    pass.end();
    this.#dispatches += batch.length;
    this.#submit([encoder.finish()]);
    this.#watch(device.popErrorScope().then(toErrorOrNothing));
    this.#watch(device.popErrorScope().then(toErrorOrNothing));
  }

  #submit(commands: GPUCommandBuffer[]): void {
    this.#submits++;
    this.device.queue.submit(commands);
  }

  #watch(check: Promise<Error | undefined>): void {
    const earlier = this.#checked;
    this.#checked = check
      .catch(() => undefined) // the device is gone; `lost` says why
      .then(async (error) => {
        await earlier;
        this.#failure ??= error;
      });
  }

  async #settle(done: Promise<unknown>): Promise<void> {
    try {
      await this.#wait(done);
    } catch (error) {
      this.#assertUsable();
      throw error;
    }
    await this.#checked;
    this.#assertUsable();
  }

  #assertUsable(): void {
    if (this.#lost !== undefined) {
      throw new DeviceLostError(
        `gpu: the device is lost (${this.#lost}). Make a new one and load the last checkpoint.`,
      );
    }
    if (this.#failure) {
      const failure = this.#failure;
      this.#failure = undefined;
      throw failure;
    }
  }
}

/** The tensors in a tensor, an array or a record (nested). */
export function tensorsIn(value: unknown): Tensor[] {
  if (value instanceof Tensor) return [value];
  if (Array.isArray(value)) return value.flatMap(tensorsIn);
  if (value && typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    return Object.values(value).flatMap(tensorsIn);
  }
  return [];
}

function typedArray(
  values: ArrayLike<number>,
  dtype: DType,
): Float32Array<ArrayBuffer> | Uint32Array<ArrayBuffer> {
  if (dtype === 'f32') {
    return values instanceof Float32Array
      ? (values as Float32Array<ArrayBuffer>)
      : Float32Array.from(values);
  }
  return values instanceof Uint32Array
    ? (values as Uint32Array<ArrayBuffer>)
    : Uint32Array.from(values);
}

function toError(error: GPUError): Error {
  const out = error.constructor.name === 'GPUOutOfMemoryError';
  return out
    ? new OutOfMemoryError(`gpu: ${error.message}`)
    : new KernelError(`gpu: ${error.message}`);
}

function toErrorOrNothing(error: GPUError | null): Error | undefined {
  return error ? toError(error) : undefined;
}
