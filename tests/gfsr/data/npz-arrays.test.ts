// Arrays of .npz files in the types that people save them in.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Dataset } from '../../../gfsr/data/dataset.ts';
import { readMedmnist } from '../../../gfsr/data/medmnist.ts';
import { allBytes } from '../../../gfsr/data/pixels.ts';
import { npy, npz } from '../../support/npz.ts';

const IMAGE = [1, 1, 2] as const;

function read(
  values: (numbers: number[]) => ArrayBufferView,
  dtype: string,
  [train, val]: readonly [number[], number[]],
  options = {},
): Dataset {
  const images = (numbers: number[]) =>
    npy([numbers.length / 2, ...IMAGE.slice(1)], values(numbers), dtype);
  const bytes = npz({
    train_images: images(train),
    train_labels: npy([2], Uint8Array.of(0, 1)),
    val_images: images(val),
    val_labels: npy([1], Uint8Array.of(0)),
    test_images: images(val),
    test_labels: npy([1], Uint8Array.of(1)),
  });
  return readMedmnist(bytes, 'toy', options);
}
const floats = (numbers: number[]) => Float32Array.from(numbers);

test('floats in [0, 1] and in [0, 255], and what was assumed', () => {
  const unit = read(floats, '<f4', [
    [0, 0.5, 1, 0.2],
    [0.1, 2],
  ]);
  assert.equal([...allBytes(unit.train.images)], [0, 128, 255, 51]);
  assert.equal([...allBytes(unit.val.images)], [26, 255]);
  assert.match(unit.notes[0], /NumPy images have values in \[0, 1\]: 1 is taken as white/);
  const wide = read(floats, '<f4', [
    [0, 127.6, 255, 2],
    [9, 10],
  ]);
  assert.equal(
    [...allBytes(wide.train.images), ...allBytes(wide.val.images)],
    [0, 128, 255, 2, 9, 10],
  );
  assert.match(wide.notes[0], /255 is taken as white/);
});

test('floats obey the window that was asked for, and overshoot does not make another range of them', () => {
  const narrow = [0.2, 0.3, 0.4, 0.2];
  const asked = read(floats, '<f4', [narrow, [0.2, 1]], { window: 'min-max' });
  assert.equal([...allBytes(asked.train.images)], [0, 128, 255, 0]);
  const over = read(floats, '<f4', [
    [-0.02, 0.5, 1.02, 1],
    [0, 0.5],
  ]);
  assert.equal([...allBytes(over.train.images)], [0, 128, 255, 255]);
});

test('negative floats are windowed by the training images alone', () => {
  const dataset = read(
    floats,
    '<f4',
    [
      [-1, 0, 1, 0],
      [-9, 3],
    ],
    { window: 'min-max' },
  );
  assert.equal([...allBytes(dataset.train.images)], [0, 128, 255, 128]);
  assert.equal([...allBytes(dataset.val.images)], [0, 255]);
  assert.match(
    dataset.notes[0],
    /^NumPy images are windowed: black is -1, white 1 \(min-max of train\)\.$/,
  );
});

test('16-bit numbers, booleans and float64', () => {
  const deep = read(
    (n) => Uint16Array.from(n),
    '<u2',
    [
      [0, 1000, 500, 250],
      [1000, 0],
    ],
    {
      window: 'min-max',
    },
  );
  assert.equal([...allBytes(deep.train.images)], [0, 255, 128, 64]);
  const bits = read((n) => Uint8Array.from(n), '|b1', [
    [0, 1, 1, 0],
    [1, 1],
  ]);
  assert.equal([...allBytes(bits.train.images)], [0, 255, 255, 0]);
  assert.equal(bits.notes, []);
  const doubles = read((n) => Float64Array.from(n), '<f8', [
    [0, 1, 1, 0],
    [0.5, 1],
  ]);
  assert.equal([...allBytes(doubles.val.images)], [128, 255]);
});

const labelled = (labels: Uint8Array) => {
  const images = npy([2, 1, 2], Uint8Array.of(1, 2, 3, 4));
  const some = npy([2], Uint8Array.of(0, 1));
  return readMedmnist(
    npz({
      train_images: images,
      train_labels: labels,
      val_images: images,
      val_labels: some,
      test_images: images,
      test_labels: some,
    }),
    'toy',
  );
};

test('labels as [N], [N, 1] and one-hot', () => {
  const wide = [
    npy([2], BigInt64Array.of(1n, 0n), '<i8'),
    npy([2, 1], Float32Array.of(1, 0), '<f4'),
  ];
  const hot = [
    npy([2, 2], Uint8Array.of(0, 1, 1, 0)),
    npy([2, 2], Float32Array.of(0, 1, 1, 0), '<f4'),
  ];
  for (const labels of [...wide, ...hot]) assert.equal([...labelled(labels).train.labels], [1, 0]);
});

test('several labels per image, and labels that are none, are refused', () => {
  assert.throws(
    () => labelled(npy([2, 2], Uint8Array.of(1, 1, 1, 0))),
    /row 0, got \[1, 1\], expected one-hot.*several labels/,
  );
  assert.throws(() => labelled(npy([2, 2], Uint8Array.of(0, 0, 1, 0))), /row 0, got \[0, 0\]/);
  assert.throws(() => labelled(npy([2], Float32Array.of(0.5, 1), '<f4')), /got label 0\.5/);
  assert.throws(
    () => labelled(npy([3], Uint8Array.of(0, 1, 1))),
    /got \[3\], expected \[2\] or \[2, 1\], one label per image/,
  );
});

test('images of two types in one file are refused', () => {
  const one = npy([1], Uint8Array.of(0));
  const bytes = npz({
    ...{ train_images: npy([1, 1, 2], floats([0, 1]), '<f4'), train_labels: one },
    ...{ val_images: npy([1, 1, 2], Uint8Array.of(0, 1)), val_labels: one },
  });
  assert.throws(
    () => readMedmnist(bytes, 'toy'),
    /val_images: type, got \|u1, expected <f4 as in train/,
  );
});

test.run();
