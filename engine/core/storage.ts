// Device memory of tensors: a buffer, or a part of one.

/** Where a part of a buffer may begin, in bytes: what every device allows. */
const PART_ALIGN = 256;

/** A size in bytes, up to where the next part may begin. */
export const aligned = (bytes: number): number => Math.ceil(bytes / PART_ALIGN) * PART_ALIGN;

/**
 * Indices of consecutive sizes, in pieces of at most `limit` bytes each, including alignment. A larger one gets its own
 * piece.
 */
export function pieces(sizes: readonly number[], limit: number): number[][] {
  const all: number[][] = [];
  let end = Number.POSITIVE_INFINITY;
  sizes.forEach((bytes, i) => {
    if (end + bytes > limit) {
      all.push([]);
      end = 0;
    }
    (all.at(-1) as number[]).push(i);
    end += aligned(bytes);
  });
  return all;
}

/**
 * Device memory of one or more tensors (views share it): a buffer, or a part of another storage. In a capture `buffer`
 * is set when the plan is made.
 */
export class Storage {
  readonly bytes: number;
  /** A program has bound it, so it must stay in place. */
  pinned = false;
  #buffer: GPUBuffer | undefined;
  #whole: Storage | undefined;
  #offset = 0;
  /** Number of tensors and parts that use this memory; at 0 it is freed. */
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

  /** Where it begins in the buffer, in bytes. */
  get offset(): number {
    return this.#offset;
  }

  /** The storage of which it is a part. */
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

  /** A part of this storage, which must not be a part itself. @throws RangeError for an offset that cannot be bound */
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

  /** Releases one use. Returns the storage whose memory is no longer used, if there is one. */
  release(): Storage | undefined {
    if (--this.#refs > 0) return undefined;
    return this.#whole ? this.#whole.release() : this;
  }
}

/** Whether two parts of one storage have bytes in common. */
export const overlap = (a: Storage, b: Storage): boolean =>
  a.offset < b.offset + b.bytes && b.offset < a.offset + a.bytes;
