// A tensor: a shape over a piece of GPU memory, and its origin if its gradient may be requested.

import type { Operands } from '../../kernels/contraction.ts';
import type { Kernel, KernelArgs } from '../../kernels/kernel.ts';
import { type HostValues, type Largest, type NestedArray, nest } from './host-values.ts';
import { type DType, formatShape, type HostArrays, type Shape, sizeOf } from './shape.ts';
import type { Storage } from './storage.ts';

export {
  BYTES,
  type DType,
  formatShape,
  type HostArrays,
  type Shape,
  sameShape,
  sizeOf,
} from './shape.ts';

/** The op that made a tensor, as far as tensors know it. Ids grow with time; the tape adds the rest. */
export interface TapeNode {
  readonly id: number;
  readonly inputs: readonly Tensor[];
}

/** The reason why recording is off. */
export type Pause = 'noGrad' | 'grad without createGraph';

/** Why a tensor has no history: it was computed while recording was off, or it left the scope that made it. */
export type Detached = Pause | 'scope';

/** What tensors and ops need from their device. `Gpu` implements and documents it. */
export interface TensorDevice {
  readonly device: GPUDevice;
  readonly subgroupSize: number | undefined;
  readonly isSoftware: boolean;
  readonly operands: Operands;
  tensor(values: HostValues, shape?: Shape, dtype?: DType): Tensor;
  zeros(shape: Shape): Tensor;
  empty(shape: Shape, dtype?: DType): Tensor;
  view(tensor: Tensor, shape: Shape): Tensor;
  part(tensor: Tensor, offset: number, shape: Shape): Tensor;
  keep<T extends Tensor>(tensor: T): T;
  run(kernel: Kernel, tensors: Readonly<Record<string, Tensor>>, args: KernelArgs): void;
  copy(x: Tensor, y: Tensor): void;
  write(tensor: Tensor, values: HostValues): void;
  read<D extends keyof HostArrays = 'f32'>(tensor: Tensor): Promise<HostArrays[D]>;
  release(tensor: Tensor): void;
  choose(problem: Problem): string;
  beforeEachRun(work: () => void, owner?: object): void;
}

/** A choice between several strategies for the same result. */
export interface Problem {
  /** What is to be computed, in one line. */
  readonly key: string;
  /** Names of the strategies that apply. */
  readonly candidates: readonly string[];
  /** The strategy that is used without a measurement. */
  readonly usual: string;
  readonly inputs: readonly Pick<Tensor, 'shape' | 'dtype'>[];
  readonly output: Shape;
  readonly run: (name: string, inputs: readonly Tensor[], y: Tensor) => void;
}

/** Tensors made in the `allOrNothing` that runs. */
let made: Tensor[] | undefined;

/**
 * Runs `body`. If it throws, every tensor that it made is disposed, kept or not: what a constructor made before it
 * failed has no other owner.
 */
export function allOrNothing<T>(body: () => T): T {
  const outer = made;
  const mine: Tensor[] = [];
  made = mine;
  try {
    return body();
  } catch (error) {
    for (const tensor of mine) tensor.dispose();
    throw error;
  } finally {
    made = outer;
    outer?.push(...mine);
  }
}

/** A dense row-major tensor (images NCHW, weights OIHW) in device memory. Make one with `Gpu.tensor`. */
export class Tensor {
  /** The device that holds it. */
  readonly gpu: TensorDevice;
  /** Length of each axis. */
  readonly shape: Shape;
  /** Type of the elements. */
  readonly dtype: DType;
  /** The memory, which views share. */
  readonly storage: Storage;
  /** Whether it is a leaf whose gradient may be requested (a parameter). */
  requiresGrad = false;
  /** The op that made this tensor, while gradients are recorded. */
  node: TapeNode | undefined;
  /** Why gradients do not flow through this tensor, although they flow through the tensors it was computed from. */
  detached: Detached | undefined;
  /** For a u32 tensor that the host wrote last, so that labels can be checked. */
  largest: Largest | undefined;
  #disposed = false;

  constructor(gpu: TensorDevice, shape: Shape, dtype: DType, storage: Storage) {
    this.gpu = gpu;
    this.shape = [...shape]; // the caller may change its own array
    this.dtype = dtype;
    this.storage = storage;
    storage.retain();
    made?.push(this);
  }

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  /** Number of axes. */
  get rank(): number {
    return this.shape.length;
  }

  /** Whether its memory was freed. */
  get disposed(): boolean {
    return this.#disposed;
  }

  /** True if gradients flow through this tensor. */
  get tracked(): boolean {
    return this.requiresGrad || this.node !== undefined;
  }

  /** Copies the values to the host, in row-major order. Waits for the GPU. For a u32 tensor: `data<'u32'>()`. */
  data<D extends keyof HostArrays = 'f32'>(): Promise<HostArrays[D]> {
    return this.gpu.read<D>(this);
  }

  /** The values in arrays nested like the shape, as PyTorch's `tolist`. Waits for the GPU. */
  async array(): Promise<NestedArray> {
    return nest(await this.data(), this.shape);
  }

  /** The value of a tensor with one element. @throws RangeError if it has more */
  async item(): Promise<number> {
    if (this.size !== 1) {
      throw new RangeError(
        `item: tensor has shape ${formatShape(this.shape)}, expected one element.`,
      );
    }
    return (await this.data())[0];
  }

  /** Overwrites all values, row-major or nested. @throws Error within a capture */
  write(values: HostValues): this {
    this.gpu.write(this, values);
    return this;
  }

  /** Shape and type. The values are on the device. */
  toString(): string {
    const state = this.disposed ? 'disposed' : 'await array() for its values';
    return `Tensor ${formatShape(this.shape)} ${this.dtype} (${state})`;
  }

  /** What `console.log` shows in Node. */
  [Symbol.for('nodejs.util.inspect.custom')](): string {
    return this.toString();
  }

  /** @throws TypeError if it is used as a number, as in `loss > 3` */
  [Symbol.toPrimitive](hint: 'number' | 'string' | 'default'): string {
    if (hint !== 'number') return this.toString();
    throw new TypeError(
      `tensor: ${formatShape(this.shape)} is not a number. Use ops, or await tensor.item() first.`,
    );
  }

  /** Frees the memory. The tensor cannot be used afterwards. Disposing twice is harmless. */
  dispose(): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.gpu.release(this);
  }
}
