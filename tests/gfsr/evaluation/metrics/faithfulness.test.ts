// Insertion, deletion and ROAD for a classifier that looks at one pixel; randomisation of a real one's layers.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../../engine/core/random.ts';
import type { Split } from '../../../../gfsr/data/dataset.ts';
import { allBytes } from '../../../../gfsr/data/pixels.ts';
import { Evaluator } from '../../../../gfsr/evaluation/evaluator.ts';
import {
  areaUnder,
  exchanged,
  faithfulness,
  pixelOrder,
  type Score,
  scoreWith,
} from '../../../../gfsr/evaluation/metrics/faithfulness.ts';
import {
  layerNames,
  parameterRandomisation,
} from '../../../../gfsr/evaluation/metrics/parameter-randomisation.ts';
import { createClassifier } from '../../../../model/architectures.ts';
import { testGpu } from '../../../support/gpu.ts';

const close = (a: number, b: number, tolerance = 1e-6) =>
  assert.ok(Math.abs(a - b) <= tolerance, `got ${a}, expected ${b}`);

test('pixels in order of saliency; ties broken at random, the same for the same seed', () => {
  assert.equal([...pixelOrder([1, 3, 2], new Random(0))], [1, 2, 0]);
  const tied = (seed: number) => [...pixelOrder(new Float32Array(20), new Random(seed))];
  assert.equal(tied(1), tied(1));
  assert.not.equal(
    tied(1),
    [...tied(1)].sort((a, b) => a - b),
  );
});

test('images from one to the other, and the area under a curve', () => {
  const order = Uint32Array.of(2, 0, 1);
  const images = exchanged(Uint8Array.of(1, 2, 3), Uint8Array.of(0, 0, 0), order, 3);
  assert.equal(
    images.map((image) => [...image]),
    [
      [1, 2, 3],
      [1, 2, 0],
      [0, 2, 0],
      [0, 0, 0],
    ],
  );
  close(areaUnder([1, 0.5, 0]), 0.5);
  close(areaUnder([1, 0, 0]), 0.25);
});

const SIDE = 5;
const AREA = SIDE * SIDE;
const CENTRE = 12;
/** One white pixel on black. */
const dot: Split = {
  count: 2,
  images: Uint8Array.from({ length: 2 * AREA }, (_, p) => (p % AREA === CENTRE ? 255 : 0)),
  labels: Int32Array.of(0, 0),
  ids: ['a', 'b'],
};
/** Class 0 as far as the middle is white. */
const middle: Score = async (images, labels) =>
  Array.from(labels, (_, i) => images[i * AREA + CENTRE] / 255);
const options = { fill: [0], size: [SIDE, SIDE] as const, steps: AREA };

test('the right map deletes at once and inserts at once; the wrong one does so at last', async () => {
  const falling = Float32Array.from({ length: AREA }, (_, p) => (p === CENTRE ? 99 : p % 7));
  const maps = Float32Array.from([...falling, ...falling.map((v) => -v)]);
  const shape = { maps, height: SIDE, width: SIDE };
  const right = await faithfulness(middle, dot, shape, [0], options);
  const wrong = await faithfulness(
    middle,
    dot,
    { ...shape, maps: maps.subarray(AREA) },
    [1],
    options,
  );
  close(right.deletion.mean, 0.5 / AREA); // white only before the first step
  close(wrong.deletion.mean, 1 - 0.5 / AREA); // white up to the last
  const blurred = 184 / 255; // 255 / (1 + 2 e^(−2.42) + 2 e^(−9.68))², rounded
  close(right.insertion.mean, 1 - ((1 - blurred) * 0.5) / AREA);
  close(wrong.insertion.mean, blurred + ((1 - blurred) * 0.5) / AREA);
  assert.ok(right.road.mean > 0.45, `${right.road.mean}`);
  close(wrong.road.mean, -right.road.mean, 0.03); // except for noise, the two orders change places
  const both = await faithfulness(middle, dot, shape, [0, 1], options);
  close(both.deletion.mean, 0.5);
  assert.is(both.road.count, 2);
});

const gpu = await testGpu();
const CNN = {
  architecture: 'small-cnn',
  channels: 1,
  classes: 2,
  size: 8,
  widths: [2, 3],
  hidden: 4,
  head: 'dense',
  norm: 'batch',
} as const;
const STATS = { mean: Float32Array.of(0.5), std: Float32Array.of(0.3) };
const CAM = {
  source: 'cam',
  layer: 'first',
  method: 'hirescam',
  sign: 'abs',
  target: 'label',
} as const;
const random = new Random(2);
const noise: Split = {
  count: 3,
  images: Uint8Array.from({ length: 3 * 64 }, () => random.int(256)),
  labels: Int32Array.of(0, 1, 0),
  ids: ['a', 'b', 'c'],
};

test('a real classifier is scored by the probability of the label', async () => {
  const classifier = createClassifier(gpu, CNN, 0);
  const evaluator = new Evaluator(gpu, classifier, STATS, { batch: 4 });
  const { probs } = await evaluator.predict(noise);
  const scores = await scoreWith(evaluator)(allBytes(noise.images), noise.labels);
  assert.equal(Array.from(scores), [probs[0], probs[3], probs[4]]);
  await evaluator.dispose();
  classifier.weights.dispose();
});

test('layers are randomised from the output on, and the classifier is left as it is', async () => {
  const classifier = createClassifier(gpu, CNN, 0);
  const before = await classifier.weights.state();
  const layers = await parameterRandomisation(gpu, classifier, STATS, noise, [0, 1, 2], CAM);
  assert.equal(
    layers.map(({ layer }) => layer),
    layerNames(classifier).reverse(),
  );
  assert.equal(await classifier.weights.state(), before);
  const last = layers[layers.length - 1];
  assert.is(last.rankCorrelation.count, 3);
  assert.ok(last.rankCorrelation.mean < 0.9 && last.ssim.mean < 0.9, 'all weights are other ones');
  classifier.weights.dispose();
});

test('a layer is what makes a named map, or one of the others: stages of a ResNet, blocks of a MobileNet', () => {
  const { widths: _, hidden: __, head: ___, norm: ____, ...shape } = CNN;
  const stages = ['layer1', 'layer2', 'layer3', 'layer4'];
  const blocks = Array.from({ length: 13 }, (_, i) => `features.${i}`);
  for (const [config, expected] of [
    [CNN, ['conv1', 'bn1', 'conv2', 'bn2', 'fc1', 'fc']],
    [{ ...shape, architecture: 'resnet18', stageWidth: 2 }, ['conv1', 'bn1', ...stages, 'fc']],
    [
      { ...shape, architecture: 'mobilenet_v3_small', widthMult: 0.1 },
      [...blocks, 'classifier.0', 'classifier.3'],
    ],
  ] as const) {
    const classifier = createClassifier(gpu, config, 0);
    assert.equal(layerNames(classifier), expected);
    classifier.weights.dispose();
  }
});

test('the random weights of the very same seed change nothing', async () => {
  const classifier = createClassifier(gpu, CNN, 'randomised 7');
  const layers = await parameterRandomisation(gpu, classifier, STATS, noise, [0, 2], CAM, 7);
  for (const { rankCorrelation, ssim } of layers) {
    close(rankCorrelation.mean, 1);
    close(ssim.mean, 1);
  }
  classifier.weights.dispose();
});

test.run();
