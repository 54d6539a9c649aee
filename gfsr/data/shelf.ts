// Where decoded pixels wait until all files are read: in memory, or in a file if they do not fit.

import type { PixelValues } from './formats/format.ts';

/** Keeps pixels, and gives them back as often as they are asked for. */
export interface Shelf {
  put<P extends PixelValues>(pixels: P): () => P;
}

/** In memory. */
export const memoryShelf: Shelf = { put: (pixels) => () => pixels };

/** The same object, but the pixels under one of its names are on the shelf and are fetched when they are read. */
export function shelve<K extends string, T extends { readonly [key in K]: ArrayLike<number> }>(
  shelf: Shelf,
  object: T,
  key: K,
): T {
  const fetch = shelf.put(object[key] as unknown as PixelValues);
  return Object.defineProperty({ ...object }, key, { get: fetch, enumerable: true });
}
