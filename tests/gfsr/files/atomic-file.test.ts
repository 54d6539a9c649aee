// A file is replaced as a whole: whichever call fails, the older content stays or the new one is there, and no remains.

import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { writeAtomically, writePartsAtomically } from '../../../gfsr/files/atomic-file.ts';
import { FileError } from '../../../gfsr/files/system-error.ts';
import { type Code, watchFiles } from '../../faults/file-faults.ts';

const root = mkdtempSync(join(tmpdir(), 'gfsr-atomic-'));
test.after(() => rmSync(root, { recursive: true }));
const folder = join(root, 'folder');
const path = join(folder, 'marks.json');
const NEW = new TextEncoder().encode('new marks');

const writers = {
  writeAtomically: () => writeAtomically(path, NEW),
  writePartsAtomically: () => writePartsAtomically(path, [NEW.subarray(0, 4), NEW.subarray(4)]),
};

/** Replaces "old marks" while one call fails. Returns the calls that were made, and the error. */
function replace(write: () => void, fault?: { readonly number: number; readonly code: Code }) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder);
  writeFileSync(path, 'old marks');
  const watch = watchFiles(root, fault);
  try {
    write();
    return { calls: watch.calls };
  } catch (error) {
    return { calls: watch.calls, error };
  } finally {
    watch.end();
  }
}

for (const [name, write] of Object.entries(writers)) {
  test(`${name} takes the place of the file after its content is on the disk, then its name`, () => {
    const { calls, error } = replace(write);
    assert.is(error, undefined);
    assert.is(readFileSync(path, 'utf8'), 'new marks');
    const names = calls.map((call) => call.name);
    const moved = names.indexOf('renameSync');
    assert.equal(names.slice(moved), ['renameSync', 'openSync', 'fsyncSync', 'closeSync']);
    assert.is(calls[moved + 1].path, folder);
    assert.equal(readdirSync(folder), ['marks.json']);
  });

  test(`${name} where any of its calls fails`, () => {
    const { calls } = replace(write);
    const moved = calls.findIndex((call) => call.name === 'renameSync');
    for (const { number } of calls) {
      const { error } = replace(write, { number, code: 'ENOSPC' });
      assert.instance(error, FileError);
      assert.match((error as Error).message, /^cannot write ".*marks\.json": the disk is full/);
      const expected = number <= moved ? 'old marks' : 'new marks';
      assert.is(readFileSync(path, 'utf8'), expected, calls[number].name);
      assert.equal(readdirSync(folder), ['marks.json'], calls[number].name);
    }
  });

  test(`${name} never writes beside the file under the same name twice`, () => {
    const beside = [replace(write), replace(write)].map(({ calls }) => calls[0].path);
    assert.is.not(beside[0], beside[1]);
  });
}

test.run();
