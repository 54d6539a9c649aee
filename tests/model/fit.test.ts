// Plain training from arrays: what a user writes in ten lines.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { add, mul, Random, square, sub } from '../../engine/index.ts';
import {
  accuracy,
  type Classifier,
  createClassifier,
  createSgd,
  type FitEpoch,
  type FitOptions,
  fit,
  predict,
  predictedClasses,
} from '../../model/index.ts';
import { balanced, rejects } from '../support/assertions.ts';
import { testGpu } from '../support/gpu.ts';

const gpu = await testGpu();
const SIZE = 8;
const COUNT = 50;

/** Images that are bright above or below, and which. */
function samples() {
  const random = new Random(0, 'halves');
  const labels = Uint32Array.from({ length: COUNT }, () => random.int(2));
  const data = Float32Array.from({ length: COUNT * SIZE * SIZE }, (_, i) => {
    const row = Math.floor(i / SIZE) % SIZE;
    const below = row >= SIZE / 2 ? 1 : 0;
    return random.normal() + (below === labels[Math.floor(i / SIZE ** 2)] ? 1 : 0);
  });
  return { x: { data, shape: [COUNT, 1, SIZE, SIZE] }, y: labels };
}

const classifier = (dropout = 0): Classifier =>
  createClassifier(
    gpu,
    {
      architecture: 'small-cnn',
      channels: 1,
      classes: 2,
      size: SIZE,
      widths: [4],
      hidden: 8,
      dropout,
    },
    0,
  );

async function trained(options: FitOptions, model = classifier()) {
  const history = await fit(model, samples(), { epochs: 3, batchSize: 16, lr: 1e-2, ...options });
  return { history, weights: await model.weights.state() };
}

test('a classifier learns, and says how well', async () => {
  const model = classifier();
  const seen: FitEpoch[] = [];
  await fit(model, samples(), { epochs: 1, lr: 0 }); // the first lays the weights out in one buffer
  const before = gpu.stats.usedBytes;
  const history = await fit(model, samples(), {
    epochs: 8,
    lr: 1e-2,
    schedule: 'cosine',
    onEpoch: (epoch) => seen.push(epoch),
  });
  assert.is(gpu.stats.usedBytes, before, 'bytes in use');
  assert.equal(seen, history);
  assert.is(history.length, 8);
  assert.ok(history[7].loss < 0.5 * history[0].loss, JSON.stringify(history));
  assert.ok((history[7].accuracy ?? 0) > 0.9, JSON.stringify(history));
  const { x, y } = samples();
  const logits = await predict(model, x, { batchSize: 16 });
  assert.ok(accuracy(predictedClasses(logits, 2), y) > 0.9);
});

test('the same seed gives the same weights, recorded or not; another seed gives others', async () => {
  const recorded = await trained({});
  assert.equal(await trained({ record: false }), recorded);
  assert.not.equal((await trained({ seed: 1 })).weights, recorded.weights);
});

test('dropLast and dropout change what is trained', async () => {
  const plain = await trained({});
  assert.not.equal((await trained({ dropLast: true })).weights, plain.weights);
  const dropped = await trained({}, classifier(0.5));
  assert.not.equal(dropped.weights, plain.weights);
  assert.equal(await trained({}, classifier(0.5)), dropped);
});

test('training ends where onEpoch says so', async () => {
  const { history } = await trained({ onEpoch: ({ epoch }) => epoch < 1 });
  assert.is(history.length, 2);
});

test('a function is fitted, from nested arrays', async () => {
  const [a, b] = [gpu.parameter(0), gpu.parameter(0)];
  const x = Array.from({ length: 20 }, (_, i) => [i / 10 - 1]);
  const y = x.map(([v]) => [3 * v - 2]);
  const line = {
    parameters: [a, b],
    loss: (input: typeof a, target: typeof a) => square(sub(add(mul(input, a), b), target)),
  };
  const history = await fit(
    line,
    { x, y },
    {
      epochs: 60,
      lr: 0.1,
      batchSize: 10,
      optimizer: (device, parameters) => createSgd(device, parameters),
    },
  );
  assert.ok(Math.abs((await a.item()) - 3) < 1e-2 && Math.abs((await b.item()) + 2) < 1e-2);
  assert.is(history[0].accuracy, undefined);
});

test('what does not fit is refused before anything is trained', async () => {
  const { x, y } = samples();
  const refused = async (
    data: Parameters<typeof fit>[1],
    message: RegExp,
    options?: FitOptions,
  ) => {
    const model = classifier();
    const before = await model.weights.state();
    const error = await fit(model, data, options).catch((e) => e);
    assert.match(String(error), message);
    assert.equal(await model.weights.state(), before);
  };
  const labels = Uint32Array.from(y);
  labels[7] = 12;
  await refused({ x, y: labels }, /label of sample 7 is 12, expected 0 to 1 for 2 classes/);
  await refused({ x, y: [...y].map(() => 0.5) }, /label of sample 0 is 0\.5/);
  await refused({ x, y: y.subarray(1) }, /x has 50 samples, y 49/);
  await refused({ x: { ...x, shape: [COUNT, 8, 8] }, y }, /classifier: x has shape \[32, 8, 8\]/);
  await refused({ x: { ...x, shape: [COUNT, 9] }, y }, /got 3200 values of shape \[50, 9\]/);
  const small = { batchSize: 64, dropLast: true };
  await refused({ x, y }, /50 samples do not fill a batch of 64/, small);
  for (const epochs of [0, -1, 1.5]) {
    const message = new RegExp(`fit: epochs is ${epochs}, expected a whole number ≥ 1`);
    await refused({ x, y }, message, { epochs });
  }
  const misspelt = { epoch: 3 } as FitOptions;
  await refused({ x, y }, /fit: unknown option epoch, expected some of epochs, lr, /, misspelt);
});

test('a model or samples that are missing are named', async () => {
  // biome-ignore lint/suspicious/noExplicitAny: as JavaScript lets it pass
  const call = fit as (...values: any[]) => Promise<unknown>;
  const why = async (...values: unknown[]) => String(await call(...values).catch((e) => e));
  const { x, y } = samples();
  assert.match(await why(classifier()), /TypeError: fit: the samples are undefined, expected/);
  assert.match(
    await why(classifier(), { inputs: x }),
    /fit: the samples are an object with inputs, expected \{ x, y \}/,
  );
  assert.match(await why(undefined, { x, y }), /TypeError: fit: the model is undefined/);
  assert.match(await why({ weights: 1 }, { x, y }), /fit: the model is an object with weights/);
});

test('a training that cannot be recorded leaves no memory behind', async () => {
  const forward = () => {
    throw new Error('on purpose');
  };
  const fails = { ...classifier(), forward };
  const refused = () => rejects(() => fit(fails, samples()), /on purpose/);
  await refused(); // places the weights in one buffer
  await balanced(gpu, refused);
});

test('a loss that is not finite ends the training', async () => {
  const { x, y } = samples();
  x.data[9] = Number.NaN;
  const error = await fit(classifier(), { x, y }).catch((e) => e);
  assert.match(String(error), /fit: the loss is NaN in epoch 0, batch \d\. Lower lr/);
});

test.run();
