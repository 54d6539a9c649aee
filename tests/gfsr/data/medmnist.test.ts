// MedMNIST-style files: made-up ones, broken ones, and the real ones against their README.

import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { classCounts, type Dataset } from '../../../gfsr/data/dataset.ts';
import { readMedmnist } from '../../../gfsr/data/medmnist.ts';
import { allBytes } from '../../../gfsr/data/pixels.ts';
import { dataPath } from '../../support/data.ts';
import { npy, npz } from '../../support/npz.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);
const images = (n: number) =>
  npy(
    [n, 2, 2],
    Uint8Array.from({ length: n * 4 }, (_, i) => i),
  );

function arrays(change: Record<string, Uint8Array> = {}): Record<string, Uint8Array> {
  return {
    train_images: images(3),
    train_labels: npy([3, 1], bytes(0, 1, 1)),
    val_images: images(2),
    val_labels: npy([2, 1], bytes(0, 1)),
    test_images: images(1),
    test_labels: npy([1, 1], bytes(1)),
    ...change,
  };
}

const read = (change?: Record<string, Uint8Array>, name = 'toy') =>
  readMedmnist(npz(arrays(change)), name);

test('grey images', () => {
  const toy = read();
  assert.equal([toy.channels, toy.height, toy.width], [1, 2, 2]);
  assert.equal(toy.classes, ['0', '1']);
  assert.equal([...toy.train.labels], [0, 1, 1]);
  assert.equal([...allBytes(toy.train.images)], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
  assert.equal(toy.val.ids, ['val-0', 'val-1']);
  assert.equal(toy.notes, []);
});

test('images without a shape are named, not their labels', () => {
  const scalar = npy(
    [],
    bytes(1),
    '|u1',
    "{'descr': '|u1', 'fortran_order': False, 'shape': (), }",
  );
  for (const split of ['train', 'val']) {
    assert.throws(
      () => read({ [`${split}_images`]: scalar }),
      new RegExp(`toy: ${split}_images: got \\[\\], expected \\[N, H, W\\]`),
    );
  }
});

test('RGB becomes planes; labels may be [N] and of 64 bits; ids are kept', () => {
  const rgb = (n: number) =>
    npy(
      [n, 1, 2, 3],
      Uint8Array.from({ length: n * 6 }, (_, i) => i),
    );
  const toy = read({
    train_images: rgb(2),
    train_labels: npy([2], BigInt64Array.of(0n, 2n), '<i8'),
    train_ids: npy([2], Int32Array.of(24306, 24307), '<i4'),
    val_images: rgb(2),
    test_images: rgb(1),
  });
  assert.equal([toy.channels, toy.height, toy.width], [3, 1, 2]);
  assert.equal([...allBytes(toy.train.images)], [0, 3, 1, 4, 2, 5, 6, 9, 7, 10, 8, 11]);
  assert.equal(toy.train.ids, ['24306', '24307']);
  assert.equal(toy.classes, ['0', '1', '2']);
});

test('masks by index; numbers become ids', () => {
  const toy = read(
    {
      train_numbers: npy([3], Int16Array.of(5, 5, 6), '<i2'),
      train_masks: npy([2, 2, 2], bytes(0, 1, 0, 0, 255, 0, 0, 0)),
      train_mask_index: npy([3], Int16Array.of(1, -1, 0), '<i2'),
    },
    'busi_2',
  );
  assert.equal(
    [...(toy.train.masks ?? [])],
    [
      [0, bytes(1, 0, 0, 0)],
      [2, bytes(0, 1, 0, 0)],
    ],
  );
  assert.equal(toy.train.ids, ['benign (5)', 'malignant (5)', 'malignant (6)']);
  assert.is(toy.val.masks, undefined);
});

test('known names give class names; too many labels do not', () => {
  assert.equal(read({}, 'PneumoniaMNIST_64').classes, ['normal', 'pneumonia']);
  const train_labels = npy([3, 1], bytes(0, 1, 2));
  assert.equal(read({ train_labels }, 'pneumoniamnist').classes, ['0', '1', '2']);
});

test('without test arrays val serves as test, and images of train as val, whole groups of them', () => {
  const {
    test_images: _,
    test_labels: __,
    ...rest
  } = arrays({
    train_images: images(40),
    train_labels: npy(
      [40, 1],
      new Uint8Array(40).map((_, i) => i % 2),
    ),
    train_group: npy(
      [40],
      Int16Array.from({ length: 40 }, (_, i) => i >> 2),
      '<i2',
    ),
  });
  const toy = readMedmnist(npz(rest), 'toy');
  assert.equal(toy.test.ids, ['val-0', 'val-1']);
  assert.is(toy.val.count, 8);
  const kept = new Set(toy.train.groups);
  assert.ok(toy.val.groups?.every((group) => !kept.has(group)));
  assert.match(
    toy.notes[0],
    /its val \(2 images\) serves as test, and 8 of its 40 training images/,
  );
});

test('numbers that several collections use are told apart by their source', () => {
  const toy = read({
    train_numbers: npy([3], Int16Array.of(5, 5, 5), '<i2'),
    train_source: npy([3], bytes(0, 0, 1)),
  });
  assert.equal(toy.train.ids, ['0 (0-5)', '1 (0-5)', '1 (1-5)']);
  const two = { train_group: npy([2], bytes(0, 1)) };
  assert.throws(() => read(two), /train_group, got 2 values, expected 3/);
});

test('broken files are named in one error', () => {
  const cases: [Record<string, Uint8Array>, RegExp][] = [
    [{ train_labels: npy([2, 1], bytes(0, 1)) }, /train_labels, got \[2, 1\], expected \[3\] or/],
    [{ train_labels: npy([3], BigInt64Array.of(0n, 1n, -1n), '<i8') }, /got label -1/],
    [
      { train_labels: npy([3], BigInt64Array.of(0n, 1n, 2n ** 32n), '<i8') },
      /got label 4294967296/,
    ],
    [
      { val_images: npy([2, 2, 1], bytes(1, 2, 3, 4)) },
      /got images of \[2, 1, 1\], expected \[2, 2, 1\]/,
    ],
    [{ train_images: npy([3, 2, 1, 2], new Uint8Array(12)) }, /got \[3, 2, 1, 2\]/],
    [{ train_ids: npy([1], bytes(7)) }, /train_ids, got 1 values, expected 3: one per image/],
    [{ train_masks: npy([1, 2, 2], bytes(1, 1, 1, 1)) }, /got 1 entries, expected 3/],
    [
      {
        train_masks: npy([1, 2, 2], bytes(1, 1, 1, 1)),
        train_mask_index: npy([3], bytes(0, 0, 1)),
      },
      /mask_index of image 2, got 1, expected -1 to 0/,
    ],
  ];
  for (const [change, message] of cases) assert.throws(() => read(change), message);
  assert.throws(
    () => readMedmnist(npz({ images: images(1), y: images(1) }), 'toy'),
    /toy: not in MedMNIST's layout, got keys images, y, expected train_images, train_labels/,
  );
});

/** File, [C, H, W], class counts of each split of the file. */
const REAL: [string, number[], number[][]][] = [
  [
    'pneumoniamnist/pneumoniamnist_28.npz',
    [1, 28, 28],
    [
      [1214, 3494],
      [135, 389],
      [234, 390],
    ],
  ],
  [
    'retinamnist/retinamnist.npz',
    [3, 28, 28],
    [
      [486, 128, 206, 194, 66],
      [54, 12, 28, 20, 6],
      [174, 46, 92, 68, 20],
    ],
  ],
  [
    'dermamnist-c/dermamnist_c_subset_28.npz',
    [3, 28, 28],
    [
      [144, 219, 472, 49, 433, 3246, 61],
      [13, 17, 40, 3, 15, 358, 6],
      [26, 28, 71, 8, 43, 719, 13],
    ],
  ],
  [
    'busi/busi_128_trainval.npz',
    [1, 128, 128],
    [
      [305, 147, 93],
      [45, 21, 13],
    ],
  ],
  [
    'brain-tumor-axial/brain_tumor_axial_128_trainval.npz',
    [1, 128, 128],
    [
      [140, 319, 200],
      [23, 71, 30],
    ],
  ],
  [
    'cxr-tb/cxr_tb_128_trainval.npz',
    [1, 128, 128],
    [
      [251, 241],
      [36, 35],
    ],
  ],
  [
    'leeds-butterfly/leeds_butterfly_64_trainval.npz',
    [3, 64, 64],
    [
      [58, 65, 43, 63, 61, 70, 62, 38, 63, 59],
      [8, 9, 6, 9, 9, 10, 9, 6, 9, 8],
    ],
  ],
  [
    'msrc-objects/msrc_objects_96_trainval.npz',
    [3, 96, 96],
    [
      [104, 85, 86, 42],
      [14, 12, 12, 6],
    ],
  ],
  [
    'mnist-10k/mnist_10k.npz',
    [1, 28, 28],
    [
      [688, 789, 693, 707, 676, 617, 711, 752, 679, 688],
      [117, 107, 104, 104, 113, 78, 94, 107, 88, 88],
      [196, 231, 194, 221, 191, 168, 209, 211, 177, 202],
    ],
  ],
];

/** The val of the file tests; a fifth of every class of its train validates, and no group is in two splits. */
function checkHeldOut(real: Dataset, [train, val, tested]: number[][], counts: number[][]): void {
  assert.equal(tested, counts[1]);
  assert.equal(
    train.map((count, c) => count + val[c]),
    counts[0],
  );
  for (const [c, count] of val.entries()) {
    assert.ok(Math.abs(count / counts[0][c] - 0.2) < 0.02, `${real.classes[c]}: ${count}`);
  }
  const groups = new Set(real.train.groups);
  assert.not.ok(real.val.groups?.some((group) => groups.has(group)));
  assert.is(real.origin?.indexed.length, real.train.count + real.val.count);
  assert.match(real.notes.join(), /no test images/);
}

for (const [file, shape, counts] of REAL) {
  test(`${file} has the shapes and class counts of its README`, () => {
    const path = dataPath(file);
    if (!path) return;
    const name = file.replace(/^.*\/|\.npz$/g, '');
    const real: Dataset = readMedmnist(readFileSync(path), name);
    assert.equal([real.channels, real.height, real.width], shape);
    const found = (['train', 'val', 'test'] as const).map((split) => [
      ...classCounts(real[split], real.classes.length),
    ]);
    if (counts.length === 3) assert.equal(found, counts);
    else checkHeldOut(real, found, counts);
    if (!name.startsWith('busi')) return;
    const masked = (split: 'train' | 'val' | 'test') =>
      real.classes.map(
        (_, label) =>
          [...(real[split].masks?.keys() ?? [])].filter((i) => real[split].labels[i] === label)
            .length,
      );
    assert.equal(masked('train'), [19, 28, 28]);
    assert.equal(masked('val'), [5, 7, 7]);
    assert.equal(masked('test'), [4, 5, 5]);
    const area = (label: number) => {
      const means = [...(real.train.masks ?? [])]
        .filter(([i]) => real.train.labels[i] === label)
        .map(([, mask]) => mask.reduce((sum, v) => sum + v, 0) / mask.length);
      return means.reduce((sum, v) => sum + v, 0) / means.length;
    };
    assert.ok(Math.abs(area(0) - 0.049) < 0.01 && Math.abs(area(1) - 0.138) < 0.02);
    assert.is(area(2), 0);
  });
}
test.run();
