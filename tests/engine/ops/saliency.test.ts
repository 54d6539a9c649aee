// Saliency maps against float64: the exact shortcut of Grad-CAM under a pooled head, and guidance at a middle layer.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as e from '../../../engine/index.ts';
import { array64 } from '../../support/array64.ts';
import { type Function64, slope64 } from '../../support/autodiff64.ts';
import { close, largest } from '../../support/close.ts';
import { testGpu } from '../../support/gpu.ts';
import { testNaN, testOps } from '../../support/op-check.ts';
import { references as r } from './index.ts';
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
        const alpha = e.scaleShift(e.matmul(hot, w), 1 / area, 0);
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
      const dAlpha = e.scaleShift(e.sum(e.mul(g, a), [2, 3]), 1 / area, 0);
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

/** A small network and its inputs. */
const shapes = { x: [2, 1, 5, 5], w1: [3, 1, 3, 3], w2: [2, 3, 3, 3], w3: [3, 18] };
const labels = [2, 0];
const ACTIVATIONS = { tanh: e.tanh, sigmoid: e.sigmoid };

/** Relevance loss of the map at a middle layer, and cross-entropy, for each image. */
function guidance64(
  method: e.SaliencyMethod,
  sign: e.SaliencySign,
  act: keyof typeof ACTIVATIONS,
): Function64 {
  const slope = act === 'tanh' ? (y: number) => 1 - y * y : (y: number) => y - y * y;
  return ([x, mask, w1, w2, w3]) => {
    const same = { stride: 1, padding: 1, dilation: 1, groups: 1, x: shapes.x, w: shapes.w1 };
    const valid = { ...same, padding: 0, x: [2, 3, 5, 5], w: shapes.w2 };
    const a = r[act]([r.conv2d([x, w1], same)], {});
    const b = r[act]([r.conv2d([a, w2], valid)], {});
    const logits = r.matmul([r.reshape([b], { shape: [2, 18] }), w3], { transposeB: true });
    // ∂(Σ logits[n, label n])/∂A by hand: the rows of w3 through the activation and the convolution.
    const db = array64(
      b.shape,
      b.data.map((v, i) => w3.data[labels[Math.floor(i / 18)] * 18 + (i % 18)] * slope(v)),
    );
    const g = r.conv2dInputGrad([db, w2], valid);
    const pooled = r.scaleShift(
      [r.sum([r.sum([g], { axis: 3, count: 1 })], { axis: 2, count: 1 })],
      {
        a: 1 / 25,
        b: 0,
      },
    );
    const s = r.saliency([a, method === 'gradcam' ? pooled : g], { sign });
    const guided = r.relevanceLoss([s, mask], { hinge: false, eps: 1e-8 });
    const entropy = r.softmaxCrossEntropy([logits, array64([2], labels)], {});
    return array64([4], [...guided.data, ...entropy.data]);
  };
}

for (const [method, sign, act] of [
  ['gradcam', 'relu', 'tanh'],
  ['gradcam', 'abs', 'sigmoid'],
  ['hirescam', 'relu', 'sigmoid'],
  ['hirescam', 'abs', 'tanh'],
] as const) {
  test(`guidance at a middle layer: ${method}, ${sign}, ${act}, to second order`, async () => {
    const random = new e.Random(`${method} ${sign} 1`);
    const values = (shape: readonly number[]) =>
      random.fillNormal(new Float32Array(e.sizeOf(shape)));
    const data = [
      array64(shapes.x, values(shapes.x)),
      array64([2, 5, 5], random.fillUniform(new Float32Array(50))),
      ...[shapes.w1, shapes.w2, shapes.w3].map((shape) =>
        array64(
          shape,
          values(shape).map((v) => Math.fround(v / 2)),
        ),
      ),
    ];
    const [x, mask] = data.map(({ data, shape }) => gpu.tensor(data, shape));
    const w = data.slice(2).map(({ data, shape }) => gpu.parameter(data, shape));
    const gradients = gpu.scope(() => {
      const a = ACTIVATIONS[act](e.conv2d(x, w[0], { padding: 1 }));
      const b = ACTIVATIONS[act](e.conv2d(a, w[1]));
      const logits = e.matmul(e.flatten(b), w[2], { transposeB: true });
      const classes = gpu.tensor(labels, [2], 'u32');
      const score = e.sum(e.mul(logits, e.oneHot(classes, 3)));
      const [g] = grad(score, [a], { createGraph: true });
      const s = e.saliencyMap(a, g, { method, sign });
      const guided = e.sum(e.relevanceLoss(s, mask, { hinge: false }));
      return grad(e.add(guided, e.sum(e.softmaxCrossEntropy(logits, classes))), w);
    });
    const f = guidance64(method, sign, act);
    for (const [i, dw] of gradients.entries()) {
      const at = data[i + 2];
      const expected = Array.from(at.data, (_, k) => {
        const axis = Float64Array.from(at.data, (_, j) => (j === k ? 1 : 0));
        return slope64(
          f,
          data,
          [1, 1, 1, 1],
          data.map((_, j) => (j === i + 2 ? axis : undefined)),
          1e-4, // some of S is near 0
        );
      });
      assert.ok(largest(expected) > 1e-3, 'there is a gradient to compare');
      const [rtol, atol] = [5e-5, 5e-5 * largest(expected)];
      close(await dw.data(), expected, { op: `w${i + 1}`, shape: dw.shape, rtol, atol });
    }
  });
}

test('shapes that do not fit are named', () => {
  const a = gpu.zeros([2, 3, 4, 4]);
  assert.throws(
    () => e.saliencyOf(a, gpu.zeros([2, 3, 4, 1]), 'relu'),
    /saliency: activations \[2, 3, 4, 4\] and weight \[2, 3, 4, 1\]/,
  );
});

test.run();
