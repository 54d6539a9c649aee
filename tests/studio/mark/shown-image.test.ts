// What is seen of the image that is marked: never the picture of another one, and tried again after a failure.

import { signal } from '@preact/signals';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { turn } from '../../../gfsr/machine/long-work.ts';
import { measureSegments } from '../../../studio/mark/measured-segments.ts';
import { SegmentMap } from '../../../studio/mark/segment-map.ts';
import { Segmenter } from '../../../studio/mark/segmenter.ts';
import { ShownImage } from '../../../studio/mark/shown-image.ts';
import { FULL } from '../../../studio/pictures.ts';

const SIZE = { height: 4, width: 4 };
const quarters = () => {
  const labels = Int32Array.from({ length: 16 }, (_, p) => 2 * +(p >= 8) + +(p % 4 >= 2));
  return new SegmentMap(measureSegments({ ...SIZE, labels, count: 4 }));
};
const pictureOf = (image: number) => ({ image }) as unknown as ImageData;

/** An image that is shown, and what its sources do. */
function show() {
  const image = signal(0);
  const state = { isReachable: true, ready: 0, failures: [] as string[] };
  const reach = async <T>(answer: T): Promise<T> => {
    const { isReachable } = state;
    await null;
    if (!isReachable) throw new TypeError('no network');
    return answer;
  };
  const shown = new ShownImage(image, {
    pictures: {
      picture: (which) => reach(pictureOf(which)),
      spreadLevels: () => reach({ low: 9, high: 99 }),
    },
    segmenter: { segments: () => reach(quarters()) },
    onSegments: () => state.ready++,
    onFailure: ({ message }) => state.failures.push(message),
  });
  return { image, state, shown };
}

test('picture and segments arrive, and the cursor begins in the middle', async () => {
  const { shown, state } = show();
  assert.is(shown.picture.value, undefined);
  await turn();
  assert.equal(shown.picture.value, pictureOf(0));
  assert.equal(shown.spot.value, { image: 0, segment: 3 });
  assert.is(state.ready, 1);
});

test('an image that cannot be loaded is not seen as the one before, and one that nobody waits for is forgotten', async () => {
  const { image, shown, state } = show();
  await turn();
  state.isReachable = false;
  image.value = 1;
  assert.is(shown.picture.value, undefined);
  await turn();
  assert.is(shown.picture.value, undefined);
  assert.is(shown.segments.value, undefined);
  assert.equal(state.failures, ['no network', 'no network'], 'of its picture and its segments');
  image.value = 2;
  state.isReachable = true;
  image.value = 0; // before image 2 has failed
  await turn();
  assert.equal(shown.picture.value, pictureOf(0));
  assert.is(state.failures.length, 2);
  assert.is(state.ready, 2);
});

test('other work can wait until an image is there with its segments, whichever is the first', async () => {
  const { image, shown, state } = show();
  state.isReachable = false;
  image.value = 1; // and image 0 is not waited for any more
  let isReady = false;
  const ready = shown.untilReady().then(() => {
    isReady = true;
  });
  await turn();
  assert.not(isReady, 'it could not be loaded');
  state.isReachable = true;
  image.value = 2;
  await ready;
  assert.equal(shown.picture.value, pictureOf(2));
  await shown.untilReady(); // at once
});

test('grey levels are spread for the image that is shown, and put back', async () => {
  const { image, shown } = show();
  await shown.spreadLevels();
  assert.equal(shown.levels.value, { low: 9, high: 99 });
  await shown.spreadLevels();
  assert.is(shown.levels.value, FULL);
  const late = shown.spreadLevels();
  image.value = 1;
  await late;
  assert.is(shown.levels.value, FULL);
});

test('segments that could not be computed are computed when they are asked for again', async () => {
  class SilentWorker extends EventTarget {
    postMessage({ request }: { request: number }): void {
      this.dispatchEvent(new MessageEvent('message', { data: { request, measured: quarters() } }));
    }
  }
  const { Worker: before } = globalThis;
  globalThis.Worker = SilentWorker as unknown as typeof Worker;
  try {
    let failures = 1;
    const bytes = async () => {
      if (failures-- > 0) throw new TypeError('no network');
      return new Uint8Array(16);
    };
    const segmenter = new Segmenter({ ...SIZE, channels: 1 }, { bytes });
    void segmenter.segments(3, 1); // prepared ahead: nobody hears of a failure
    await turn();
    assert.is((await segmenter.segments(3, 1)).count, 4);
  } finally {
    globalThis.Worker = before;
  }
});

test('a segment worker without its file says which file is missing, and what to do', async () => {
  class MissingWorker extends EventTarget {
    postMessage(): void {
      queueMicrotask(() => this.dispatchEvent(new Event('error')));
    }
  }
  const { Worker: before } = globalThis;
  globalThis.Worker = MissingWorker as unknown as typeof Worker;
  try {
    const segmenter = new Segmenter(
      { ...SIZE, channels: 1 },
      { bytes: async () => new Uint8Array(16) },
    );
    const why =
      /a worker of the studio failed: its file could not be loaded, .*dist\/studio\/assets/;
    for (const image of [3, 4]) {
      const error = await segmenter.segments(image, 1).catch((error: Error) => error);
      assert.match((error as Error).message, why);
    }
  } finally {
    globalThis.Worker = before;
  }
});

test.run();
