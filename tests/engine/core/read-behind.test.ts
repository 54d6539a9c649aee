// Reads behind the steps: at most two are waited for later, and errors come in order.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ReadBehind } from '../../../engine/core/read-behind.ts';
import { rejects } from '../../support/assertions.ts';

/** A promise with what settles it. */
function later() {
  let resolve = () => {};
  let reject = (_: Error) => {};
  const promise = new Promise<void>((done, failed) => {
    [resolve, reject] = [done, failed];
  });
  return { promise, resolve, reject };
}

test('the third read waits for the first, and for that alone', async () => {
  const reads = new ReadBehind();
  const [first, second, third] = [later(), later(), later()];
  await reads.add(first.promise);
  await reads.add(second.promise);
  let added = false;
  const adding = reads.add(third.promise).then(() => {
    added = true;
  });
  await new Promise(setImmediate);
  assert.not(added);
  first.resolve();
  await adding;
  for (const { resolve } of [second, third]) resolve();
  await reads.finish();
});

test('a read that fails is told of where it is waited for, and settle waits in spite of it', async () => {
  const reads = new ReadBehind();
  const slow = later();
  await reads.add(Promise.reject(new Error('not finite')));
  await reads.add(slow.promise);
  await rejects(() => reads.add(Promise.resolve()), /not finite/);
  let settled = false;
  const settling = reads.settle().then(() => {
    settled = true;
  });
  await new Promise(setImmediate);
  assert.not(settled);
  slow.resolve();
  await settling;
});

test.run();
