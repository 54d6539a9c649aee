// File names of pictures: one for each image of a data set, whatever the images are called.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Split } from '../../../gfsr/data/dataset.ts';
import { pictureNames } from '../../../gfsr/data/picture-names.ts';

/** As far as names need it. */
const split = (...ids: string[]) => ({ ids }) as Split;

test('letters of every script stay, and everything else becomes a dash', () => {
  const ids = ['eight/é.png', 'eight/e\u0301 ö.png', '画像#3', 'a:b?.png'];
  const data = { train: split(...ids), val: split('x'), test: split('y') };
  assert.equal(pictureNames(data, 'train', [0, 1, 2, 3]), [
    ...['eight-é.png', 'eight-e\u0301-ö.png', '画像-3', 'a-b-.png'],
  ]);
});

test('images whose ids give one file are told apart, in every split and call', () => {
  const val = split('A/B.png', 'other');
  const data = { train: split('a/b.png', 'a-b.png', 'c'), val, test: val };
  assert.equal(pictureNames(data, 'train', [2, 1]), ['c', 'a-b.png-train-1']);
  assert.equal(pictureNames(data, 'train', [0]), ['a-b.png-train-0']);
  assert.equal(pictureNames(data, 'test', [0, 1]), ['A-B.png-test-0', 'other']);
});

test.run();
