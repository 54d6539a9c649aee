// `gfsr annotations`: how far annotators agree, on images as they were marked, of any size.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodePng } from '../../../gfsr/image/png-encode.ts';
import { gfsr, tempFolder } from './cli.ts';

const home = tempFolder();
const photos = join(home, 'photos');
for (let i = 0; i < 24; i++) {
  const [width, height] = [24 + i, 40 - i];
  const own = join(photos, i < 16 ? 'train' : i < 20 ? 'val' : 'test', i % 2 ? 'odd' : 'even');
  mkdirSync(own, { recursive: true });
  const data = Uint8Array.from(
    { length: width * height },
    (_, p) =>
      20 * Math.floor(((p % width) * 4) / width) + 60 * Math.floor((p * 3) / (width * height)) + i,
  );
  writeFileSync(join(own, `${i}.png`), encodePng({ width, height, channels: 1, data }));
}

/** Marks the same box in four images; the second annotator leaves the last one out. */
function annotatedBy(annotator: string, images: number): string {
  const annotations = Array.from({ length: images }, (_, i) => ({
    image: `train/${i % 2 ? 'odd' : 'even'}/${i}.png`,
    annotator,
    strokes: [
      {
        kind: 'box',
        sign: 'positive',
        points: [
          [2, 2],
          [12, 14],
        ],
      },
    ],
  }));
  const path = join(home, `${annotator}.json`);
  const file = { format: 'gfsr-annotations', version: 1, dataset: 'photos', annotations };
  writeFileSync(path, JSON.stringify(file));
  return path;
}
const files = [annotatedBy('ann', 4), annotatedBy('ben', 3)];

test('photographs of several sizes are read as they were for marking, and marks keep their pixels', async () => {
  const plain = await gfsr(['annotations', ...files, '--data', photos]);
  assert.is(plain.code, 1);
  assert.match(plain.stderr, /--fit/);

  const both = join(home, 'both.json');
  const fit = ['--side', '32', '--fit', 'pad'];
  const { code, stdout, stderr } = await gfsr([
    'annotations',
    ...files,
    '--data',
    photos,
    ...fit,
    '--out',
    both,
  ]);
  assert.is(code, 0, stderr);
  assert.match(stdout, /annotator +ann: 4 of 16 training images/);
  assert.match(stdout, /annotator +ben: 3 of 16 training images/);
  assert.match(stdout, /ann.*ben/);
  const { annotations } = JSON.parse(readFileSync(both, 'utf8'));
  assert.is(annotations.length, 7);
  assert.equal(annotations[0].strokes[0].points, [
    [2, 2],
    [12, 14],
  ]);
});

test.run();
