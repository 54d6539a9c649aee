// Every way of computing a convolution or a product agrees with the plainest; the op tests see only the usual way.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { preferring } from '../../../../engine/core/tuning.ts';
import { Gpu, ops, Random } from '../../../../engine/index.ts';
import { createNodeDevice } from '../../../../engine/node.ts';
import { algorithms } from '../../../../engine/ops/conv/algorithms.ts';
import { contractionStrategies } from '../../../../engine/ops/conv/contract.ts';
import { sizeOf64 } from '../../../support/array64.ts';
import { close, largest } from '../../../support/close.ts';
import type { OpCase } from '../../../support/op-inputs.ts';
import { tolerance } from '../../../support/tolerance.ts';
import { specification as products } from '../matmul.ts';
import { specification as convolutions } from './index.ts';

const { device, wait } = await createNodeDevice();
const gpu = new Gpu(device, { wait });

/** A case on a device, its inputs changed by `change`. */
function runOn(
  on: Gpu,
  change: (value: number) => number,
  name: string,
  { inputs, attrs, run, label }: OpCase,
  ...strategies: string[]
) {
  const random = new Random(label);
  on.retune(preferring(...strategies));
  return on.scope(() => {
    const tensors = inputs.map(({ shape, values, dtype }) =>
      on.tensor(Float32Array.from(values(random, sizeOf64(shape)), change), shape, dtype),
    );
    const y = run ? run(tensors) : ops.get(name)?.apply(tensors, attrs);
    if (!y) throw new Error(`${name}: no such op.`);
    return y;
  });
}

const contractions = Object.entries({ ...convolutions.ops, ...products.ops });

const run = runOn.bind(undefined, gpu, (value) => value);

const ways = [
  ...algorithms.slice(1).map((name) => [name, 'registers']),
  // Tiles differ in their size alone: `npm run verify` draws from all of them.
  ...contractionStrategies
    .filter((name, i, all) => i > 0 && (!name.startsWith('tiled') || i === all.length - 1))
    .map((name) => ['direct', name]),
  ['pointwise', contractionStrategies.at(-1) as string],
];

for (const [name, { cases }] of contractions) {
  for (const way of ways) {
    test(`${name}: ${way.join(', ')}`, async () => {
      for (const kase of cases) {
        const [a, b] = [run(name, kase, ...way), run(name, kase, 'direct', 'registers')];
        const expected = await b.data();
        const atol = tolerance(0, kase.terms) * (largest(expected) + 0.05);
        close(await a.data(), expected, { op: `${name} (${kase.label})`, shape: a.shape, atol });
        a.dispose();
        b.dispose();
      }
    });
  }
}

/** To 8 bits, which f16 holds. */
const short = (value: number) => Math.round(value * 64) / 64;
const half = device.features.has('shader-f16')
  ? new Gpu(device, { wait, operands: 'f16' })
  : undefined;

for (const [name, { cases }] of contractions) {
  for (const way of contractionStrategies.filter((_, i, all) => i < 2 || i === all.length - 1)) {
    test(`${name} of f16: ${way}`, async () => {
      if (!half) return;
      for (const kase of cases) {
        const label = `${name} (${kase.label})`;
        const both = [half, gpu].map((on) => runOn(on, short, name, kase, 'direct', way));
        const [a, b] = await Promise.all(both.map((y) => y.data()));
        assert.equal(a, b, `${label}: operands that f16 holds give the same bits`);
        const rounded = runOn(half, (v) => v, name, kase, 'direct', way);
        const exact = run(name, kase, 'direct', way);
        const expected = await exact.data();
        const values = await rounded.data();
        // Both operands of a product are off by 2⁻¹¹ at most; the cases' inputs are of the size of 1.
        const atol = 2 * 2 ** -11 * (kase.terms ?? 1) * 4;
        close(values, expected, { op: label, shape: exact.shape, atol });
        if (values.length > 30) assert.not.equal(values, expected, `${label}: f16 is used`);
        for (const y of [...both, rounded, exact]) y.dispose();
      }
    });
  }
}

test('what is f16 stays on the device', () => {
  const y = gpu.empty([4], 'f16');
  assert.throws(() => gpu.write(y, [1, 2, 3, 4]), /write: the tensor is f16, expected f32 or u32/);
});

test('operands of f16 are asked of a device that has them', () => {
  const without = { features: new Set(), limits: {} } as unknown as GPUDevice;
  assert.throws(() => new Gpu(without, { operands: 'f16' }), /feature shader-f16/);
});

test.after(() => device.destroy());
test.run();
