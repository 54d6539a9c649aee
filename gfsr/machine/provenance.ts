// What a result was made with: versions of program, runtime and system, and the commit of the sources.

import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, version as osVersion, release } from 'node:os';
import { fileURLToPath } from 'node:url';

export interface Versions {
  readonly gfsr: string;
  readonly node: string;
  /** Version of the package `webgpu`; absent if it is not installed. */
  readonly webgpu?: string;
  readonly os: string;
}

/** Versions of everything that a result depends on. Every run records them. */
export function versions(): Versions {
  return {
    gfsr: ownVersion(),
    node: process.versions.node,
    webgpu: packageVersion('webgpu'),
    os: `${osName()} (${process.platform} ${release()}, ${process.arch})`,
  };
}

/** Number of processor cores, and their model. */
export function processor(): string {
  const cores = cpus();
  return `${cores.length} × ${cores[0]?.model.trim() ?? 'unknown'}`;
}

/** The version of this package. Its package.json is two folders up, or three from dist. */
export function ownVersion(): string {
  const files = ['../../package.json', '../../../package.json'];
  const file = files.map((path) => new URL(path, import.meta.url)).find((url) => existsSync(url));
  return file ? JSON.parse(readFileSync(file, 'utf8')).version : 'unknown';
}

/** Undefined for an installed package; null before the first question, because three calls of git take a while. */
let commit: string | undefined | null = null;

/** Short hash, with `+` if tracked files were changed since; undefined for an installed package. Found out once. */
export function ownCommit(): string | undefined {
  if (commit === null) commit = findCommit();
  return commit;
}

function findCommit(): string | undefined {
  const cwd = fileURLToPath(new URL('.', import.meta.url));
  const git = (...args: string[]): string | undefined => {
    const { status, stdout } = spawnSync('git', args, { cwd, encoding: 'utf8' });
    return status === 0 ? stdout.trim() : undefined;
  };
  // If the package lies inside another repository, that repository's commit is not ours.
  if (git('ls-files', '--error-unmatch', fileURLToPath(import.meta.url)) === undefined) {
    return undefined;
  }
  const hash = git('rev-parse', '--short', 'HEAD');
  const changed = git('status', '--porcelain', '--untracked-files=no');
  return hash && `${hash}${changed ? '+' : ''}`;
}

function packageVersion(name: string): string | undefined {
  try {
    const file = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return JSON.parse(readFileSync(file, 'utf8')).version;
  } catch {
    return undefined;
  }
}

function osName(): string {
  const file = '/etc/os-release';
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return text.match(/^PRETTY_NAME="?(.*?)"?$/m)?.[1] ?? osVersion();
}
