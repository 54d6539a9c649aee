// Marks leave for other programs whatever images they are on, and say what had to stay.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { serialiseAnnotations } from '../../../gfsr/annotation/annotations.ts';
import { EXCHANGE_NAMES } from '../../../gfsr/annotation/exchange/exchange.ts';
import { exportMarks } from '../../../studio/open/mark-files.ts';

const images = {
  ...{ name: 'scans', height: 20, width: 20, ids: ['a.png'], hashes: ['h'], indexed: ['a.png'] },
  known: new Set(['a.png', 'val.png', 'beyond the limit.png']),
  otherSizes: new Map([['val.png', [30, 20] as const]]),
};
const annotations = serialiseAnnotations({
  ...{ format: 'gfsr-annotations', version: 1, dataset: 'scans' },
  annotations: [0, 'val.png', 'beyond the limit.png'].map((image) => ({
    ...{ image, annotator: 'ann' },
    strokes: [
      {
        ...{ kind: 'box', sign: 'positive' },
        points: [
          [1, 1],
          [9, 9],
        ],
      },
    ],
  })),
});

for (const format of EXCHANGE_NAMES) {
  test(`${format}: images of unknown size stay, with a note`, async () => {
    const { bytes, notes } = await exportMarks({ annotations, format, images });
    assert.ok(bytes.length > 0);
    assert.equal(notes, ['1 × annotation of an image that is not at hand, left out.']);
  });
}

test('npz: planes of training images, with a note', async () => {
  const { notes } = await exportMarks({ annotations, format: 'npz', images });
  assert.match(notes.join('; '), /2 annotations of images that are not trained on are left out/);
});

test.run();
