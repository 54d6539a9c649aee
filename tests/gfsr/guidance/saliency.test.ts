// Saliency sources on a classifier so small that each map can be worked out by hand.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { concat, mul, reshape, square, sum, type Tensor } from '../../../engine/index.ts';
import { type SaliencyOptions, saliency, toMap } from '../../../gfsr/guidance/saliency.ts';
import type { Classifier } from '../../../model/classifier.ts';
import { testGpu } from '../../support/gpu.ts';

const gpu = await testGpu();

/** Two channels of one row of two pixels. */
const X = [1, -2, 3, 0.5];
const SHAPE = [1, 2, 1, 2];

/** z_0 = ½ Σ w·x², z_1 = −Σ x; the feature map is x itself. */
const weight = gpu.tensor([2, 4, -6, 8], SHAPE);
const forward = (x: Tensor) => {
  const z0 = sum(mul(square(x), weight), [1, 2, 3]);
  const z1 = sum(x, [1, 2, 3]);
  const logits = concat(
    [reshape(z0, [1, 1]), reshape(z1, [1, 1])].map((z, i) =>
      mul(z, gpu.tensor([i ? -1 : 0.5], [1, 1])),
    ),
    1,
  );
  return { logits, features: { map: x } };
};
const classifier = { layers: ['map'], forward } as unknown as Classifier;

async function map(options: Partial<SaliencyOptions>, label = 0, x = X): Promise<number[]> {
  const image = gpu.tensor(x, SHAPE);
  image.requiresGrad = true;
  const labels = gpu.tensor([label], [1], 'u32');
  const all = {
    ...{ source: 'cam', layer: 'map', method: 'hirescam', sign: 'signed', target: 'label' },
    ...options,
  } as SaliencyOptions;
  const context = { classifier, image, result: forward(image), labels, createGraph: false };
  return [...(await saliency(context, all).data())];
}

// ∂z_0/∂x = w·x = [2, −8, −18, 4].
test('the input gradient keeps its channels where it is signed, and folds them elsewhere', async () => {
  assert.equal(await map({ source: 'input-gradient' }), [2, -8, -18, 4]);
  assert.equal(await map({ source: 'input-gradient', sign: 'abs' }), [20, 12]);
  assert.equal(await map({ source: 'input-gradient', sign: 'relu' }), [2, 4]);
});

test('input × gradient sums over channels before its sign is taken', async () => {
  assert.equal(await map({ source: 'input-x-gradient' }), [2 - 54, 16 + 2]);
  assert.equal(await map({ source: 'input-x-gradient', sign: 'relu' }), [0, 18]);
  assert.equal(await map({ source: 'input-x-gradient', sign: 'abs' }), [52, 18]);
});

test('integrated gradients add up to the score, whatever the number of steps', async () => {
  for (const integrationSteps of [1, 4]) {
    assert.equal(await map({ source: 'integrated-gradients', integrationSteps }), [1 - 27, 8 + 1]);
    assert.equal(await map({ source: 'integrated-gradients', integrationSteps }, 1), [-4, 1.5]);
  }
});

test('Grad-CAM, HiResCAM and Grad-CAM++ weigh the same feature map each in its way', async () => {
  const x = [1, 2, 3, 0.5]; // gradient [2, 8 | −18, 4]
  assert.equal(await map({ method: 'hirescam' }, 0, x), [2 - 54, 16 + 2]);
  assert.equal(await map({ method: 'gradcam' }, 0, x), [5 - 7 * 3, 5 * 2 - 7 * 0.5]);
  // α = Σ g⁺/(2 + g⁺·ΣA): channel 0 with ΣA = 3, channel 1 with ΣA = 3.5 and only its second pixel
  const [a, b] = [2 / 8 + 8 / 26, 4 / 16];
  const got = await map({ method: 'gradcam++' }, 0, x);
  const expected = [a + 3 * b, 2 * a + 0.5 * b];
  assert.ok(
    expected.every((v, i) => Math.abs(got[i] - v) < 1e-6),
    `${got}`,
  );
});

test('the target contrast takes the evidence for other classes off', async () => {
  // ∂(z_0 − z_1)/∂x = w·x + 1
  const target = 'contrast';
  assert.equal(await map({ source: 'input-gradient', target }), [3, -7, -17, 5]);
  assert.equal(await map({ source: 'input-gradient', target }, 1), [-3, 7, 17, -5]);
});

test('the target max-logit explains the class that is predicted', async () => {
  // z = [½(2 + 16 − 54 + 2), −2.5]: class 1, whose gradient is −1 everywhere.
  assert.equal(await map({ source: 'input-gradient', target: 'max-logit' }), [-1, -1, -1, -1]);
});

test('maps for pictures are never negative', async () => {
  const gradient = gpu.tensor(X, SHAPE);
  assert.equal([...(await toMap(gradient, 'signed').data())], [4, 2.5]);
});

test.after(() => gpu.destroy());
test.run();
