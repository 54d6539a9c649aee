// Saliency maps against float64, and the exact shortcut of Grad-CAM under a pooled head.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as e from '../../../engine/index.ts';
import { close, largest } from '../../support/close.ts';
import { testGpu } from '../../support/gpu.ts';
import { testNaN, testOps } from '../../support/op-check.ts';
import { specification } from './saliency.ts';

const gpu = await testGpu();

testOps(specification);

testNaN('normalizeMap', (x) => e.normalizeMap(e.reshape(x, [1, 4])));

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
});

test.run();
