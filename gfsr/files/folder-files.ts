// The files inside a folder.

import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { namingPath } from './system-error.ts';

/** Paths of all files inside a folder, with `/`. Links to folders are not followed, since they can lead in circles. */
export async function filesBelow(folder: string, path = ''): Promise<string[]> {
  const files: string[] = [];
  const inFolder = join(folder, path);
  const entries = await readdir(inFolder, { withFileTypes: true }).catch((error) => {
    throw namingPath('read', inFolder, error);
  });
  for (const entry of entries) {
    const inside = path === '' ? entry.name : `${path}/${entry.name}`;
    if (!entry.isDirectory()) files.push(inside);
    else for (const file of await filesBelow(folder, inside)) files.push(file);
  }
  return files;
}
