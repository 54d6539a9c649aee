// Classification losses: values and gradients by hand, and that a training step uses the one it is told.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { grad } from '../../../engine/index.ts';
import {
  balancedClassWeights,
  type ClassificationLoss,
  classificationLoss,
} from '../../../gfsr/train/classification-loss.ts';
import { TrainingStep } from '../../../gfsr/train/step.ts';
import { createClassifier } from '../../../model/architectures.ts';
import { createSgd } from '../../../model/optimizer.ts';
import { testGpu } from '../../support/gpu.ts';

const gpu = await testGpu();
const close = (a: number, b: number, tolerance = 1e-5) =>
  assert.ok(Math.abs(a - b) <= tolerance, `got ${a}, expected ${b}`);

/** Logits whose softmax is 1/4, 3/4 and 1/2, 1/2; labels 1 and 0. */
const LOGITS = [0, Math.log(3), 0, 0];
const LABELS = new Uint32Array([1, 0]);

async function valueAndGrad(options: ClassificationLoss, logits = LOGITS) {
  const x = gpu.parameter(Float32Array.from(logits), [2, 2]);
  const labels = gpu.tensor(LABELS, [2], 'u32');
  const weights = options.weights && gpu.tensor(options.weights, [2]);
  const loss = classificationLoss(x, labels, options, weights);
  const [dx] = grad(loss, [x]);
  return { value: await loss.item(), gradient: await dx.data() };
}

test('cross-entropy: the mean of −ln p, its gradient (p − y)/N', async () => {
  const { value, gradient } = await valueAndGrad({ kind: 'cross-entropy', focalGamma: 2 });
  close(value, (Math.log(4 / 3) + Math.log(2)) / 2);
  [1 / 8, -1 / 8, -1 / 4, 1 / 4].forEach((v, i) => {
    close(gradient[i], v);
  });
});

test('weighted: each image by the weight of its class', async () => {
  const weights = Float32Array.of(3, 0.5);
  const { value, gradient } = await valueAndGrad({ kind: 'weighted', focalGamma: 2, weights });
  close(value, (0.5 * Math.log(4 / 3) + 3 * Math.log(2)) / 2);
  [0.5 / 8, -0.5 / 8, -3 / 4, 3 / 4].forEach((v, i) => {
    close(gradient[i], v);
  });
  const logits = gpu.tensor(LOGITS, [2, 2]);
  const labels = gpu.tensor(LABELS, [2], 'u32');
  assert.throws(
    () => classificationLoss(logits, labels, { kind: 'weighted', focalGamma: 2 }),
    /weighted needs a tensor of weights/,
  );
});

test('focal: (1 − p)^γ −ln p, and its gradient through both factors', async () => {
  for (const gamma of [0, 1, 2]) {
    const { value, gradient } = await valueAndGrad({ kind: 'focal', focalGamma: gamma });
    const focal = (p: number) => -((1 - p) ** gamma) * Math.log(p);
    close(value, (focal(0.75) + focal(0.5)) / 2);
    // d/dp of the above times dp/dz_y = p(1 − p), over N; the other logit's is the opposite.
    const slope = (p: number) =>
      (gamma * (1 - p) ** gamma * p * Math.log(p) - (1 - p) ** (gamma + 1)) / 2;
    [-slope(0.75), slope(0.75), slope(0.5), -slope(0.5)].forEach((v, i) => {
      close(gradient[i], v);
    });
  }
});

test('focal stays finite where the classifier is certain, right or wrong', async () => {
  for (const gamma of [0.5, 2]) {
    const { value, gradient } = await valueAndGrad(
      { kind: 'focal', focalGamma: gamma },
      [0, 60, 0, 60],
    );
    close(value, 30);
    assert.ok(gradient.every(Number.isFinite), `${gradient}`);
    close(gradient[0], 0);
  }
});

test('balanced weights: N / (C · n_c), an image weighs 1 on average, a class without images 0', () => {
  assert.equal([...balancedClassWeights([0, 0, 0, 1], 2)], [4 / 6, 2].map(Math.fround));
  assert.equal([...balancedClassWeights([0, 0, 2, 2], 3)], [1, 0, 1]);
});

test('a training step minimises the loss that it is told', async () => {
  const images = Float32Array.from({ length: 4 * 64 }, (_, i) => Math.sin(i));
  const labels = Uint32Array.of(0, 1, 1, 1);
  const losses: number[] = [];
  for (const classLoss of [
    { kind: 'cross-entropy', focalGamma: 2 },
    { kind: 'weighted', focalGamma: 2, weights: balancedClassWeights(labels, 2) },
    { kind: 'weighted', focalGamma: 2, weights: Float32Array.of(2, 2) },
    { kind: 'focal', focalGamma: 2 },
  ] as ClassificationLoss[]) {
    const cnn = { widths: [2], hidden: 4, head: 'dense', norm: 'none' } as const;
    const shape = { architecture: 'small-cnn', channels: 1, classes: 2, size: 8 } as const;
    const classifier = createClassifier(gpu, { ...shape, ...cnn }, 0);
    const optimizer = createSgd(gpu, classifier.weights.parameters);
    const step = await TrainingStep.create(gpu, classifier, optimizer, 4, undefined, { classLoss });
    optimizer.lr = 0.01;
    step.run({ images, labels });
    const before = (await step.losses()).crossEntropy;
    optimizer.lr = 0.1;
    for (let i = 0; i < 5; i++) step.run({ images, labels });
    const after = (await step.losses()).crossEntropy;
    assert.ok(after < before, `${classLoss.kind}: ${before} → ${after}`);
    losses.push(before);
    step.dispose();
    optimizer.dispose();
    classifier.weights.dispose();
  }
  const [plain, weighted, twice, focal] = losses;
  close(twice, 2 * plain);
  assert.is.not(weighted, plain);
  assert.ok(focal < plain / 2);
});

test.run();
