// Reads the arrays of numpy's .npz archives.

import { readZip, type ZipOptions } from '../files/zip.ts';
import { quoted } from '../text/visible.ts';
import { type NpyArray, parseNpy } from './npy.ts';

/** Options of `readNpz`, and of everything that reads through it: `where` is "npz" unless it is given. */
export type NpzOptions = Omit<ZipOptions, 'kind'>;

/**
 * Reads every array of an .npz archive (stored or deflated, also zip64).
 *
 * @returns array name (without ".npy") → array; other entries of the archive are skipped
 * @throws RangeError for a damaged, truncated, encrypted or hostile archive
 */
export function readNpz(bytes: Uint8Array, options: NpzOptions = {}): Map<string, NpyArray> {
  const { where = 'npz' } = options;
  const arrays = new Map<string, NpyArray>();
  for (const { name, read } of readZip(bytes, { ...options, where, kind: '.npz' })) {
    if (!name.endsWith('.npy')) continue;
    arrays.set(name.slice(0, -'.npy'.length), parseNpy(read(), `${where}: ${quoted(name)}`));
  }
  return arrays;
}
