// `gfsr annotations convert --images`: what is written names the images by their files, whose pixels the marks are in.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodePng } from '../../../gfsr/image/png-encode.ts';
import { gfsr, tempFolder } from './cli.ts';

const home = tempFolder();
const folder = (name: string) => {
  mkdirSync(join(home, name), { recursive: true });
  return join(home, name);
};
const photos = folder('photos.v2');
const rows = ['file,label,split'];
for (const [i, split] of ['train', 'train', 'val', 'test'].entries()) {
  const data = Uint8Array.from({ length: 200 }, (_, p) => (p * (i + 3)) % 251);
  writeFileSync(
    join(photos, `case.${i}.png`),
    encodePng({ width: 20, height: 10, channels: 1, data }),
  );
  rows.push(`case.${i}.png,${i % 2 ? 'a' : 'b'},${split}`);
}
writeFileSync(join(photos, 'manifest.csv'), rows.join('\n'));
for (const i of [0, 1]) {
  // Often labels lie beside the images.
  writeFileSync(join(photos, `case.${i}.txt`), '0 0.5 0.5 0.5 1\n');
  writeFileSync(join(folder('yolo'), `case.${i}.txt`), '0 0.5 0.5 0.5 1\n');
  const data = new Uint8Array(50).fill(255, 0, 10);
  writeFileSync(
    join(folder('masks'), `case.${i}.png`),
    encodePng({ width: 10, height: 5, channels: 1, data }),
  );
}
writeFileSync(join(home, 'yolo', 'notes.json'), '{"by": "ann"}');

async function convert(from: string, to: string, ...flags: string[]) {
  const outcome = await gfsr([
    'annotations',
    'convert',
    join(home, from),
    join(home, to),
    ...flags,
  ]);
  assert.is(outcome.code, 0, outcome.stderr);
  return outcome.stdout;
}
const json = (name: string) => JSON.parse(readFileSync(join(home, name), 'utf8'));
const NAMES = ['case.0.png', 'case.1.png'];

for (const from of ['yolo', 'masks']) {
  test(`${from} become a file that GFSR reads again`, async () => {
    await convert(from, `${from}.json`, '--images', photos);
    const { dataset, annotations } = json(`${from}.json`);
    assert.is(dataset, 'photos.v2');
    assert.equal(
      annotations.map(({ image }: { image: string }) => image),
      NAMES,
    );
    const { code, stderr } = await gfsr([
      ...['annotations', join(home, `${from}.json`), '--data', photos],
    ]);
    assert.is(code, 0, stderr);
  });
}

test('names keep their ending in other formats, too, and marks take the size of the files', async () => {
  const stdout = await convert('masks', 'coco.json', '--format', 'coco', '--images', photos);
  assert.match(stdout, /2 × image that was annotated in another size, whose marks are scaled/);
  const { images } = json('coco.json');
  assert.equal(
    images.map(({ file_name, width }: { file_name: string; width: number }) => [file_name, width]),
    NAMES.map((name) => [name, 20]),
  );
});

test('without --images, GFSR tells what it takes the data for; an image that is not there is told', async () => {
  assert.match(await convert('masks', 'plain.json'), /The data is taken to be "masks".*--images/);
  const other = folder('other');
  assert.match(
    await convert('masks', 'other.json', '--images', other),
    /2 × image that is not in the folder of images, as it is/,
  );
});

test.run();
