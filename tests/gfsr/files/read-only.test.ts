// Folders in which nobody may write are named before any work begins, with the reason and what to do.

import { spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodePng } from '../../../gfsr/image/png-encode.ts';

const NOBODY = 65_534;
const home = mkdtempSync(join(tmpdir(), 'gfsr-read-only-'));
test.after(() => rmSync(home, { recursive: true }));
const folder = join(home, 'folder');
const photos = join(home, 'photos');
for (let i = 0; i < 24; i++) {
  const own = join(photos, i % 2 ? 'odd' : 'even');
  mkdirSync(own, { recursive: true });
  const data = Uint8Array.from({ length: 64 }, (_, p) => (p * (i + 3) + i * 31) % 256);
  writeFileSync(join(own, `${i}.png`), encodePng({ width: 8, height: 8, channels: 1, data }));
}
mkdirSync(folder);
chmodSync(folder, 0o555);
chmodSync(home, 0o755);

const of = (path: string) => JSON.stringify(new URL(`../../../gfsr/${path}`, import.meta.url).href);
const script = `
  import { makeWritableFolder } from ${of('files/make-folder.ts')};
  import { MarkFile } from ${of('serve/mark-file.ts')};
  import { loadDataset } from ${of('data/load.ts')};
  const [folder, photos] = process.argv.slice(-2);
  const dataset = await loadDataset(photos);
  for (const task of [
    () => makeWritableFolder(folder),
    () => MarkFile.open(folder + '/marks.json', dataset, 'ann'),
    () => MarkFile.open(folder + '/below/marks.json', dataset, 'ann'),
    () => loadDataset(photos, { cache: 'always' }),
  ]) {
    try {
      await task();
      console.log('done');
    } catch (error) {
      console.log(error.name, error.message);
    }
  }`;

/** Modes do not hold for root, so it takes the place of nobody. */
function runUnprivileged() {
  const args = ['--import', 'tsx', '--input-type=module', '-e', script, folder, photos];
  const isRoot = process.getuid?.() === 0;
  return spawnSync(process.execPath, args, {
    encoding: 'utf8',
    cwd: new URL('../../..', import.meta.url),
    env: { ...process.env, GFSR_CACHE: folder, HOME: folder },
    ...(isRoot && { uid: NOBODY, gid: NOBODY }),
  });
}

test('folders that cannot be written into are refused at once', () => {
  const { stdout, stderr, error } = runUnprivileged();
  if (error || /EACCES.*scandir|Cannot find (module|package)/.test(stderr)) {
    console.log('skipped: nobody may read this checkout');
    return;
  }
  const [writable, marks, below, cached] = stdout.trim().split('\n');
  const denied = (verb: string, end = '') =>
    new RegExp(`^FileError cannot ${verb} ".*/folder${end}": permission denied\\.$`);
  assert.match(writable ?? stderr, denied('write into'));
  assert.match(marks, denied('write into'));
  assert.match(below, denied('make the folder', '/below'));
  assert.match(
    cached,
    /^RangeError photos: its images cannot be prepared in ".*\/folder": permission denied\. Set GFSR_CACHE to a folder in which you may write/,
  );
});

test.run();
