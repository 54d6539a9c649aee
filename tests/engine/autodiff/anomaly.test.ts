// Anomaly mode: the op, the pass and the place of the first value that is not finite.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as e from '../../../engine/index.ts';
import { testGpu } from '../../support/gpu.ts';

const gpu = await testGpu();

async function said(body: () => unknown, names?: Map<e.Tensor, string>): Promise<string> {
  try {
    await e.detectAnomaly(gpu, body, names);
    return '';
  } catch (error) {
    assert.instance(error, e.AnomalyError);
    return (error as Error).message;
  }
}

test('a forward op is named, with its input and the place', async () => {
  const x = gpu.tensor([1, 2, 3, 3, -1, 3], [2, 3]);
  assert.match(
    await said(() => e.sum(e.exp(e.log(e.scaleShift(x, 1, 0))))),
    /anomaly: log made a NaN or an infinity out of finite the result of scaleShift \[2, 3\]; the first at \[1, 1\] of \[2, 3\]/,
  );
});

test('a gradient is named where the value was finite', async () => {
  const x = gpu.parameter([4, 0, 1], [3]);
  assert.match(
    await said(() => e.grad(e.sum(e.sqrt(x)), [x])),
    /anomaly: div in the gradient of sqrt made a NaN or an infinity .*; the first at \[1\] of \[3\]/,
  );
});

test('what is broken from the start is called by its name', async () => {
  const w = gpu.parameter([1, Number.NaN], [2]);
  assert.match(
    await said(() => e.square(w), new Map([[w, 'conv1.weight']])),
    /anomaly: conv1\.weight contained a NaN or an infinity before .*; the first at \[1\] of \[2\]/,
  );
});

test('finite values pass, and the result comes back', async () => {
  const x = gpu.parameter([1, 2], [2]);
  const [dx] = await e.detectAnomaly(gpu, () => e.grad(e.sum(e.square(x)), [x]));
  assert.equal([...(await dx.data())], [2, 4]);
});

test('a recorded program is watched in every run, and one without a watch has no extra dispatch', async () => {
  const x = gpu.tensor([1, 2], [2]);
  const body = () => ({ y: e.log(x) });
  const plain = await gpu.capture(body);
  const watch = new e.AnomalyWatch(gpu);
  const watched = await gpu.capture(() => watch.observe(body));
  assert.equal([plain.dispatches, watched.dispatches], [1, 3]);
  watched.run();
  await watch.check();
  x.write([1, -2]);
  watched.run();
  const error = await watch.check().then(
    () => undefined,
    (reason: Error) => reason,
  );
  assert.match(String(error), /log made a NaN .* first at \[1\]/);
  x.write([3, 4]);
  watched.run();
  await watch.check();
  watch.dispose();
  watched.dispose();
  plain.dispose();
});

test('the last values of a long tensor are seen, NaN and both infinities', async () => {
  for (const bad of [Number.NaN, Infinity, -Infinity]) {
    const values = new Float32Array(1031);
    values[1030] = bad;
    assert.match(await said(() => e.neg(gpu.tensor(values))), /first at \[1030\]/);
  }
});

test.after(() => gpu.destroy());
test.run();
