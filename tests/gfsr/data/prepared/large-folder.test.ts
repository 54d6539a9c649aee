// A folder that is prepared: its pixels are read from their waiting place once, and hashed on the way.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadDataset } from '../../../../gfsr/data/load.ts';
import { FileShelf } from '../../../../gfsr/data/prepared/file-pixels.ts';
import { encodePng } from '../../../../gfsr/image/png-encode.ts';

const home = mkdtempSync(join(tmpdir(), 'gfsr-large-'));
process.env.GFSR_CACHE = join(home, 'cache');
test.after(() => rmSync(home, { recursive: true }));
const [SIDE, COUNT] = [12, 40];

test('what waits on the shelf is read once', async () => {
  const folder = join(home, 'photos');
  for (let i = 0; i < COUNT; i++) {
    const own = join(folder, i % 2 ? 'odd' : 'even');
    mkdirSync(own, { recursive: true });
    const data = Uint8Array.from({ length: SIDE * SIDE }, (_, p) => (p * 7 + i * 31) % 256);
    const image = { width: SIDE, height: SIDE, channels: 1 as const, data };
    writeFileSync(join(own, `${i}.png`), encodePng(image));
  }
  const { put } = FileShelf.prototype;
  let reads = 0;
  FileShelf.prototype.put = function (pixels) {
    const fetch = put.call(this, pixels) as () => typeof pixels;
    return () => {
      reads++;
      return fetch();
    };
  };
  try {
    const memory = await loadDataset(folder, { cache: 'never' });
    const disk = await loadDataset(folder, { cache: 'always' });
    assert.is(reads, COUNT);
    for (const name of ['train', 'val', 'test'] as const) {
      assert.equal(disk[name].hashes, memory[name].hashes);
    }
  } finally {
    FileShelf.prototype.put = put;
  }
});

test.run();
