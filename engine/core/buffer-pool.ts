// Recycles GPU buffers by size class, so that a training loop allocates only in its first step.

import { OutOfMemoryError } from './errors.ts';

const USAGE = 0x80 | 0x04 | 0x08; // STORAGE | COPY_SRC | COPY_DST: the same numbers in every WebGPU

/** Sizes grow by quarters of a power of two: at most 25 % of a buffer is unused. */
export function sizeClass(bytes: number): number {
  if (bytes <= 256) return 256;
  const step = 2 ** Math.max(8, Math.floor(Math.log2(bytes - 1)) - 2);
  return Math.ceil(bytes / step) * step;
}

/** Buffers of one device, handed out by size and taken back for reuse. Bytes count whole size classes. */
export class BufferPool {
  readonly #device: GPUDevice;
  /** The most bytes that may exist at once. */
  readonly #most: number;
  readonly #reclaim: () => void;
  readonly #free = new Map<number, GPUBuffer[]>();
  /** Bytes of all existing buffers, in use or waiting for reuse. */
  allocatedBytes = 0;
  /** Bytes in use now. */
  usedBytes = 0;
  /** The most bytes that ever existed at once. */
  peakBytes = 0;
  /** The most bytes in use at once. Set it to `usedBytes` to measure from there. */
  peakUsedBytes = 0;

  /** @param reclaim submits what refers to buffers that wait for reuse, and trims the pool */
  constructor(device: GPUDevice, most = Number.POSITIVE_INFINITY, reclaim = () => this.trim()) {
    this.#device = device;
    this.#most = most;
    this.#reclaim = reclaim;
  }

  get stats() {
    const { allocatedBytes, usedBytes, peakBytes } = this;
    return { allocatedBytes, usedBytes, peakBytes };
  }

  /** @throws OutOfMemoryError if `bytes` more than those in use exceed the memory that there is */
  expectRoom(bytes: number): void {
    if (this.usedBytes + bytes <= this.#most) return;
    throw new OutOfMemoryError(
      `gpu: needs ${bytes} bytes more than the ${this.usedBytes} in use, but this machine has ${this.#most} for tensors. Use a smaller batch, image or network.`,
    );
  }

  /** A buffer of at least `bytes`, with undefined content. @throws OutOfMemoryError above the device's limits */
  acquire(bytes: number): GPUBuffer {
    const { maxBufferSize, maxStorageBufferBindingSize } = this.#device.limits;
    const limit = Math.min(maxBufferSize, maxStorageBufferBindingSize);
    if (bytes > limit) {
      throw new OutOfMemoryError(
        `tensor: needs ${bytes} bytes, this device allows ${limit} in one buffer. Use a smaller batch or image.`,
      );
    }
    const size = Math.min(sizeClass(bytes), Math.floor(maxBufferSize / 4) * 4);
    this.expectRoom(size);
    const reused = this.#free.get(size)?.pop();
    if (!reused && this.allocatedBytes + size > this.#most) this.#reclaim();
    this.usedBytes += size;
    this.peakUsedBytes = Math.max(this.peakUsedBytes, this.usedBytes);
    if (reused) return reused;
    this.allocatedBytes += size;
    this.peakBytes = Math.max(this.peakBytes, this.allocatedBytes);
    return this.#device.createBuffer({ size, usage: USAGE, label: `pool ${size}` });
  }

  release(buffer: GPUBuffer): void {
    this.usedBytes -= buffer.size;
    const list = this.#free.get(buffer.size);
    if (list) list.push(buffer);
    else this.#free.set(buffer.size, [buffer]);
  }

  /** Destroys every buffer that waits for reuse. Call it only when no recorded work refers to one. */
  trim(): void {
    for (const list of this.#free.values()) {
      for (const buffer of list) {
        this.allocatedBytes -= buffer.size;
        buffer.destroy();
      }
    }
    this.#free.clear();
  }
}
