// Saliency and the relevance loss: the exact shortcut of Grad-CAM, worked values, fused against composite.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as e from '../../../engine/index.ts';
import { close, largest } from '../../support/close.ts';
import { testGpu } from '../../support/gpu.ts';

const gpu = await testGpu();
const { grad } = e;
const [N, K, H, W, CLASSES] = [3, 4, 5, 7, 6];
const area = H * W;

async function same(actual: e.Tensor, expected: e.Tensor, op: string, rtol = 2e-5): Promise<void> {
  assert.equal([...actual.shape], [...expected.shape]);
  const values = await expected.data();
  close(await actual.data(), values, {
    op,
    shape: actual.shape,
    rtol,
    atol: rtol * largest(values),
  });
}

/** A globally pooled linear head on A, both with values that leave some of S negative. */
function pooledHead(seed: string) {
  const random = new e.Random(seed);
  const noise = (shape: e.Shape) => random.fillNormal(new Float32Array(e.sizeOf(shape)));
  const a = gpu.parameter(noise([N, K, H, W]), [N, K, H, W]);
  const w = gpu.parameter(noise([CLASSES, K]), [CLASSES, K]);
  const labels = gpu.tensor([5, 0, 3], [N], 'u32');
  const mask = gpu.tensor(random.fillUniform(new Float32Array(N * area)), [N, H, W]);
  const logits = e.matmul(e.globalAvgPool(a), w, { transposeB: true });
  const hot = e.oneHot(labels, CLASSES);
  const [gradient] = grad(e.sum(e.mul(logits, hot)), [a], { createGraph: true });
  return { a, w, hot, mask, gradient };
}

const lossOf = (s: e.Tensor, mask: e.Tensor, hinge: boolean) =>
  e.sum(e.relevanceLoss(s, mask, { hinge }));

for (const sign of ['signed', 'relu', 'abs'] as const) {
  for (const method of ['gradcam', 'hirescam'] as const) {
    test(`pooled linear head: the shortcut of ${method}, ${sign}, equals the second-order path`, async () => {
      const { a, w, hot, mask, gradient } = pooledHead(`shortcut ${sign}`);
      const s = e.saliencyMap(a, gradient, { method, sign });
      const general = grad(lossOf(s, mask, false), [a, w]);

      // α_k = w_ck/HW. With g = ∂L/∂S through the sign: ∂L/∂A_k = g·w_ck/HW, ∂L/∂w_ck = Σ_p g·A_k/HW.
      const shortcut = e.noGrad(() => {
        const alpha = e.affine(e.matmul(hot, w), 1 / area, 0);
        const weight = e.reshape(alpha, [N, K, 1, 1]);
        const signed = e.sum(e.mul(a, weight), [1]);
        const map = { signed, relu: e.relu(signed), abs: e.abs(signed) }[sign];
        return { weight, signed, map };
      });
      const leaf = gpu.tensor(await shortcut.map.data(), [N, H, W]);
      leaf.requiresGrad = true;
      const [dMap] = grad(lossOf(leaf, mask, false), [leaf]);
      const gate = {
        signed: undefined,
        relu: e.step(shortcut.signed),
        abs: e.sign(shortcut.signed),
      };
      const g = e.reshape(gate[sign] ? e.mul(dMap, gate[sign]) : dMap, [N, 1, H, W]);
      const dA = e.mul(g, shortcut.weight);
      const dAlpha = e.affine(e.sum(e.mul(g, a), [2, 3]), 1 / area, 0);
      const dW = e.matmul(hot, dAlpha, { transposeA: true });

      await same(s, shortcut.map, 'S');
      await same(general[0], dA, '∂L/∂A');
      await same(general[1], dW, '∂L/∂w');
      assert.ok(largest(await dA.data()) > 0 && largest(await dW.data()) > 0);
    });
  }
}

test('with a pooled linear head HiResCAM is Grad-CAM', async () => {
  const { a, gradient } = pooledHead('equal');
  const [grad, hires] = (['gradcam', 'hirescam'] as const).map((method) =>
    e.saliencyMap(a, gradient, { method, sign: 'relu' }),
  );
  await same(grad, hires, 'S');
});

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
      const [first] = grad(loss, [s], { gradOutput: dy, createGraph: true });
      const second = grad(first, [s, dy], { gradOutput: u });
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

test('a saliency map scaled to its maximum: bounds, signs, and a map of nothing', async () => {
  const x = gpu.parameter([1, -4, 2, 0, 0, 0, 1e-20, -3e-20, 0], [3, 3]);
  const y = e.normalizeMap(x);
  const values = await y.data();
  close(values, [0.25, -1, 0.5, 0, 0, 0, 0, 0, 0], {
    op: 'normalizeMap',
    shape: [3, 3],
    rtol: 1e-6,
  });
  const dx = await grad(e.sum(y), [x])[0].data();
  assert.equal([...dx.subarray(3)], [0, 0, 0, 0, 0, 0], 'no gradient below eps');
});

test('shapes that do not fit are named', () => {
  const a = gpu.zeros([2, 3, 4, 4]);
  assert.throws(
    () => e.saliencyOf(a, gpu.zeros([2, 3, 4, 1]), 'relu'),
    /saliency: activations \[2, 3, 4, 4\] and weight \[2, 3, 4, 1\]/,
  );
  assert.throws(
    () => e.relevanceLoss(gpu.zeros([2, 3]), gpu.zeros([3, 2])),
    /relevanceLoss: saliency \[2, 3\] and mask \[3, 2\]/,
  );
});

test.run();
