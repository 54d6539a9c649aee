// Marks stay with their images: under every limit, size and shortcut, and other data are refused.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Annotation, AnnotationFile } from '../../../gfsr/annotation/annotations.ts';
import { bindAnnotations } from '../../../gfsr/annotation/binding.ts';
import { markableImages } from '../../../gfsr/annotation/markable-images.ts';
import { annotationPlanes } from '../../../gfsr/annotation/planes.ts';
import type { Dataset, Split } from '../../../gfsr/data/dataset.ts';
import { limitImages } from '../../../gfsr/data/limit.ts';
import { withOrigin } from '../../../gfsr/data/origin.ts';
import { allBytes } from '../../../gfsr/data/pixels.ts';
import { reduceImages } from '../../../gfsr/data/resize.ts';
import { plantShortcut } from '../../../gfsr/data/shortcuts/plant.ts';

const SIDE = 24;
const AREA = SIDE * SIDE;

const split = (name: string, count: number): Split => ({
  count,
  images: Uint8Array.from({ length: count * AREA }, (_, p) => (p * 7 + Math.floor(p / AREA)) % 251),
  labels: Int32Array.from({ length: count }, (_, i) => i % 2),
  ids: Array.from({ length: count }, (_, i) => `${name}-${i}`),
});

const whole: Dataset = withOrigin({
  ...{ name: 'toy', classes: ['a', 'b'], channels: 1, height: SIDE, width: SIDE },
  ...{ train: split('train', 40), val: split('val', 6), test: split('test', 6) },
  ...{ tests: {}, notes: [] },
});

const file = (change: Partial<Annotation> = {}, dataset = 'toy'): AnnotationFile => ({
  ...{ format: 'gfsr-annotations', version: 1, dataset },
  annotations: [
    {
      image: 9,
      annotator: 'ann',
      strokes: [{ kind: 'click', sign: 'positive', points: [[12, 12]] }],
      ...change,
    },
  ],
});

const bind = (from: AnnotationFile, dataset: Dataset) =>
  bindAnnotations(from, markableImages(dataset), 'm.json');

test('an index means the same image under every limit, size and shortcut', () => {
  const { hash } = bind(file(), whole).file.annotations[0];
  for (const seed of [0, 1, 2, 3]) {
    const limited = limitImages(whole, 20, seed);
    for (const dataset of [
      limited,
      reduceImages(limited, 12),
      plantShortcut(limited, { kind: 'border', seed }),
    ]) {
      const { file: bound, notes } = bind(file(), dataset);
      assert.match(notes[0], 'indices count the images of the file');
      const at = dataset.train.ids.indexOf('train-9');
      if (at < 0) {
        assert.equal(bound.annotations, []);
        assert.match(notes[1], '1 annotations of images that are not trained on are left out');
        continue;
      }
      assert.is(bound.annotations[0].image, 'train-9');
      assert.is(bound.annotations[0].hash, hash);
      assert.equal([...annotationPlanes(bound, dataset).keys()], [at]);
    }
  }
});

test('an image that has other pixels now is refused', () => {
  const bound = bind(file(), whole).file;
  assert.equal(bind(bound, whole).file, bound);
  const images = allBytes(whole.train.images).slice();
  images[9 * AREA] ^= 1;
  const changed = withOrigin({ ...whole, train: { ...whole.train, images, hashes: undefined } });
  assert.throws(
    () => bind(bound, changed),
    /^m\.json: image "train-9" has other pixels than when it was marked, got hash [0-9a-f]{16}/,
  );
});

test('another data set is refused with both names, unless the pixels prove that it is the same', () => {
  assert.throws(
    () => bind(file({}, 'other'), whole),
    /dataset is "other", but the data is "toy"\. .*write this name into the file/,
  );
  const planted = plantShortcut(whole, { kind: 'border' });
  assert.not.throws(() => bind(file({}, 'toy'), planted));
  assert.not.throws(() => bind({ ...bind(file(), whole).file, dataset: 'renamed' }, whole));
});

test('images of other splits are left out, unknown ones refused', () => {
  assert.equal(bind(file({ image: 'val-1' }), whole).file.annotations, []);
  assert.throws(() => bind(file({ image: 40 }), whole), /got 40, expected 0 to 39/);
  assert.throws(() => bind(file({ image: 'x' }), whole), /got "x", expected an id such as/);
});

test('points that are shares of the image are refused', () => {
  const strokes = [{ kind: 'click', sign: 'positive', points: [[0.4, 0.6]] }] as never;
  assert.throws(() => bind(file({ strokes }), whole), /all points lie within 0…1, expected pixels/);
});

test('200,000 annotators are refused', () => {
  const [one] = file().annotations;
  const many = Array.from({ length: 200_000 }, (_, i) => ({ ...one, annotator: String(i) }));
  assert.throws(
    () => bind({ ...file(), annotations: many }, whole),
    /got 200,000 annotators, expected at most 1,000.*GFSR_MAX_ANNOTATORS/,
  );
});

test.run();
