// The See screen: what is said of an image is kept for that image and run only, and nothing works on after it was left.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { ExplainedImages, RunView, Verdicts } from '../../../gfsr/serve/train-calls.ts';
import { Viewer } from '../../../studio/see/viewer.ts';
import type { Trainer } from '../../../studio/train/trainer.ts';

Object.assign(globalThis, {
  ImageData: class {
    readonly data: Uint8ClampedArray;
    constructor(width: number, height: number) {
      this.data = new Uint8ClampedArray(4 * width * height);
    }
  },
});

const size = { channels: 1, height: 2, width: 2 };
const run: RunView = {
  ...{ started: '2026-01-01T00:00:00.000Z', isFinished: true, classes: ['a'], size },
  ...{ annotations: 'two', epochs: 3, verdicts: [] },
};
const turn = () => new Promise((resolve) => setTimeout(resolve));

/** A trainer of 20 images that explains them when it is told to. */
function trained() {
  const asked: number[][] = [];
  const kept: Verdicts[] = [];
  const answers: (() => void)[] = [];
  const arm = (count: number) => ({
    probs: new Float32Array(count).fill(1),
    maps: new Float32Array(count),
  });
  const trainer = {
    explain: (_: string, images: readonly number[]) =>
      new Promise<ExplainedImages>((resolve) => {
        asked.push([...images]);
        const { length } = images;
        answers.push(() =>
          resolve({
            ...{ pixels: new Uint8Array(4 * length), height: 1, width: 1 },
            ...{ labels: images.map(() => 0), ids: images.map((image) => `image ${image}`) },
            arms: { 'cross-entropy': arm(length), guided: arm(length) },
          }),
        );
      }),
    keepVerdicts: async (all: ReadonlyMap<number, boolean>) => {
      kept.push([...all]);
    },
  };
  const answer = async () => {
    for (const each of answers.splice(0)) each();
    await turn();
  };
  const order = Array.from({ length: 20 }, (_, i) => i);
  const viewer = new Viewer(trainer as unknown as Trainer, run, order);
  return { viewer, asked, kept, answer };
}

test('nobody can judge an image that is not shown', async () => {
  const { viewer, kept, answer } = trained();
  viewer.judge(true);
  assert.equal([viewer.at.value, viewer.shown.value, kept], [0, undefined, []]);
  await answer();
  assert.is(viewer.shown.value?.id, 'image 0');
  viewer.step(7);
  assert.is(viewer.shown.value?.id, 'image 7');
  viewer.judge(false);
  assert.is(viewer.shown.value, undefined, 'image 8 is of the next block');
  viewer.judge(false);
  assert.equal([viewer.at.value, kept.at(-1)], [8, [[7, false]]]);
  await answer();
  assert.is(viewer.shown.value?.id, 'image 8');
  viewer.close();
});

test('the next block is asked for when the first is there, none beyond the last, and none after it was closed', async () => {
  const { viewer, asked, answer } = trained();
  assert.is(asked.length, 1);
  await answer();
  assert.equal(asked[1], [8, 9, 10, 11, 12, 13, 14, 15]);
  await answer();
  viewer.step(19);
  await answer();
  assert.equal(asked.at(-1), [16, 17, 18, 19]);
  assert.is(asked.length, 3);
  assert.is(viewer.shown.value?.id, 'image 19');
  viewer.close();

  const left = trained();
  left.viewer.close();
  await left.answer();
  left.viewer.step(8);
  assert.is(left.asked.length, 1);
});

test('what cannot be explained is said, and asked for again with the next image', async () => {
  let asked = 0;
  const failing = {
    explain: async () => {
      asked++;
      throw new Error('the device was lost');
    },
  };
  const viewer = new Viewer(failing as unknown as Trainer, run, [0, 1]);
  await turn();
  assert.is(viewer.fault.value, 'the device was lost');
  viewer.step(1);
  assert.is(asked, 2);
  viewer.close();
});

test.run();
