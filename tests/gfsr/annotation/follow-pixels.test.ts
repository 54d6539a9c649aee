// Marks on the same images in another order: they go where their pixels are, and nowhere else.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { AnnotationFile } from '../../../gfsr/annotation/annotations.ts';
import { followPixels } from '../../../gfsr/annotation/follow-pixels.ts';

const file = (...images: [string | number, string | undefined][]): AnnotationFile => ({
  ...{ format: 'gfsr-annotations', version: 1, dataset: 'toy' },
  annotations: images.map(([image, hash]) => ({
    image,
    ...(hash && { hash }),
    annotator: 'ann',
    strokes: [{ kind: 'click', sign: 'positive', points: [[1, 1]] }],
  })),
});
const images = (...hashes: [string, string][]) => ({ knownHashes: new Map(hashes) });
const imagesOf = ({ annotations }: AnnotationFile) => annotations.map(({ image }) => image);

test('rows in another order: each mark goes to the image with its pixels, with a note', () => {
  const marks = file(['train-0', 'a'], ['train-1', 'b'], ['train-9', 'c']);
  const { file: followed, notes } = followPixels(
    marks,
    images(['train-0', 'c'], ['train-1', 'b'], ['train-2', 'a']),
  );
  assert.equal(imagesOf(followed), ['train-2', 'train-1', 'train-0']);
  assert.equal(notes, [
    '2 annotated images have another id in this data, and were found by their pixels',
  ]);
});

test('an image that has its pixels keeps its marks, whichever others have them too', () => {
  const twins = images(['train-0', 'a'], ['train-1', 'a'], ['train-2', 'b']);
  assert.equal(imagesOf(followPixels(file(['train-1', 'a']), twins).file), ['train-1']);
  assert.equal(imagesOf(followPixels(file(['train-2', 'a']), twins).file), ['train-0']);
});

test('pixels that no image has, marks without a hash, and data without hashes stay as they are', () => {
  const marks = file(['train-0', 'x'], ['train-1', undefined], [1, 'a']);
  const here = images(['train-0', 'a'], ['train-1', 'b']);
  assert.equal(followPixels(marks, here), { file: marks, notes: [] });
  assert.equal(followPixels(marks, {}), { file: marks, notes: [] });
});

test.run();
