// Convolutions of few channels, straight from the images: every way of them agrees with the plainest.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { preferring, tuningOf } from '../../../../engine/core/tuning.ts';
import { conv2d, conv2dInputGrad, conv2dWeightGrad, sizeOf } from '../../../../engine/index.ts';
import { algorithms } from '../../../../engine/ops/conv/algorithms.ts';
import { testGpu } from '../../../support/gpu.ts';
import { specification } from './index.ts';
import { testAgreement } from './strategies.ts';

const gpu = await testGpu();
const rows = algorithms.filter((name) => name.startsWith('rows'));
testAgreement(
  specification.ops,
  rows.map((name) => [name, 'registers']),
);

/** Which numbers are finite, and what the others are. */
const kinds = (values: Float32Array) => [...values].map((v) => (Number.isFinite(v) ? 0 : v));

for (const name of rows) {
  test(`${name}: an infinity reaches only what is computed from it`, async () => {
    for (const [channels, outs, stride] of [
      [1, 2, 1],
      [2, 2, 2],
    ]) {
      const side = 8;
      const options = { stride, padding: 1 };
      const after = side / stride;
      const [xs, ws] = [
        [1, channels, side, side],
        [outs, channels, 3, 3],
      ];
      const ones = (shape: readonly number[]) => new Float32Array(sizeOf(shape)).fill(1);
      const infinite = (shape: readonly number[], at: number) => {
        const values = ones(shape);
        values[at < 0 ? values.length + at : at] = Number.POSITIVE_INFINITY;
        return gpu.tensor(values, shape);
      };
      for (const at of [0, -1]) {
        const results = async (strategy: string) => {
          gpu.retune(preferring(strategy));
          const tensors = gpu.scope(() => {
            const x = infinite(xs, at);
            const dy = infinite([1, outs, after, after], at);
            const [weight, up] = [gpu.tensor(ones(ws), ws), gpu.tensor(ones(dy.shape), dy.shape)];
            return [
              conv2d(x, weight, options),
              conv2dInputGrad(dy, weight, { ...options, inputShape: xs }),
              conv2dWeightGrad(x, up, { ...options, weightShape: ws }),
            ];
          });
          const values = await gpu.readAll(tensors);
          for (const tensor of tensors) tensor.dispose();
          gpu.retune(tuningOf({}));
          return values.map(kinds);
        };
        const where = `${channels} → ${outs}, stride ${stride}, at ${at}`;
        assert.equal(await results(name), await results('direct'), where);
      }
    }
  });
}

test.run();
