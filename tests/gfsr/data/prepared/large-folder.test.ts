// A folder that is prepared: its pixels are hashed as they arrive, and read from their waiting place once.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadDataset } from '../../../../gfsr/data/load.ts';
import { allBytes } from '../../../../gfsr/data/pixels.ts';
import { FileShelf } from '../../../../gfsr/data/prepared/file-pixels.ts';
import { encodePng } from '../../../../gfsr/image/png-encode.ts';
import { npy } from '../../../support/npz.ts';

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

test('images of any number type wait on the shelf for the window that they share', async () => {
  const folder = join(home, 'arrays');
  for (let i = 0; i < 10; i++) {
    const own = join(folder, i % 2 ? 'odd' : 'even');
    mkdirSync(own, { recursive: true });
    const values = Array.from({ length: 12 }, (_, p) => (p * 7 + i) / 87);
    const data = i < 5 ? Float32Array.from(values) : Float64Array.from(values);
    writeFileSync(join(own, `${i}.npy`), npy([3, 4], data, i < 5 ? '<f4' : '<f8'));
  }
  const [memory, disk] = [
    await loadDataset(folder, { cache: 'never' }),
    await loadDataset(folder, { cache: 'always' }),
  ];
  assert.match(memory.notes.join(), /1 is taken as white/);
  for (const name of ['train', 'val', 'test'] as const) {
    assert.equal(allBytes(disk[name].images), allBytes(memory[name].images));
    assert.equal(disk[name].hashes, memory[name].hashes);
  }
});

test.run();
