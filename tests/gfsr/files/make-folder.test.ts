// Folders are made as far as they are missing; where none can be made, the system's reason comes out.
import { existsSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { makeFolder } from '../../../gfsr/files/make-folder.ts';

const root = mkdtempSync(join(tmpdir(), 'gfsr-folders-'));
test.after(() => rmSync(root, { recursive: true }));

test('what is missing is made, and what is there stays', () => {
  const path = join(root, 'a', 'b', 'c');
  makeFolder(path);
  makeFolder(path);
  assert.ok(statSync(path).isDirectory());
});

test('a file in the way is named', () => {
  const file = join(root, 'file');
  writeFileSync(file, '');
  assert.throws(
    () => makeFolder(file),
    /^cannot make the folder ".*file": something of this name is there already\.$/,
  );
  assert.throws(() => makeFolder(join(file, 'x')), /file/);
});

if (existsSync('/proc/self')) {
  test('a folder in which nobody can make one is an error, and not an endless search', () => {
    assert.throws(
      () => makeFolder('/proc/gfsr/run'),
      /cannot make the folder "\/proc\/gfsr\/run": no such file or folder/,
    );
  });
}

test.run();
