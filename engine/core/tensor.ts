// A tensor: a shape over a slab of GPU memory, and where it came from if its gradient may be asked for.

import type { Detached, Node } from '../autodiff/tape.ts';
import type { Gpu } from './gpu.ts';
import { type HostValues, type Largest, type NestedArray, nest } from './host-values.ts';
import { type DType, formatShape, type HostArrays, type Shape, sizeOf } from './shape.ts';

export {
  BYTES,
  type DType,
  formatShape,
  type HostArrays,
  type Shape,
  sameShape,
  sizeOf,
} from './shape.ts';

/** Where a part of a buffer may begin, bytes: what every device allows. */
export const PART_ALIGN = 256;

/**
 * Device memory of one or more tensors (views share it): a buffer, or a part of another storage's. In a capture
 * `buffer` is set when the plan is made.
 */
export class Storage {
  readonly bytes: number;
  /** A program has bound it: it must stay where it is. */
  pinned = false;
  #buffer: GPUBuffer | undefined;
  #whole: Storage | undefined;
  #offset = 0;
  /** Tensors and parts that use this memory; at 0 it goes back. */
  #refs = 0;

  constructor(bytes: number) {
    this.bytes = bytes;
  }

  get buffer(): GPUBuffer | undefined {
    return this.#whole ? this.#whole.buffer : this.#buffer;
  }

  set buffer(buffer: GPUBuffer | undefined) {
    this.#buffer = buffer;
  }

  /** Where it begins in the buffer, bytes. */
  get offset(): number {
    return this.#offset;
  }

  /** What it is a part of. */
  get whole(): Storage | undefined {
    return this.#whole;
  }

  /** The storage that has the buffer: `whole`, or itself. */
  get root(): Storage {
    return this.#whole ?? this;
  }

  get movable(): boolean {
    return this.#buffer !== undefined && !this.#whole && !this.pinned;
  }

  /** A part of this storage, which is itself no part. @throws RangeError for an offset that cannot be bound */
  part(offset: number, bytes: number): Storage {
    const part = new Storage(bytes);
    part.place(this, offset);
    return part;
  }

  /** Makes this a part of `whole`, from `offset` on. */
  place(whole: Storage, offset: number): void {
    if (offset % PART_ALIGN !== 0 || offset + this.bytes > whole.bytes) {
      throw new RangeError(
        `storage: a part of ${this.bytes} bytes at ${offset}, expected a multiple of ${PART_ALIGN} within ${whole.bytes}.`,
      );
    }
    this.#buffer = undefined;
    this.#whole = whole;
    this.#offset = offset;
    if (this.#refs > 0) whole.retain();
  }

  retain(): void {
    if (this.#refs++ === 0) this.#whole?.retain();
  }

  /** Gives up one use. Returns the storage whose memory nobody uses any more, if there is one. */
  release(): Storage | undefined {
    if (--this.#refs > 0) return undefined;
    return this.#whole ? this.#whole.release() : this;
  }
}

/** A dense row-major tensor (images NCHW, weights OIHW) in device memory. Make one with `Gpu.tensor`. */
export class Tensor {
  /** The device that holds it. */
  readonly gpu: Gpu;
  /** Length of each axis. */
  readonly shape: Shape;
  /** Type of the elements. */
  readonly dtype: DType;
  /** The memory, which views share. */
  readonly storage: Storage;
  /** Leaf whose gradient may be asked for (a parameter). */
  requiresGrad = false;
  /** The op that made this tensor, while gradients are recorded. */
  node: Node | undefined;
  /** Why gradients do not flow through this tensor, although it was computed from tensors through which they do. */
  detached: Detached | undefined;
  /** Of a u32 tensor that the host wrote last, for labels to be checked. */
  largest: Largest | undefined;
  #disposed = false;

  constructor(gpu: Gpu, shape: Shape, dtype: DType, storage: Storage) {
    this.gpu = gpu;
    this.shape = [...shape]; // the caller may go on to change its own
    this.dtype = dtype;
    this.storage = storage;
    storage.retain();
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** Number of axes. */
  get rank(): number {
    return this.shape.length;
  }

  /** Whether it gave its memory back. */
  get disposed(): boolean {
    return this.#disposed;
  }

  /** True when gradients flow through this tensor. */
  get tracked(): boolean {
    return this.requiresGrad || this.node !== undefined;
  }

  /** Copies the values to the host, in row-major order; waits for the GPU. Of a u32 tensor: `data<'u32'>()`. */
  data<D extends keyof HostArrays = 'f32'>(): Promise<HostArrays[D]> {
    return this.gpu.read<D>(this);
  }

  /** The values in arrays nested like the shape, as PyTorch's `tolist`; waits for the GPU. */
  async array(): Promise<NestedArray> {
    return nest(await this.data(), this.shape);
  }

  /** The value of a tensor of one element. @throws RangeError if it has more. */
  async item(): Promise<number> {
    if (this.size !== 1) {
      throw new RangeError(
        `item: tensor has shape ${formatShape(this.shape)}, expected one element.`,
      );
    }
    return (await this.data())[0];
  }

  /** Overwrites the values with `values`: as many as the tensor has, row-major or nested. @throws Error within a capture */
  write(values: HostValues): this {
    this.gpu.write(this, values);
    return this;
  }

  /** Shape and type; the values are on the device. */
  toString(): string {
    const state = this.disposed ? 'disposed' : 'await array() for its values';
    return `Tensor ${formatShape(this.shape)} ${this.dtype} (${state})`;
  }

  /** What `console.log` shows in Node. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  /** @throws TypeError where it is used as a number, as in `loss > 3` */
  [Symbol.toPrimitive](hint: 'number' | 'string' | 'default'): string {
    if (hint !== 'number') return this.toString();
    throw new TypeError(
      `tensor: ${formatShape(this.shape)} is no number. Use ops, or await tensor.item() first.`,
    );
  }

  /** Gives the memory back; the tensor cannot be used afterwards. Disposing twice is harmless. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.gpu.release(this);
  }
}
