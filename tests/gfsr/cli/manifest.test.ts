// Corrected classes leave by `gfsr data --manifest`, and the folder is then read with them.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadDataset } from '../../../gfsr/data/load.ts';
import { picturesByClass, writeFiles } from '../../support/studio.ts';
import { writeTiny } from '../../support/tiny-data.ts';
import { complaint, gfsr, tempFolder } from './cli.ts';

const folder = tempFolder();
const photos = join(folder, 'photos');

test('the manifest has the corrected classes, and reads as the same images', async () => {
  const odd = [...picturesByClass(10)].map(([path, bytes]) => [
    path.replace('ill/', '=ill/'),
    bytes,
  ]);
  writeFiles(photos, new Map(odd as [string, Uint8Array][]));
  const before = await loadDataset(photos);
  assert.equal(before.classes, ['=ill', 'healthy']);
  const image = before.train.ids.find((id) => id.startsWith('healthy')) as string;
  const stroke = { kind: 'class', sign: 'unknown', points: [], label: '=ill' };
  const annotations = [{ image, annotator: 'ann', strokes: [stroke] }];
  const head = { format: 'gfsr-annotations', version: 1, dataset: 'photos' };
  const marks = join(folder, 'marks.json');
  writeFileSync(marks, JSON.stringify({ ...head, annotations }));
  const manifest = join(photos, 'manifest.csv');
  const { code, stdout, stderr } = await gfsr([
    ...['data', photos, '--annotations', marks, '--manifest', manifest],
  ]);
  assert.is(code, 0, stderr);
  assert.match(stdout, /manifest\.csv, classes corrected: 1$/m);
  assert.match(readFileSync(manifest, 'utf8'), /^'=ill\/0\.png,'=ill,/m);
  const after = await loadDataset(photos);
  assert.equal(after.classes, before.classes);
  for (const split of ['train', 'val', 'test'] as const) {
    const changed = after[split].ids.filter((id) => {
      const label = ({ ids, labels }: typeof after.train) => labels[ids.indexOf(id)];
      return label(after[split]) !== label(before[split]);
    });
    assert.equal([...after[split].ids].sort(), [...before[split].ids].sort());
    assert.equal(changed, split === 'train' ? [image] : []);
  }
});

test('data without files of its own has no manifest', async () => {
  const wrong = await gfsr(['data', writeTiny(folder), '--manifest', join(folder, 'm.csv')]);
  assert.match(complaint(wrong), /tiny\.npz" has none, expected a folder of images/);
});

test.run();
