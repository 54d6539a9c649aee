// Contextual decomposition: each rule by hand, and in a whole network part and rest add up to the logits.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { add, grad, matmul, mul, scaleShift, sub, sum, type Tensor } from '../../engine/index.ts';
import { type ClassifierConfig, createClassifier } from '../../model/architectures.ts';
import * as d from '../../model/decomposition.ts';
import { testGpu } from '../support/gpu.ts';

const gpu = await testGpu();

const row = (...values: number[]) => gpu.tensor(values, [1, values.length]);
const values = async ({ part, rest }: d.Decomposed) => [
  [...(await part.data())],
  [...(await rest.data())],
];
const near = (got: ArrayLike<number>, expected: ArrayLike<number>, within: number) =>
  assert.ok(
    got.length === expected.length &&
      Array.from(got).every((v, i) => Math.abs(v - expected[i]) <= within),
    `${Array.from(got)}, expected ${Array.from(expected)}`,
  );

test('an affine layer shares its bias out by the sizes of what it makes of both', async () => {
  // W = [[1, 0], [2, −1]], b = [10, 8]: W·part = [3, 6], W·rest = [1, −2].
  const weight = gpu.tensor([1, 2, 0, -1], [2, 2]);
  const layer = (x: Tensor) => add(matmul(x, weight), row(10, 8));
  const [part, rest] = await values(d.decomposeAffine(layer, { part: row(3, 0), rest: row(1, 4) }));
  near(part, [3 + (10 * 3) / 4, 6 + (8 * 6) / 8], 1e-5);
  near(rest, [1 + (10 * 1) / 4, -2 + (8 * 2) / 8], 1e-5);
});

test('where neither has a share nobody gets the bias, and the gradient is finite', async () => {
  const x = gpu.parameter([0, 0], [1, 2]);
  const layer = (v: Tensor) => scaleShift(v, 2, 5);
  const { part, rest } = d.decomposeAffine(layer, { part: x, rest: row(0, 0) });
  near(await part.data(), [0, 0], 0);
  near(await rest.data(), [0, 0], 0);
  const [dx] = grad(sum(add(part, rest)), [x]);
  assert.ok((await dx.data()).every(Number.isFinite));
});

test('ReLU gives the part what it is alone, and the rest what is added', async () => {
  const given = { part: row(2, -3, 1, -1), rest: row(-5, 4, 2, -1) };
  const [part, rest] = await values(d.decomposeRelu(given));
  assert.equal(part, [2, 0, 1, 0]);
  assert.equal(rest, [-2, 1, 2, 0]);
});

test('max pooling takes of both what lies where the whole is largest', async () => {
  const image = (...v: number[]) => gpu.tensor(v, [1, 1, 2, 2]);
  const given = { part: image(5, 0, 1, 2), rest: image(-9, 1, 3, 1) };
  const [part, rest] = await values(d.decomposeMaxPool(given, { kernelSize: 2 }));
  assert.equal([part, rest], [[1], [3]]);
});

for (const head of ['dense', 'pooled'] as const) {
  for (const norm of ['none', 'batch'] as const) {
    test(`a whole network, ${head} head, norm ${norm}: part and rest add up to the logits`, async () => {
      const config: ClassifierConfig = {
        ...{ architecture: 'small-cnn', channels: 2, classes: 3, size: 8, widths: [3, 4] },
        ...{ hidden: 5, head, norm },
      };
      const classifier = createClassifier(gpu, config, 'decomposition');
      const x = gpu.tensor(
        Float32Array.from({ length: 256 }, (_, i) => Math.sin(3 * i)),
        [2, 2, 8, 8],
      );
      const share = gpu.tensor(
        Float32Array.from({ length: 256 }, (_, i) => (i % 8 < 3 ? 1 : 0)),
        [2, 2, 8, 8],
      );
      const part = mul(x, share);
      const both = classifier.decompose?.({ part, rest: sub(x, part) }) as d.Decomposed;
      const { logits } = classifier.forward(x, { training: false });
      near(await add(both.part, both.rest).data(), await logits.data(), 2e-6);
      // The whole image as the part makes the logits.
      const [own] = await values(
        classifier.decompose?.({ part: x, rest: scaleShift(x, 0, 0) }) as d.Decomposed,
      );
      near(own, await logits.data(), 2e-6);
      classifier.weights.dispose();
    });
  }
}

test.after(() => gpu.destroy());
test.run();
