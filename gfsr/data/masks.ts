// The real masks of a split: those in memory are a Map, those on a disk are read one by one.

import { joinBytes } from '../files/join-bytes.ts';
import { changedPixels, joinedPixels, type Pixels, pickedPixels } from './pixels.ts';

/** Image index → mask [H, W] of 0 and 1. A Map is one. */
export interface Masks extends Iterable<[number, Uint8Array]> {
  readonly size: number;
  has(image: number): boolean;
  get(image: number): Uint8Array | undefined;
  keys(): Iterable<number>;
  values(): Iterable<Uint8Array>;
}

/** Masks in the rows of a stack of pixels, which need not be in memory. */
export class MaskStack implements Masks {
  /** One mask after the other, in the order of `keys`. */
  readonly rows: Pixels;
  readonly #rowOf: ReadonlyMap<number, number>;
  readonly #area: number;

  /** @param images the image of each row */
  constructor(images: readonly number[], rows: Pixels) {
    this.#rowOf = new Map(images.map((image, row) => [image, row]));
    this.rows = rows;
    this.#area = rows.length / Math.max(1, images.length);
  }

  get size(): number {
    return this.#rowOf.size;
  }

  has(image: number): boolean {
    return this.#rowOf.has(image);
  }

  get(image: number): Uint8Array | undefined {
    const row = this.#rowOf.get(image);
    return row === undefined
      ? undefined
      : this.rows.subarray(row * this.#area, (row + 1) * this.#area);
  }

  keys(): Iterable<number> {
    return this.#rowOf.keys();
  }

  *values(): Iterable<Uint8Array> {
    for (const image of this.keys()) yield this.get(image) as Uint8Array;
  }

  *[Symbol.iterator](): Iterator<[number, Uint8Array]> {
    for (const image of this.keys()) yield [image, this.get(image) as Uint8Array];
  }

  /** Every mask changed by itself, when it is asked for. */
  changed(size: number, change: (mask: Uint8Array, image: number) => Uint8Array): MaskStack {
    const images = [...this.keys()];
    const shape = { count: images.length, size, what: 'changed' };
    const rows = changedPixels(this.rows, shape, (mask, row) => change(mask, images[row]));
    return new MaskStack(images, rows);
  }

  /** The masks of the images at `indices`, under their new indices. */
  picked(indices: ArrayLike<number>): MaskStack {
    const kept = Array.from(indices, (from, to) => ({ to, row: this.#rowOf.get(from) })).flatMap(
      ({ to, row }) => (row === undefined ? [] : [{ to, row }]),
    );
    const rows = kept.map(({ row }) => row);
    return new MaskStack(
      kept.map(({ to }) => to),
      pickedPixels(this.rows, this.size, rows),
    );
  }
}

/** Every mask changed by itself. @param size bytes of a changed mask */
export function changedMasks(
  masks: Masks,
  size: number,
  change: (mask: Uint8Array, image: number) => Uint8Array,
): Masks {
  if (masks instanceof MaskStack) return masks.changed(size, change);
  return new Map([...masks].map(([image, mask]) => [image, change(mask, image)]));
}

/** The masks of the images at `indices`, under their new indices. */
export function pickedMasks(masks: Masks, indices: ArrayLike<number>): Masks {
  if (masks instanceof MaskStack) return masks.picked(indices);
  return new Map(
    Array.from(indices, (from, to) => ({ to, mask: masks.get(from) })).flatMap(({ to, mask }) =>
      mask ? [[to, mask] as const] : [],
    ),
  );
}

/** The masks of several splits, one split after the other. @param area bytes of a mask */
export function joinedMasks(
  parts: readonly { readonly masks?: Masks; readonly count: number }[],
  area: number,
): Masks {
  let first = 0;
  const shifted = parts.map(({ masks, count }) => {
    const from = first;
    first += count;
    return { masks: masks ?? new Map<number, Uint8Array>(), from };
  });
  if (shifted.some(({ masks }) => masks instanceof MaskStack)) {
    const images = shifted.flatMap(({ masks, from }) =>
      Array.from(masks.keys(), (image) => from + image),
    );
    const rows = shifted.map(({ masks }) =>
      masks instanceof MaskStack ? masks.rows : joinBytes([...masks.values()]),
    );
    return new MaskStack(images, joinedPixels(rows, area));
  }
  return new Map(
    shifted.flatMap(({ masks, from }) =>
      Array.from(masks, ([image, mask]) => [from + image, mask] as const),
    ),
  );
}
