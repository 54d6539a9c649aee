// Loading by name or path, from real folders and files.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadDataset } from '../../../gfsr/data/load.ts';
import { encodePng } from '../../../gfsr/image/png-encode.ts';
import { dataPath } from '../../support/data.ts';
import { npy, npz } from '../../support/npz.ts';

const folder = mkdtempSync(join(tmpdir(), 'gfsr-load-'));
test.after(() => rmSync(folder, { recursive: true }));

async function failure(source: string): Promise<string> {
  try {
    await loadDataset(source);
  } catch (error) {
    assert.instance(error, RangeError);
    assert.not.match((error as Error).message, /\n/);
    return (error as Error).message;
  }
  return 'no error';
}

test('an .npz file', async () => {
  const path = join(folder, 'pneumoniamnist.npz');
  const images = npy([2, 1, 1], Uint8Array.of(1, 2));
  const labels = npy([2, 1], Uint8Array.of(0, 1));
  const arrays = {
    train_images: images,
    train_labels: labels,
    val_images: images,
    val_labels: labels,
  };
  writeFileSync(path, npz(arrays));
  const toy = await loadDataset(path);
  assert.is(toy.name, 'pneumoniamnist');
  assert.equal(toy.classes, ['normal', 'pneumonia']);
});

test('a folder with a manifest', async () => {
  const images = join(folder, 'scans');
  mkdirSync(join(images, 'sub'), { recursive: true });
  const pixel = encodePng({ width: 1, height: 1, channels: 1, data: Uint8Array.of(5) });
  writeFileSync(join(images, 'a.png'), pixel);
  writeFileSync(join(images, 'sub', 'b.png'), pixel);
  writeFileSync(join(images, 'manifest.csv'), 'file,label,split\na.png,x,train\nsub/b.png,y,val\n');
  const toy = await loadDataset(`${images}/`);
  assert.is(toy.name, 'scans');
  assert.equal(toy.val.ids, ['sub/b.png']);
  writeFileSync(join(images, 'manifest.csv'), 'file,label,split\nc.png,x,train\n');
  assert.match(await failure(images), /cannot read ".*c\.png": no such file/);
});

test('decoy-mnist by name', async () => {
  const decoy = await loadDataset('decoy-mnist-clean', { seed: 3 });
  assert.is(decoy.name, 'decoy-mnist-clean');
  assert.is(decoy.train.count, 7000);
});

test('a real file', async () => {
  const path = dataPath('retinamnist/retinamnist.npz');
  if (path) assert.is((await loadDataset(path)).train.count, 1080);
});

test('what cannot be loaded is named in one line', async () => {
  assert.match(
    await failure(join(folder, 'gone.npz')),
    /no such file or folder, got ".*gone\.npz"/,
  );
  assert.match(await failure('decoy-minst'), /msrc-objects\. Did you mean decoy-mnist\?$/);
  mkdirSync(join(folder, 'empty'));
  assert.match(
    await failure(join(folder, 'empty')),
    /^empty: got no images, expected a manifest\.csv, or one folder of images per class/,
  );
  writeFileSync(join(folder, 'x.zip'), 'x');
  assert.match(await failure(join(folder, 'x.zip')), /kind of file/);
  writeFileSync(join(folder, 'x.npz'), '<html>not found</html>');
  assert.match(await failure(join(folder, 'x.npz')), /^x: not a complete \.npz archive/);
});

test.run();
