// What makes results look better than they are: it is found, named and counted, and data in order have none.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Dataset, Split } from '../../../gfsr/data/dataset.ts';
import { limitImages } from '../../../gfsr/data/limit.ts';
import { withOrigin } from '../../../gfsr/data/origin.ts';
import { findProblems, refuseProblems } from '../../../gfsr/data/problems.ts';
import { plantShortcut } from '../../../gfsr/data/shortcuts/plant.ts';

const SIDE = 12;

function split(name: string, values: number[], change: Partial<Split> = {}): Split {
  return {
    count: values.length,
    images: Uint8Array.from(values.flatMap((value) => Array(SIDE * SIDE).fill(value))),
    labels: Int32Array.from(values, (_, i) => i % 2),
    ids: values.map((_, i) => `${name}-${i}`),
    ...change,
  };
}

function dataset(change: Partial<Dataset> = {}): Dataset {
  return {
    ...{ name: 'toy', classes: ['well', 'ill'], channels: 1, height: SIDE, width: SIDE },
    train: split('train', [1, 2, 3, 4]),
    val: split('val', [5, 6]),
    test: split('test', [7, 8]),
    ...{ tests: {}, notes: [] },
    ...change,
  };
}

test('data in order have no problems', () => {
  assert.equal(findProblems(dataset()), []);
  const { val } = dataset();
  assert.equal(findProblems(dataset({ val, test: val })), []);
});

test('the same pixels in two splits', () => {
  const problems = findProblems(dataset({ test: split('test', [2, 9, 1, 5]) }));
  assert.equal(problems, [
    '2 images of test with the pixels of one in train: test-0 = train-1, test-2 = train-0.',
    '1 image of test with the pixels of one in val: test-3 = val-0.',
  ]);
});

test('the same id in two splits', () => {
  const problems = findProblems(dataset({ test: split('train', [7, 8]) }));
  assert.equal(problems, ['2 images of test with the id of another in train: train-0, train-1.']);
});

test('a group in two splits', () => {
  const problems = findProblems(
    dataset({
      train: split('train', [1, 2, 3, 4], { groups: ['a', 'a', 'b', 'c'] }),
      val: split('val', [5, 6], { groups: ['b', 'd'] }),
      test: split('test', [7, 8], { groups: ['a', 'c'] }),
    }),
  );
  assert.equal(problems, [
    '1 group has images in train and in val: b.',
    '2 groups have images in train and in test: a, c.',
  ]);
});

test('twice in train with different labels, and a class without images', () => {
  assert.equal(findProblems(dataset({ train: split('train', [1, 1, 2, 2]) })), [
    '2 images twice in train with different labels: train-0 is well, train-1 is ill, train-2 is well, train-3 is ill.',
  ]);
  const labels = Int32Array.of(0, 0, 0, 0);
  assert.equal(findProblems(dataset({ train: split('train', [1, 2, 3, 4], { labels }) })), [
    'Class without a training image, so nothing can learn it: ill.',
  ]);
});

test('copies are found below a planted shortcut and a limit', () => {
  const leaking = withOrigin(dataset({ test: split('test', [2, 1]) }));
  const planted = plantShortcut(leaking, { kind: 'border', seed: 3 });
  assert.is(findProblems(planted).length, 1);
  assert.match(findProblems(planted)[0], '2 images of test with the pixels of one in train');
  assert.is(findProblems(limitImages(leaking, 4)).length, 1);
});

test('strict data are refused with every problem', () => {
  assert.not.throws(() => refuseProblems(dataset(), []));
  assert.throws(
    () => refuseProblems(dataset(), ['One.', 'Two.']),
    /^toy: One\. Two\. Correct the data, or leave out --strict\.$/,
  );
});

test.run();
