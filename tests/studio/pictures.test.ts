// Images in the page: no more is fetched than is looked at, and small pictures have every n-th pixel.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Pictures } from '../../studio/pictures.ts';
import type { Project } from '../../studio/storage/project.ts';

class PlainImageData {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
  constructor(width: number, height: number) {
    this.data = new Uint8ClampedArray(4 * width * height);
    this.width = width;
    this.height = height;
  }
}
globalThis.ImageData ??= PlainImageData as unknown as typeof ImageData;

/** 100 images whose pixels say which image, row and column they are of; and how many images were fetched. */
function picturesOf({ height, width }: { height: number; width: number }) {
  const state = { fetched: 0 };
  const ids = Array.from({ length: 100 }, (_, i) => `${i}`);
  const project = {
    dataset: { channels: 1, height, width, ids },
    images: async (from: number, to: number) => {
      state.fetched += to - from;
      return Uint8Array.from({ length: (to - from) * height * width }, (_, i) => {
        const p = i % (height * width);
        return (
          (from + Math.floor(i / (height * width)) + Math.floor(p / width) + (p % width)) % 251
        );
      });
    },
  } as unknown as Pick<Project, 'dataset' | 'images'>;
  return { state, pictures: new Pictures(project) };
}

test('of large images, only those that are looked at are fetched, and each once', async () => {
  const { state, pictures } = picturesOf({ height: 224, width: 224 });
  for (const image of [3, 70, 3]) await pictures.picture(image);
  assert.is(state.fetched, 2);
});

test('small images come many at once', async () => {
  const { state, pictures } = picturesOf({ height: 28, width: 28 });
  for (const image of [3, 70]) await pictures.picture(image);
  assert.is(state.fetched, 83, 'as many as 64 KiB hold');
});

test('a small picture has every n-th pixel, up to the edge', async () => {
  const { pictures } = picturesOf({ height: 225, width: 449 });
  const { data, height, width } = await pictures.smallPicture(7);
  assert.equal([height, width], [57, 113]);
  const at = (x: number, y: number) => [
    ...data.subarray(4 * (y * width + x), 4 * (y * width + x) + 4),
  ];
  const value = (x: number, y: number) => (7 + 4 * x + 4 * y) % 251;
  for (const [x, y] of [
    [0, 0],
    [112, 0],
    [50, 56],
  ] as const) {
    assert.equal(at(x, y), [value(x, y), value(x, y), value(x, y), 255]);
  }
});

test('a picture that is small already is shown as it is', async () => {
  const { pictures } = picturesOf({ height: 28, width: 28 });
  const small = await pictures.smallPicture(1);
  assert.equal([...small.data], [...(await pictures.picture(1)).data]);
});

test.run();
