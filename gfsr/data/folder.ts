// A folder of images as a data set, wherever the folder is: on a disk, in an archive, dropped on a page.

import { decodeText } from '../files/decode-text.ts';
import { checkLimit, type LimitName } from '../files/limits.ts';
import { classFolderManifest } from './class-folders.ts';
import type { Dataset } from './dataset.ts';
import { imageFolderDataset } from './image-folder.ts';
import type { PictureOptions } from './picture-files.ts';

/** Files below one folder. Paths are inside it, with `/`. */
export interface FileFolder {
  /** Its own name, which becomes that of the data set. */
  readonly name: string;
  has(path: string): boolean;
  paths(): Promise<readonly string[]> | readonly string[];
  /** @throws RangeError that names the file if it cannot be read, or is larger than the limit */
  read(path: string, limit?: LimitName): Promise<Uint8Array> | Uint8Array;
}

/**
 * A folder with a manifest.csv (or .tsv), or with one folder of images per class.
 *
 * @throws RangeError that names the manifest line or the image
 */
export async function readFolder(
  folder: FileFolder,
  options: Omit<PictureOptions, 'name'> = {},
): Promise<Dataset> {
  const manifest = await manifestOf(folder);
  return imageFolderDataset(manifest, (path) => folder.read(path), {
    ...options,
    name: folder.name,
  });
}

/** Text of the manifest of a folder, or of the one that its folders of classes stand for. */
export async function manifestOf(folder: FileFolder): Promise<string> {
  const given = ['manifest.csv', 'manifest.tsv'].find((file) => folder.has(file));
  if (!given) return classFolderManifest(await folder.paths(), folder.name);
  const bytes = await folder.read(given, 'manifestBytes');
  const where = `${folder.name}: ${given}`;
  checkLimit('manifestBytes', bytes.length, where);
  return decodeText(bytes, where);
}
