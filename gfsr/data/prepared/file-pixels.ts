// Images in a file, read by position, each with a checksum; and the file in which pixels wait (Node only).

import { closeSync, openSync, read, readSync, rmSync, writeSync } from 'node:fs';
import { crc32 } from '../../files/crc32.ts';
import type { PixelValues } from '../formats/format.ts';
import { type Facts, type Pixels, StoredPixels } from '../pixels.ts';
import type { Shelf } from '../shelf.ts';

/** Bytes per image, and the checksum of each. */
export interface FileLayout {
  readonly path: string;
  readonly name: string;
  readonly size: number;
  readonly checksums: Uint32Array;
  readonly facts: Facts;
  /** Is told before an error about a damaged image is thrown. */
  readonly onDamage: (image: number) => Error;
}

/** Images of one size in a file that is already written. */
export class FilePixels extends StoredPixels {
  readonly #layout: FileLayout;
  readonly #file: number;
  /** Images that were read ahead. */
  #ahead = new Map<number, Uint8Array>();

  constructor(layout: FileLayout) {
    super(layout.checksums.length, layout.size, layout.name, layout.facts);
    this.#layout = layout;
    this.#file = openSync(layout.path, 'r');
  }

  row(i: number): Uint8Array {
    const early = this.#ahead.get(i);
    this.#ahead.delete(i);
    const bytes = early ?? new Uint8Array(this.size);
    const got = early ? this.size : readSync(this.#file, bytes, 0, this.size, i * this.size);
    if (got === this.size && crc32(bytes) === this.#layout.checksums[i]) return bytes;
    throw this.#layout.onDamage(i);
  }

  /** The threads of Node read; what has not arrived when it is asked for is read again at once. */
  prefetch(images: ArrayLike<number>): void {
    const ahead = new Map<number, Uint8Array>();
    this.#ahead = ahead;
    for (const i of new Set(Array.from(images))) {
      const bytes = new Uint8Array(this.size);
      read(this.#file, bytes, 0, this.size, i * this.size, (error, got) => {
        if (!error && got === this.size) ahead.set(i, bytes);
      });
    }
  }
}

/** Writes pixels image by image. @returns the checksum of each image */
export function writePixels(path: string, pixels: Pixels, size: number): Uint32Array {
  const count = pixels.length / size;
  const checksums = new Uint32Array(count);
  const file = openSync(path, 'w');
  try {
    for (let i = 0; i < count; i++) {
      const bytes = pixels.subarray(i * size, (i + 1) * size);
      checksums[i] = crc32(bytes);
      writeAll(file, bytes);
    }
  } finally {
    closeSync(file);
  }
  return checksums;
}

/** A shelf in a file. */
export class FileShelf implements Shelf {
  readonly #path: string;
  readonly #file: number;
  #end = 0;

  constructor(path: string) {
    this.#path = path;
    this.#file = openSync(path, 'w+');
  }

  put<P extends PixelValues>(pixels: P): () => P {
    const { byteLength } = pixels;
    const Values = pixels.constructor as new (bytes: ArrayBuffer) => P;
    const at = this.#end;
    writeAll(this.#file, new Uint8Array(pixels.buffer, pixels.byteOffset, byteLength));
    this.#end += byteLength;
    return () => {
      const bytes = new Uint8Array(byteLength);
      const got = readAll(this.#file, bytes, at);
      if (got < byteLength) throw new Error(`${this.#path}: ends before byte ${at + byteLength}.`);
      return new Values(bytes.buffer);
    };
  }

  /** Removes the file. */
  close(): void {
    closeSync(this.#file);
    rmSync(this.#path, { force: true });
  }
}

/** A full disk writes less than it was given. */
export function writeAll(file: number, bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(file, bytes, done, bytes.length - done);
  }
}

/** Reads from a position of a file until all bytes are there, or it ends. @returns how many there are */
export function readAll(file: number, bytes: Uint8Array, at: number): number {
  let got = 0;
  while (got < bytes.length) {
    const more = readSync(file, bytes, got, bytes.length - got, at + got);
    if (more === 0) break;
    got += more;
  }
  return got;
}
