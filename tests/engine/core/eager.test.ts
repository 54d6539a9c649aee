// Work that is run again and again without a recording.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as e from '../../../engine/index.ts';
import { testGpu } from '../../support/gpu.ts';

const gpu = await testGpu();

test('each run computes anew, and gives the last one’s memory back', async () => {
  const before = gpu.stats.usedBytes;
  const x = gpu.tensor([1, 2]);
  const work = new e.Eager(gpu, () => ({ y: e.square(e.scaleShift(x, 1, 1)) }));
  assert.throws(() => work.outputs, /eager: nothing has run yet/);
  const { y } = gpu.scope(() => work.run()); // not the scope's to dispose
  const early = y.data();
  x.write([3, 4]);
  const later = work.run();
  assert.is(work.outputs, later);
  assert.ok(y.disposed);
  assert.equal([...(await early)], [4, 9]);
  assert.equal([...(await later.y.data())], [16, 25]);
  work.dispose();
  x.dispose();
  assert.is(gpu.stats.usedBytes, before);
});

test.run();
