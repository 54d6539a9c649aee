// The bytes of many images, in memory or elsewhere. Read image by image, they need not fit in memory.

import { crc32, crc32c } from '../files/crc32.ts';
import { joinBytes } from '../files/join-bytes.ts';
import { memoryScratch, type Scratch } from './values.ts';

/** Something that is computed once and remembered beside the pixels. */
export interface Facts {
  /** The stored value of this name, or else that of `compute`, which is stored. Values are plain data. */
  recall<T>(name: string, compute: () => T): T;
  /** Room for numbers about each image, which do not fit in memory either. */
  scratch(): Scratch;
}

/** Bytes of images, one after the other. Arrays of bytes are such; `StoredPixels` are not in memory. */
export interface Pixels {
  readonly length: number;
  /** Bytes from `start` up to `end`: a view of memory, or a copy of what is elsewhere. */
  subarray(start: number, end: number): Uint8Array;
}

/** Pixels that are not in memory: each image is read, or made, when it is asked for. */
export abstract class StoredPixels implements Pixels {
  readonly length: number;
  /** Names the content within `facts`. */
  readonly name: string;
  readonly facts: Facts | undefined;
  /** Bytes of one image. */
  readonly size: number;

  constructor(count: number, size: number, name: string, facts?: Facts) {
    this.length = count * size;
    this.size = size;
    this.name = name;
    this.facts = facts;
  }

  /** Image i, as bytes that nobody else holds. */
  abstract row(i: number): Uint8Array;

  /** Starts reading images that are asked for soon. */
  abstract prefetch(images: ArrayLike<number>): void;

  subarray(start: number, end: number): Uint8Array {
    const { size } = this;
    const first = Math.floor(start / size);
    if (start % size === 0 && end === start + size) return this.row(first);
    const out = new Uint8Array(Math.max(0, end - start));
    for (let i = first; i * size < end; i++) {
      const from = Math.max(start, i * size);
      const row = this.row(i).subarray(from - i * size, Math.min(end, (i + 1) * size) - i * size);
      out.set(row, from - start);
    }
    return out;
  }
}

/** Images that are made of others, each when it is asked for. */
export class DerivedPixels extends StoredPixels {
  readonly #make: (i: number) => Uint8Array;
  readonly #prefetch: ((images: ArrayLike<number>) => void) | undefined;

  constructor(
    { count, size, name, facts }: DerivedShape,
    make: (i: number) => Uint8Array,
    prefetch?: (images: ArrayLike<number>) => void,
  ) {
    super(count, size, name, facts);
    this.#make = make;
    this.#prefetch = prefetch;
  }

  row(i: number): Uint8Array {
    return this.#make(i);
  }

  prefetch(images: ArrayLike<number>): void {
    this.#prefetch?.(images);
  }
}

export interface DerivedShape {
  readonly count: number;
  /** Bytes of one image. */
  readonly size: number;
  readonly name: string;
  readonly facts?: Facts;
}

/** All bytes in memory: for few images. */
export const allBytes = (pixels: Pixels): Uint8Array => pixels.subarray(0, pixels.length);

/** Whether any byte is not 0. What is stored is looked at image by image. */
export function hasAny(pixels: Pixels): boolean {
  if (!(pixels instanceof StoredPixels)) return allBytes(pixels).some((value) => value !== 0);
  const images = Array.from({ length: pixels.length / pixels.size }, (_, i) => i);
  return images.some((i) => pixels.row(i).some((value) => value !== 0));
}

/** Starts reading images that are asked for soon, where they are not in memory. */
export function prefetch(pixels: Pixels, images: ArrayLike<number>): void {
  if (pixels instanceof StoredPixels) pixels.prefetch(images);
}

/**
 * Each image of `from` changed by itself: in memory at once, otherwise when it is asked for.
 *
 * @param what names the change, so that what is known about the images is not taken for what was known before
 */
export function changedPixels(
  from: Pixels,
  { count, size, what }: { readonly count: number; readonly size: number; readonly what: string },
  change: (image: Uint8Array, i: number) => Uint8Array,
): Pixels {
  const before = from.length / count;
  const row = (i: number) => change(from.subarray(i * before, (i + 1) * before), i);
  if (from instanceof StoredPixels) {
    const { facts } = from;
    const shape = { count, size, name: `${from.name} ${what}`, ...(facts && { facts }) };
    return new DerivedPixels(shape, row, (images) => from.prefetch(images));
  }
  const out = new Uint8Array(count * size);
  for (let i = 0; i < count; i++) out.set(row(i), i * size);
  return out;
}

/** The images at `indices`, in that order: a copy in memory, otherwise an order in which to read. */
export function pickedPixels(from: Pixels, count: number, indices: ArrayLike<number>): Pixels {
  const size = from.length / count;
  if (from instanceof StoredPixels) {
    const { facts } = from;
    const kept = Int32Array.from(indices);
    const name = `${from.name} at ${kept.length}, ${hashOf(kept)}`;
    return new DerivedPixels(
      { count: kept.length, size, name, ...(facts && { facts }) },
      (i) => from.row(kept[i]),
      (images) => from.prefetch(Int32Array.from(images, (i) => kept[i])),
    );
  }
  const out = new Uint8Array(indices.length * size);
  for (let to = 0; to < indices.length; to++) {
    out.set(from.subarray(indices[to] * size, (indices[to] + 1) * size), to * size);
  }
  return out;
}

/** Images of several stacks, one stack after the other: a copy in memory, unless any of them is elsewhere. */
export function joinedPixels(parts: readonly Pixels[], size: number): Pixels {
  const stored = parts.filter((part) => part instanceof StoredPixels);
  if (stored.length === 0) return joinBytes(parts.map(allBytes));
  const starts = parts.map((_, k) => sumOf(parts.slice(0, k)) / size);
  const at = (i: number): [part: number, image: number] => {
    const part = starts.findLastIndex((start) => start <= i);
    return [part, i - starts[part]];
  };
  const [{ facts }] = stored;
  const name = stored.map((part) => part.name).join(' and ');
  const count = sumOf(parts) / size;
  return new DerivedPixels(
    { count, size, name, ...(facts && { facts }) },
    (i) => {
      const [part, image] = at(i);
      return parts[part].subarray(image * size, (image + 1) * size);
    },
    (images) => {
      const places = Array.from(images, at);
      for (const [k, part] of parts.entries()) {
        prefetch(
          part,
          places.flatMap(([of, image]) => (of === k ? [image] : [])),
        );
      }
    },
  );
}

const sumOf = (parts: readonly Pixels[]): number =>
  parts.reduce((sum, { length }) => sum + length, 0);

/** Tells orders apart: 64 bits, since there may be a name per order of 100,000 images. */
function hashOf({ buffer }: Int32Array): string {
  const bytes = new Uint8Array(buffer);
  return [crc32(bytes), crc32c(bytes)].map((sum) => sum.toString(16).padStart(8, '0')).join('');
}

/** What is computed of these pixels: once, and remembered, where they have facts. */
export function recalled<T>(pixels: Pixels, name: string, compute: () => T): T {
  if (!(pixels instanceof StoredPixels) || !pixels.facts) return compute();
  return pixels.facts.recall(`${name} of ${pixels.name}`, compute);
}

/** Room for numbers about each image, in memory or on a disk, as the pixels. @param length as `memoryScratch` */
export const scratchBeside = (pixels: Pixels, length?: number): Scratch =>
  (pixels instanceof StoredPixels && pixels.facts?.scratch()) || memoryScratch(length);
