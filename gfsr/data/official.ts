// Data sets that are published as one file: found on a disk, or fetched, and checked (Node only).

import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { writeAtomically } from '../files/atomic-file.ts';
import { makeFolder } from '../files/make-folder.ts';
import { readBytesSync } from '../files/read-file.ts';
import { catalog, type OfficialFile } from './catalog.ts';

export interface FoundFile {
  readonly path: string;
  readonly md5: string;
  /** Whether these are the published bytes; undefined if no checksum is published. */
  readonly official?: boolean;
}

/** The data folder, where published files are: `GFSR_DATA` of the environment, or `data`. */
export const dataFolder = (): string => process.env.GFSR_DATA || 'data';

/** The path of the file in a data folder, under its published name first. */
const pathIn = ({ file, copies }: OfficialFile, folder: string): string | undefined =>
  [file, ...copies].map((name) => join(folder, name)).find((path) => existsSync(path));

/**
 * The path that a data source stands for: for the name of a known data set its file in the data folder, otherwise the
 * source itself. A file or folder of that name comes first.
 *
 * @throws RangeError if the file of a known data set is not in the data folder; it says which file to put there
 */
export function pathOfSource(source: string): string {
  const official = catalog.get(source)?.file;
  if (!official || existsSync(source)) return source;
  const folder = dataFolder();
  const path = pathIn(official, folder);
  if (path === undefined) throw notThere(official, folder, `it is not in the folder ${folder}`);
  return path;
}

/** Looks for the file in a data folder, and takes its checksum. */
export function findOfficial(official: OfficialFile, folder: string): FoundFile | undefined {
  const { md5 } = official;
  const path = pathIn(official, folder);
  if (path === undefined) return undefined;
  const sum = md5Of(readBytesSync(path));
  return { path, md5: sum, ...(md5 !== undefined && { official: sum === md5 }) };
}

/**
 * Fetches the published file into a data folder and checks it.
 *
 * @throws RangeError if it cannot be fetched or is not the published file; one line says which file to put where
 */
export async function downloadOfficial(official: OfficialFile, folder: string): Promise<FoundFile> {
  const { file, md5, url } = official;
  const path = join(folder, file);
  if (url === undefined)
    throw notThere(official, folder, 'it is not published as a file that can be downloaded');
  let bytes: Uint8Array;
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(DOWNLOAD_MS) });
    if (!response.ok) throw new Error(`the server answers ${response.status}`);
    bytes = new Uint8Array(await response.arrayBuffer());
  } catch (error) {
    const { cause, message } = error as Error & { cause?: Error };
    throw notThere(official, folder, `${url} cannot be downloaded (${cause?.message ?? message})`);
  }
  const got = md5Of(bytes);
  if (got !== md5) {
    throw notThere(official, folder, `${url} has MD5 ${got}, expected ${md5}`);
  }
  makeFolder(folder);
  writeAtomically(path, bytes);
  return { path, md5: got, official: true };
}

const DOWNLOAD_MS = 300_000;

const md5Of = (bytes: Uint8Array): string => createHash('md5').update(bytes).digest('hex');

function notThere(
  { title, file, md5, page }: OfficialFile,
  folder: string,
  why: string,
): RangeError {
  const sum = md5 === undefined ? '' : ` (MD5 ${md5})`;
  return new RangeError(
    `${title}: ${why}. Put ${file}${sum} from ${page} into ${folder}, or set GFSR_DATA to the folder that contains it.`,
  );
}
