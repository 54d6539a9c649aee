// Finds real data for tests: the folder GFSR_DATA, or ../shared/data beside the repository.

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Absolute path of a data file, or null after printing that the test has no data and is skipped. */
export function dataPath(file: string): string | null {
  const path = join(resolve(ROOT, process.env.GFSR_DATA ?? '../shared/data'), file);
  if (existsSync(path)) return path;
  console.log(`skipped: no data (${path})`);
  return null;
}
