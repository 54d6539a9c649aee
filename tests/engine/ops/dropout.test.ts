// Dropout: against float64, and its masks against the host's Philox, bit for bit.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { dropout, grad, Random, type Tensor } from '../../../engine/index.ts';
import { testGpu } from '../../support/gpu.ts';
import { testNaN, testOps } from '../../support/op-check.ts';
import { specification } from './dropout.ts';

const gpu = await testGpu();

testOps(specification);

const stateOf = (random: Random): Tensor => gpu.tensor(random.words, [4], 'u32');

testNaN('dropout', (x) => dropout(x, 0.9, { state: gpu.tensor([1, 2, 3, 4], [4], 'u32') }));

/** What the mask must be at site 0: 1/(1 − rate) where the generator's next word reaches rate·2³². */
const expected = (random: Random, rate: number, size: number): number[] =>
  Array.from({ length: size }, () =>
    random.uint32() >= Math.floor(rate * 2 ** 32) ? Math.fround(1 / (1 - rate)) : 0,
  );

test('the mask is that of the host, word for word', async () => {
  for (const [seed, stream] of [
    [0, 0],
    [2 ** 53 - 1, 2 ** 40 + 17],
    ['a name', 'another'],
  ] as const) {
    const ones = gpu.tensor(new Float32Array(2051).fill(1));
    for (const rate of [0, 0.25, 0.7]) {
      const y = dropout(ones, rate, { state: stateOf(new Random(seed, stream)) });
      assert.equal([...(await y.data())], expected(new Random(seed, stream), rate, 2051));
    }
  }
});

test('two sites of one step, and two steps, have masks of their own', async () => {
  const ones = gpu.tensor(new Float32Array(256).fill(1));
  const mask = async (step: number, site?: number) =>
    String(await dropout(ones, 0.5, { state: stateOf(new Random(1, step)), site }).data());
  const masks = await Promise.all([mask(0), mask(0, 1), mask(1), mask(1, 1)]);
  assert.is(new Set(masks).size, 4);
  assert.is(await mask(1, 1), masks[3]);
});

test('a recorded program draws the mask of the state it finds, and its gradient the same one', async () => {
  const x = gpu.parameter(new Float32Array(130).fill(1), [130]);
  const state = stateOf(new Random(5, 0));
  const program = await gpu.capture(() => {
    const y = dropout(x, 0.4, { state });
    return { y, dx: grad(y, [x])[0] };
  });
  for (const step of [0, 1, 2, 1]) {
    state.write(new Random(5, step).words);
    const { y, dx } = program.run();
    const mask = expected(new Random(5, step), 0.4, 130);
    assert.equal([...(await y.data())], mask);
    assert.equal([...(await dx.data())], mask);
  }
  program.dispose();
});

test('a rate, site or state that does not fit is refused', () => {
  const [x, state] = [gpu.zeros([3]), stateOf(new Random(0))];
  assert.throws(() => dropout(x, 1, { state }), 'dropout: rate is 1, expected a number in [0, 1).');
  assert.throws(() => dropout(x, 0.5, { state, site: -1 }), /site is -1/);
  assert.throws(
    () => dropout(x, 0.5, { state: gpu.tensor([1, 2], [2], 'u32') }),
    /state has shape \[2\], expected \[4\]/,
  );
});

test.run();
