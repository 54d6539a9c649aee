// The relevance loss against float64: worked values, and the fused op against its composite.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as e from '../../../engine/index.ts';
import { close, largest } from '../../support/close.ts';
import { testGpu } from '../../support/gpu.ts';
import { testNaN, testOps } from '../../support/op-check.ts';
import { specification } from './relevance.ts';

const gpu = await testGpu();

testOps(specification);

testNaN('relevanceLoss', (x) =>
  e.relevanceLoss(e.reshape(x, [1, 4]), gpu.tensor([1, 0, 0.5, 0], [1, 4])),
);

test('the relevance loss of worked examples', async () => {
  const mask = [1, 0.5, 0, 0];
  const loss = async (s: number[], m: number[], hinge: boolean) =>
    e.relevanceLoss(gpu.tensor(s, [1, 4]), gpu.tensor(m, [1, 4]), { hinge }).item();
  const near = async (actual: Promise<number>, expected: number) =>
    close([await actual], [expected], { op: 'relevanceLoss', shape: [], atol: 1e-6 });
  // R* = ΣM²/ΣM = 1.25/1.5.
  await near(loss([1, 1, 1, 1], mask, true), 1.25 / 1.5 - 1.5 / 4);
  await near(loss([1, 1, 1, 1], mask, false), 1 - 1.5 / 4);
  await near(loss([2, 1, 0, 0], mask, true), 0); // S ∝ M reaches R*
  await near(loss([2, 1, -7, -9], mask, true), 0); // negative evidence does not count
  await near(loss([9, 0, 0, 0], mask, false), 0);
  await near(loss([0, 0, 3, 1], mask, false), 1);
  for (const hinge of [true, false]) {
    await near(loss([0, 0, 0, 0], mask, hinge), 0);
    await near(loss([1, 2, 3, 4], [0, 0, 0, 0], hinge), 0);
    await near(loss([1, 2, 3, 4], [0.3, 0.3, 0.3, 0.3], hinge), 0);
    await near(loss([1, 2, 3, 4], [1, 1, 1, 1], hinge), 0);
  }
});

/** Each row one situation; S negative, zero and positive within a row where it matters. */
const EDGES: readonly { label: string; s: number[]; mask: number[] }[] = [
  { label: 'open', s: [1, -2, 3, 0.5, 2, -1], mask: [1, 0.2, 0, 0.7, 0.1, 0] },
  { label: 'hinge closed', s: [5, 0.1, -1, 0.1, -2, 0.1], mask: [1, 0.2, 0, 0.1, 0, 0] },
  { label: 'all-zero saliency', s: [0, 0, 0, 0, 0, 0], mask: [1, 0.2, 0, 0.7, 0.1, 0] },
  { label: 'negative saliency', s: [-1, -2, -3, -1, -5, -1], mask: [1, 0.2, 0, 0.7, 0.1, 0] },
  { label: 'constant mask', s: [1, -2, 3, 0.5, 2, -1], mask: [0.4, 0.4, 0.4, 0.4, 0.4, 0.4] },
  { label: 'mask of ones', s: [1, -2, 3, 0.5, 2, -1], mask: [1, 1, 1, 1, 1, 1] },
  { label: 'zero mask', s: [1, -2, 3, 0.5, 2, -1], mask: [0, 0, 0, 0, 0, 0] },
  { label: 'tiny saliency', s: [1e-10, -1, 1e-10, 0, 0, 0], mask: [1, 0.2, 0, 0.7, 0.1, 0] },
  { label: 'large saliency', s: [1e6, -2e6, 3e6, 0, 2e6, 0], mask: [1, 0.2, 0, 0.7, 0.1, 0] },
];

for (const hinge of [true, false]) {
  test(`the fused relevance loss equals its composite to second order, ${hinge ? 'hinge' : 'energy'}`, async () => {
    const shape = [EDGES.length, 2, 3];
    const s = gpu.parameter(
      EDGES.flatMap((row) => row.s),
      shape,
    );
    const mask = gpu.tensor(
      EDGES.flatMap((row) => row.mask),
      shape,
    );
    const attrs = { hinge, eps: 1e-8 };
    const composite = e.ops.get('relevanceLoss')?.definition.composite;
    assert.ok(composite);
    const random = new e.Random('relevance');
    const dy = gpu.parameter(random.fillNormal(new Float32Array(EDGES.length)), [EDGES.length]);
    const u = gpu.tensor(random.fillNormal(new Float32Array(e.sizeOf(shape))), shape);
    const orders = (loss: e.Tensor) => {
      const [first] = e.grad(loss, [s], { gradOutput: dy, createGraph: true });
      const second = e.grad(first, [s, dy], { gradOutput: u });
      return [loss, first, ...second];
    };
    const fused = orders(e.relevanceLoss(s, mask, attrs));
    const plain = orders(composite([s, mask], attrs));
    for (const [order, what] of [
      'loss',
      'gradient',
      'second order',
      'second order, dy',
    ].entries()) {
      const [actual, expected] = await Promise.all([fused[order].data(), plain[order].data()]);
      const each = actual.length / EDGES.length;
      EDGES.forEach(({ label }, n) => {
        const row = (values: Float32Array) => values.subarray(n * each, (n + 1) * each);
        const atol = 1e-5 * largest(row(expected));
        const op = `${what} of ${label}`;
        close(row(actual), row(expected), { op, shape: [each], rtol: 1e-5, atol });
      });
    }
  });
}

test('shapes that do not fit are named', () => {
  assert.throws(
    () => e.relevanceLoss(gpu.zeros([2, 3]), gpu.zeros([3, 2])),
    /relevanceLoss: saliency \[2, 3\] and mask \[3, 2\]/,
  );
});

test.run();
