// The files that a module reaches: itself, and whatever it and they name relative to themselves.

import { readFileSync, statSync } from 'node:fs';
import { dirname, resolve } from 'node:path';

/** A string that may name a file beside the one that holds it: an import, a require, a `new URL`. */
const NAMED = /(['"`])(\.{1,2}\/[^'"`\n]*)\1/g;
/** Such strings count in these only. */
const MODULE = /\.[cm]?[jt]sx?$/;
/** What a loader tries, in this order: TypeScript is imported under the name that it is compiled to. */
const ENDINGS: readonly ((path: string) => string)[] = [
  (path) => path,
  (path) => path.replace(/\.([cm]?)js(x?)$/, '.$1ts$2'),
  ...['.ts', '.tsx', '.js', '.mjs', '.cjs', '.json'].map((end) => (path: string) => path + end),
  ...['index.ts', 'index.js'].map((name) => (path: string) => `${path}/${name}`),
];

/**
 * Contents by absolute path, the module first. A file that is named in a comment counts too: one too many costs a
 * training, one too few a wrong result. Names that are put together at run time, and packages, are not followed.
 *
 * @param skip files that are left out, with all that only they reach
 */
export function localFiles(
  path: string,
  skip: (path: string) => boolean = () => false,
): ReadonlyMap<string, Uint8Array> {
  const files = new Map<string, Uint8Array>();
  const waiting = [resolve(path)];
  for (let file = waiting.pop(); file !== undefined; file = waiting.pop()) {
    if (files.has(file) || skip(file)) continue;
    const content = readFileSync(file);
    files.set(file, content);
    if (!MODULE.test(file)) continue;
    for (const [, , name] of content.toString('utf8').matchAll(NAMED)) {
      const found = find(resolve(dirname(file), name));
      if (found !== undefined) waiting.push(found);
    }
  }
  return files;
}

const find = (path: string): string | undefined =>
  ENDINGS.map((end) => end(path)).find((each) =>
    statSync(each, { throwIfNoEntry: false })?.isFile(),
  );
