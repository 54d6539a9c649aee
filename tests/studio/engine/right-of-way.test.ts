// A training gives way to marks: it goes on only when the page had time to draw what came of the last one.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { RightOfWay } from '../../../studio/engine/right-of-way.ts';

test('without urgent work, the way is free after a turn', async () => {
  await new RightOfWay(() => 0).free();
});

test('long work waits until the result of urgent work had time to be drawn', async () => {
  let now = 1000;
  const way = new RightOfWay(() => now);
  assert.is(
    way.first(() => 7),
    7,
  );
  let isFree = false;
  const waiting = way.free().then(() => {
    isFree = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 100));
  assert.is(isFree, false, 'the clock has not moved');
  now = 2000;
  await waiting;
});

test('urgent work that fails is drawn as well', async () => {
  let now = 1000;
  const way = new RightOfWay(() => now);
  const fail = () => {
    throw new RangeError('too far');
  };
  assert.throws(() => way.first(fail), 'too far');
  now = 1249;
  let isFree = false;
  const waiting = way.free().then(() => {
    isFree = true;
  });
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.is(isFree, false);
  now = 1250;
  await waiting;
});

test('a person who never rests holds long work up for three seconds', async () => {
  let now = 1000;
  const way = new RightOfWay(() => now);
  let isFree = false;
  const waiting = way.free().then(() => {
    isFree = true;
  });
  now = 3990;
  way.attend();
  await new Promise((resolve) => setTimeout(resolve, 30));
  assert.is(isFree, false);
  now = 4000;
  way.attend();
  await waiting;
});

test.run();
