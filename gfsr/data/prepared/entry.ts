// One prepared data set on a disk: written whole, checked when it is opened, and image by image when it is read.

import { readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import * as v from 'valibot';
import { writeAtomically } from '../../files/atomic-file.ts';
import { contentHash } from '../../files/content-hash.ts';
import { makeFolder } from '../../files/make-folder.ts';
import type { Dataset } from '../dataset.ts';
import { datasetFrom, datasetParts } from '../dataset-files.ts';
import { type Facts, StoredPixels } from '../pixels.ts';
import { FilePixels, writePixels } from './file-pixels.ts';
import { fileScratch } from './file-values.ts';

const [INDEX, DESCRIPTION, FACTS] = ['prepared.json', 'dataset.json', 'facts'];

/** Another one where images are read into other pixels or hashes than before: then they are prepared again. */
const VERSION = 2;

const indexSchema = v.object({
  format: v.literal('gfsr-prepared'),
  version: v.literal(VERSION),
  /** The folder that was read. */
  source: v.string(),
  /** Time of the last change of a file says whether anybody wrote to it since. */
  files: v.record(v.string(), v.object({ bytes: v.number(), changed: v.number() })),
  /** Bytes per image of each array. */
  sizes: v.record(v.string(), v.number()),
});

export type EntryIndex = v.InferOutput<typeof indexSchema>;

/** Writes all files of an entry; the index is the last one, so that what is not whole is no entry. */
export function writeEntry(folder: string, dataset: Dataset, source: string): void {
  const { description, arrays } = datasetParts(dataset);
  const sizes: Record<string, number> = {};
  const files: EntryIndex['files'] = {};
  const note = (name: string) => {
    const { size, mtimeMs } = statSync(join(folder, name));
    files[name] = { bytes: size, changed: mtimeMs };
  };
  for (const [name, pixels] of arrays) {
    // Splits without a mask have an empty stack.
    const size = pixels instanceof StoredPixels ? pixels.size : pixels.length;
    const checksums = writePixels(join(folder, name), pixels, Math.max(1, size));
    writeFileSync(join(folder, `${name}.crc`), checksums);
    sizes[name] = Math.max(1, size);
    note(name);
    note(`${name}.crc`);
  }
  writeFileSync(join(folder, DESCRIPTION), description);
  note(DESCRIPTION);
  const index: EntryIndex = { format: 'gfsr-prepared', version: VERSION, source, files, sizes };
  writeAtomically(join(folder, INDEX), JSON.stringify(index));
}

/** What an entry is; undefined if there is none, or if it is not whole. */
export function readIndex(folder: string): EntryIndex | undefined {
  try {
    const index = v.parse(indexSchema, JSON.parse(readFileSync(join(folder, INDEX), 'utf8')));
    const isWhole = Object.entries(index.files).every(([name, { bytes, changed }]) => {
      const { size, mtimeMs } = statSync(join(folder, name));
      return size === bytes && mtimeMs === changed;
    });
    return isWhole ? index : undefined;
  } catch {
    return undefined; // it can be prepared again
  }
}

/** The data set of an entry. Its images stay on the disk. @throws Error, later, at an image that is damaged */
export function openEntry(folder: string, { sizes, source }: EntryIndex): Dataset {
  const facts = factsIn(join(folder, FACTS));
  const arrayOf = (name: string) => {
    const { buffer, byteOffset, byteLength } = readFileSync(join(folder, `${name}.crc`));
    const checksums = new Uint32Array(buffer.slice(byteOffset, byteOffset + byteLength));
    const onDamage = (image: number) => {
      rmSync(join(folder, INDEX), { force: true });
      return new Error(
        `${folder}: image ${image} of ${name} is damaged. Start again: the images of ${source} will be prepared anew.`,
      );
    };
    const path = join(folder, name);
    return new FilePixels({ path, name, size: sizes[name], checksums, facts, onDamage });
  };
  const description = join(folder, DESCRIPTION);
  return datasetFrom(readFileSync(description, 'utf8'), arrayOf, description);
}

/** Values in one small file each, and room for many. A damaged one is computed again. */
const factsIn = (folder: string): Facts => ({
  recall<T>(name: string, compute: () => T): T {
    const path = join(folder, `${contentHash(name).slice(0, 32)}.json`);
    try {
      const [sum, text] = readFileSync(path, 'utf8').split('\n');
      if (sum === contentHash(text)) return JSON.parse(text);
    } catch {} // not yet known
    const value = compute();
    const text = JSON.stringify(value);
    makeFolder(folder);
    writeAtomically(path, `${contentHash(text)}\n${text}`);
    return value;
  },
  scratch: () => fileScratch(folder),
});
