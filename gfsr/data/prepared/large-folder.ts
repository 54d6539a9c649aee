// A folder of images on a disk: read into memory, or prepared in the cache if it would take too much of it.

import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { availableMemory } from '../../../engine/node.ts';
import type { DataSettings } from '../../config/data.ts';
import { filesBelow } from '../../files/folder-files.ts';
import { ownVersion } from '../../machine/provenance.ts';
import type { Dataset } from '../dataset.ts';
import { type FileFolder, manifestOf, readFolder } from '../folder.ts';
import { readManifest } from '../manifest.ts';
import { DECODED_HERE, type PictureOptions } from '../picture-files.ts';
import { resized } from '../prepare.ts';
import { sharingKind } from '../shared-windows.ts';
import { preparedDataset } from './cache.ts';
import { decodePool } from './decode-pool.ts';

/** Share of the free memory up to which pixels stay in memory: reading takes about twice as much for a while. */
const SHARE = 1 / 4;
/** Bytes of files from which threads decode them: they take half a second to start. */
const WORTH_THREADS = 2 ** 21;

export interface LargeOptions extends Omit<PictureOptions, 'name' | 'shelf'> {
  /** Default auto: on the disk if the pixels take more than a quarter of `memory`. */
  readonly cache?: DataSettings['cache'];
  /** Bytes of memory that this process may take. Default: what is free. */
  readonly memory?: number;
  /** Is told in a line what takes long. */
  readonly say?: (line: string) => void;
}

/**
 * The images of a folder, of which a cache keeps what does not fit in memory.
 *
 * @param path of the folder
 * @throws RangeError as `readFolder`, or if the disk is too full
 */
export async function readLargeFolder(
  path: string,
  folder: FileFolder,
  options: LargeOptions,
): Promise<Dataset> {
  const manifest = await manifestOf(folder);
  const { rows } = readManifest(manifest, folder.name);
  const first = await folder.read(rows[0].file);
  if (options.decoder || first.length * rows.length < WORTH_THREADS) {
    return readWith(path, folder, { manifest, first }, options);
  }
  const pool = decodePool();
  try {
    return await readWith(path, folder, { manifest, first }, { ...options, decoder: pool });
  } finally {
    await pool.close();
  }
}

/** What is known of a folder before its images are read. */
interface Known {
  readonly manifest: string;
  /** The bytes of its first file. */
  readonly first: Uint8Array;
}

async function readWith(
  path: string,
  folder: FileFolder,
  known: Known,
  options: LargeOptions,
): Promise<Dataset> {
  const { cache = 'auto', memory = availableMemory(), say = () => {}, ...reading } = options;
  if (cache === 'never') return readFolder(folder, reading);
  const bytes = await expectedBytes(folder, known, reading);
  if (cache === 'auto' && bytes <= SHARE * memory) return readFolder(folder, reading);
  return preparedDataset({
    ...{ key: await keyOf(path, known.manifest, reading), source: folder.name, bytes, say },
    read: async (shelf) => resized(await readFolder(folder, { ...reading, shelf }), reading),
  });
}

/** Bytes of all pixels, if all files are like the first one. */
async function expectedBytes(
  folder: FileFolder,
  { manifest, first }: Known,
  { fit = 'none', side = 0, window = 'auto', onFault, decoder = DECODED_HERE }: LargeOptions,
): Promise<number> {
  const { rows } = readManifest(manifest, folder.name);
  const masks = rows.filter(({ mask }) => mask !== '').length;
  const [{ file }] = rows;
  try {
    const decoded = await decoder.decode(first, `${folder.name}: ${file}`);
    const { images } = decoded;
    const [{ width, height, channels, values }] = images;
    if (window === 'auto' && sharingKind(decoded)) {
      // All of them wait as they are for the window that they share.
      return rows.length * images.length * values.byteLength + masks * width * height;
    }
    const scale = fit === 'none' && side > 0 ? Math.min(1, side / Math.max(width, height)) : 1;
    const area = fit === 'none' ? width * height * scale ** 2 : side ** 2;
    return area * (rows.length * images.length * channels + masks);
  } catch (error) {
    if (onFault) return 0;
    throw error;
  }
}

/**
 * Names what is read, and how. The files count by path, size and times, since reading all their bytes takes as long as
 * preparing them. The time of the last change of a file's entry cannot be set back, so a changed file has another key.
 */
async function keyOf(path: string, manifest: string, options: LargeOptions): Promise<string> {
  const { window, background, axis, slices, fit, side } = options;
  const hash = createHash('sha256');
  hash.update(JSON.stringify([ownVersion(), resolve(path), manifest]));
  hash.update(JSON.stringify({ window, background, axis, slices, fit, side }));
  for (const file of (await filesBelow(path)).sort()) {
    const { size, mtimeMs, ctimeMs } = await stat(join(path, file));
    hash.update(JSON.stringify([file, size, mtimeMs, ctimeMs]));
  }
  return hash.digest('hex').slice(0, 32);
}
