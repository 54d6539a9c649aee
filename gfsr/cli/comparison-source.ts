// Which comparison a command is about: a file, the changes of the command line, and the folder that it fills.

import { basename, join } from 'node:path';
import { type Comparison, openComparison } from '../compare/comparison.ts';
import { parseConfigFile } from '../config/parse.ts';
import { readText } from '../files/read-file.ts';

export const changeFlags = {
  data: {
    kind: 'text',
    value: 'data',
    help: 'data to use instead of the data that the file names',
  },
  settings: {
    kind: 'text',
    value: 'settings.json',
    help: 'settings that override those of the file, such as the best of a sweep',
  },
  quick: { kind: 'boolean', help: 'run the small size that the file defines' },
} as const;

/** Values of `changeFlags`. */
export interface Changes {
  readonly data?: string;
  /** Path of a file. */
  readonly settings?: string;
  readonly quick: boolean;
}

export async function openChanged(
  file: string,
  { data, settings: path, quick }: Changes,
  say: (line: string) => void,
): Promise<Comparison> {
  const settings = path === undefined ? {} : parseConfigFile(await readText(path), path);
  return openComparison(file, { data, settings, quick }, say);
}

/** Where its trials and tables go, if no folder is named. The quick size has one of its own. */
export const usualFolder = (file: string, { quick = false } = {}): string =>
  join('runs', `${basename(file).replace(/\.json$/, '')}${quick ? '-quick' : ''}`);
