// Which version of our own code computes a result: two results of one version can be compared.

import { relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { contentHash, valueHash } from '../files/content-hash.ts';
import { localFiles } from '../files/local-files.ts';
import { ownVersion } from './provenance.ts';

/**
 * In a checkout 16 hexadecimal digits that change with any source that the module reaches; of an installed package
 * its version.
 *
 * @param module `import.meta.url` of the module that computes
 */
export function codeVersion(module: string): string {
  const path = fileURLToPath(module);
  if (!path.endsWith('.ts')) return ownVersion();
  const root = resolve(path, '..');
  const files = [...localFiles(path)]
    .map(([file, content]) => [relative(root, file).replaceAll('\\', '/'), contentHash(content)])
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return valueHash(files);
}

/** Whether a file is one of our own sources, which the code version stands for. */
export function isOwnSource(path: string): boolean {
  const root = fileURLToPath(new URL('../..', import.meta.url));
  const [room] = relative(root, path).split(/[\\/]/);
  return ['engine', 'kernels', 'model', 'gfsr'].includes(room);
}
