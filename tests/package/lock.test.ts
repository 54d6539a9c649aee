// Every lock file pins each package by its content, and from whichever registry the user has.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

interface Locked {
  readonly version: string;
  readonly integrity?: string;
  readonly resolved?: string;
}

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The lock files of the project, not those inside installed packages. */
function lockFiles(folder = ''): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory())
      return /^(node_modules|\.git)$/.test(entry.name) ? [] : lockFiles(path);
    return entry.name === 'package-lock.json' ? [path] : [];
  });
}

const locks = lockFiles();

test('the lock files are found', () => {
  assert.equal(locks.sort(), [
    'bench/peers/package-lock.json',
    'package-lock.json',
    'tests/support/onnx/package-lock.json',
    'tests/support/s3/package-lock.json',
  ]);
});

for (const lock of locks) {
  const { packages } = JSON.parse(readFileSync(join(root, lock), 'utf8')) as {
    packages: Record<string, Locked>;
  };
  const entries = Object.entries(packages).filter(([path]) => path !== '');

  test(`${lock}: every package has its SHA-512`, () => {
    const open = entries.filter(
      ([, { integrity }]) => !/^sha512-[\w+/]{86}==$/.test(integrity ?? ''),
    );
    // To fix one, write what `npm view <name>@<version> dist.integrity` prints into its entry.
    assert.equal(
      open.map(([path, { version }]) => `${path}@${version}`),
      [],
    );
  });

  test(`${lock}: no package names the registry that it came from`, () => {
    assert.equal(
      entries.filter(([, { resolved }]) => resolved !== undefined).map(([path]) => path),
      [],
    );
  });
}

test.run();
