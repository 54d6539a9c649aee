// Every way of contracting agrees with the plainest; the op tests see only the usual way.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpu } from '../../../../engine/index.ts';
import { contractionStrategies } from '../../../../engine/ops/conv/contract.ts';
import { close } from '../../../support/close.ts';
import { specification as products } from '../matmul.ts';
import { specification as convolutions } from './index.ts';
import { device, gpu, run, runOn, testAgreement, wait } from './strategies.ts';

const contractions = { ...convolutions.ops, ...products.ops };

testAgreement(contractions, [
  // Tiles differ in their size alone: `npm run verify` draws from all of them.
  ...contractionStrategies
    .filter((name, i, all) => i > 0 && (!name.startsWith('tiled') || i === all.length - 1))
    .map((name) => ['direct', name]),
  ['pointwise', contractionStrategies.at(-1) as string],
]);

/** To 8 bits, which f16 holds. */
const short = (value: number) => Math.round(value * 64) / 64;
const half = device.features.has('shader-f16')
  ? new Gpu(device, { wait, operands: 'f16' })
  : undefined;

for (const [name, { cases }] of Object.entries(contractions)) {
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

test.run();
