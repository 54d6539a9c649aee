// The way from launches to the GPU: they are gathered, encoded in one pass, and submitted in order.

import { bindDispatch, type Dispatch, type Encoded } from './dispatch.ts';
import type { ErrorScopes } from './error-scopes.ts';

/** Number of eager dispatches after which they are submitted, so that the GPU starts while JavaScript continues. */
const FLUSH_AT = 128;
/** Uniform buffers cached by content. Shapes are static within a run, so the same ones recur each step. */
const UNIFORM_CACHE = 4096;

export class CommandQueue {
  readonly #device: GPUDevice;
  readonly #errors: ErrorScopes;
  readonly #uniforms = new Map<string, GPUBuffer>();
  #pending: Encoded[] = [];
  #timestamps: GPUComputePassTimestampWrites | undefined;
  /** Launches and submissions so far. */
  readonly stats = { dispatches: 0, submits: 0 };

  constructor(device: GPUDevice, errors: ErrorScopes) {
    this.#device = device;
    this.#errors = errors;
  }

  /** Takes an eager launch, which runs after all earlier ones. */
  push(dispatch: Dispatch, pipeline: GPUComputePipeline): void {
    const { params, workgroups } = dispatch;
    const uniform = params && { buffer: this.#uniform(params) };
    const group = bindDispatch(this.#device, dispatch, uniform);
    // Last, because making the uniform may flush, and `#pending` is then another array.
    this.#pending.push({ pipeline, group, workgroups });
    if (this.#pending.length >= FLUSH_AT) this.flush();
  }

  /** Submits everything pushed so far to the GPU. */
  flush(): void {
    if (this.#pending.length === 0) return;
    const batch = this.#pending;
    this.#pending = [];
    this.#encode(batch);
  }

  /** Encodes prepared launches in one pass, after everything pending. */
  replay(batch: readonly Encoded[]): void {
    this.flush();
    this.#encode(batch);
  }

  /** Records when the GPU begins and ends what `body` launches. */
  withTimestamps<T>(writes: GPUComputePassTimestampWrites, body: () => T): T {
    this.flush();
    this.#timestamps = writes;
    try {
      const result = body();
      this.flush();
      return result;
    } finally {
      this.#timestamps = undefined;
    }
  }

  /** Fills the first `bytes` of a buffer with zeros, after everything pushed so far. */
  clearBuffer(buffer: GPUBuffer, bytes: number): void {
    this.flush();
    const encoder = this.#device.createCommandEncoder({ label: 'clear' });
    encoder.clearBuffer(buffer, 0, bytes);
    this.submit([encoder.finish()]);
  }

  submit(commands: GPUCommandBuffer[]): void {
    this.stats.submits++;
    this.#device.queue.submit(commands);
  }

  /** Drops everything pending. */
  clear(): void {
    this.#pending = [];
  }

  #encode(batch: readonly Encoded[]): void {
    this.#errors.during(() => {
      const encoder = this.#device.createCommandEncoder();
      const pass = encoder.beginComputePass({ timestampWrites: this.#takeTimestamps() });
      for (const { pipeline, group, workgroups } of batch) {
        pass.setPipeline(pipeline);
        pass.setBindGroup(0, group);
        pass.dispatchWorkgroups(workgroups[0], workgroups[1], workgroups[2]);
      }
      pass.end();
      this.stats.dispatches += batch.length;
      this.submit([encoder.finish()]);
    });
  }

  /** For the next pass: where it notes its beginning, if it is the first, and its end, which later ones overwrite. */
  #takeTimestamps(): GPUComputePassTimestampWrites | undefined {
    const writes = this.#timestamps;
    if (writes?.beginningOfPassWriteIndex !== undefined) {
      const { querySet, endOfPassWriteIndex } = writes;
      this.#timestamps =
        endOfPassWriteIndex === undefined ? undefined : { querySet, endOfPassWriteIndex };
    }
    return writes;
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
    buffer = this.#device.createBuffer({
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
}
