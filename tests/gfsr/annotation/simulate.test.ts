// Simulated annotators: few marks, balanced over the classes, on what they are to be on.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  annotationsByImage,
  parseAnnotations,
  serialiseAnnotations,
} from '../../../gfsr/annotation/annotations.ts';
import { rasterise } from '../../../gfsr/annotation/raster.ts';
import { simulateAnnotations } from '../../../gfsr/annotation/simulate.ts';
import { decoyMnist } from '../../../gfsr/data/decoy-mnist.ts';
import { readMedmnist } from '../../../gfsr/data/medmnist.ts';
import { loadMnistDigits } from '../../../gfsr/data/mnist-digits-node.ts';
import { allBytes } from '../../../gfsr/data/pixels.ts';
import { dataPath } from '../../support/data.ts';

const decoy = decoyMnist(await loadMnistDigits(), { seed: 0 });

test('simulated clicks: few, balanced, on the digit, and a valid file', () => {
  const made = simulateAnnotations(decoy, { fraction: 0.01, seed: 4 });
  assert.is(made.annotations.length, 70);
  const read = parseAnnotations(serialiseAnnotations(made), { ...decoy, ids: decoy.train.ids });
  assert.equal(read, made);
  const perClass = new Array(10).fill(0);
  let bright = 0;
  for (const [image, [{ strokes }]] of annotationsByImage(made, decoy.train)) {
    perClass[decoy.train.labels[image]]++;
    const [[x, y]] = strokes[0].points;
    assert.is(strokes[0].sign, 'positive');
    const pixel = Math.floor(y) * 28 + Math.floor(x);
    assert.is(decoy.train.masks?.get(image)?.[pixel], 1, 'inside the digit');
    if (allBytes(decoy.train.images)[image * 784 + pixel] > 60) bright++;
  }
  assert.equal(perClass, new Array(10).fill(7));
  assert.ok(bright >= 63, `${bright} of 70 clicks where the digit is bright`);
});

test('simulated scribbles run along the digit from end to end, and one beside it strikes out background', () => {
  const made = simulateAnnotations(decoy, { count: 20, kind: 'scribble', strikeBackground: true });
  for (const [image, [{ strokes }]] of annotationsByImage(made, decoy.train)) {
    const mask = decoy.train.masks?.get(image) as Uint8Array;
    const at = (points: [number, number][]) =>
      points.map(([x, y]) => mask[Math.floor(y) * 28 + Math.floor(x)]);
    const [last, ...along] = strokes.toReversed();
    assert.ok(along.length >= 1 && along.every(({ sign }) => sign === 'positive'));
    for (const { points } of along) assert.ok(at(points).every((inside) => inside === 1));
    const rows = along.flatMap(({ points }) => points.map(([, y]) => y));
    assert.ok(Math.max(...rows) - Math.min(...rows) > 8, `image ${image} is 20 pixels high`);
    assert.is(last.sign, 'negative');
    assert.ok(last.points.length > 3 && at(last.points).every((inside) => inside === 0));
  }
});

test('simulated marks on the shortcut are negative', () => {
  const made = simulateAnnotations(decoy, { count: 10, target: 'both' });
  for (const [image, [{ strokes }]] of annotationsByImage(made, decoy.train)) {
    assert.equal(
      strokes.map(({ sign }) => sign),
      ['positive', 'negative'],
    );
    const { negative } = rasterise(strokes, 28, 28);
    const planted = decoy.train.shortcut?.subarray(image * 784, (image + 1) * 784) as Uint8Array;
    assert.ok(negative.some((v, pixel) => v === 1 && planted[pixel] === 1));
  }
});

test('seeds decide; a smaller fraction is a part of a larger one', () => {
  const small = simulateAnnotations(decoy, { fraction: 0.01, seed: 1 });
  const large = simulateAnnotations(decoy, { fraction: 0.05, seed: 1 });
  assert.equal(large.annotations.slice(0, 70), small.annotations);
  assert.not.equal(simulateAnnotations(decoy, { fraction: 0.01, seed: 2 }), small);
});

test('real masks: clicks inside the lesion, and on images without one the answer that nothing is relevant', () => {
  const path = dataPath('busi/busi_128_trainval.npz');
  if (!path) return;
  const busi = readMedmnist(readFileSync(path), 'busi_128_trainval');
  const made = simulateAnnotations(busi, { fraction: 1 });
  const empty = [...(busi.train.masks ?? [])].filter(([, mask]) => !mask.includes(1)).length;
  assert.is(empty, 28);
  assert.is(made.annotations.length, 19 + 28 + empty);
  for (const [image, [{ strokes }]] of annotationsByImage(made, busi.train)) {
    if (!busi.train.masks?.get(image)?.includes(1)) {
      assert.equal(strokes, [{ kind: 'image', sign: 'negative', points: [] }]);
      continue;
    }
    const [[x, y]] = strokes[0].points;
    assert.is(busi.train.masks?.get(image)?.[Math.floor(y) * 128 + Math.floor(x)], 1);
  }
});

test('impossible simulations are refused', () => {
  const cases: [Parameters<typeof simulateAnnotations>[1], RegExp][] = [
    [{}, /either fraction or count/],
    [{ fraction: 0.1, count: 5 }, /either fraction or count/],
    [{ fraction: 0.00001 }, /budget of 0 images, got fraction 0\.00001, expected 1 to 7000/],
    [{ fraction: 1.1 }, /got fraction 1\.1/],
    [{ count: 2.5 }, /got count 2\.5/],
  ];
  for (const [options, message] of cases) {
    assert.throws(() => simulateAnnotations(decoy, options), message);
  }
  const { masks: _, ...bare } = decoy.train;
  assert.throws(
    () => simulateAnnotations({ ...decoy, train: bare }, { count: 1 }),
    /nothing to mark in train, expected masks/,
  );
});

test.run();
