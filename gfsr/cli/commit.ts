// Which commit of the sources runs, for results that must say what they were made with.

import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** Short hash, with `+` where tracked files were changed since; undefined for an installed package. */
export function ownCommit(): string | undefined {
  const cwd = fileURLToPath(new URL('.', import.meta.url));
  const git = (...args: string[]): string | undefined => {
    const { status, stdout } = spawnSync('git', args, { cwd, encoding: 'utf8' });
    return status === 0 ? stdout.trim() : undefined;
  };
  // A package below somebody else's repository is no commit of it.
  if (git('ls-files', '--error-unmatch', fileURLToPath(import.meta.url)) === undefined) {
    return undefined;
  }
  const hash = git('rev-parse', '--short', 'HEAD');
  const changed = git('status', '--porcelain', '--untracked-files=no');
  return hash && `${hash}${changed ? '+' : ''}`;
}
