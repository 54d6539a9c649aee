// MC-dropout: passes differ and repeat, their mean nears the classifier's own prediction, and both spreads are there.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseConfig } from '../../../../gfsr/config/parse.ts';
import type { Split } from '../../../../gfsr/data/dataset.ts';
import { Evaluator } from '../../../../gfsr/evaluation/evaluator.ts';
import {
  predictionSpread,
  saliencySpread,
} from '../../../../gfsr/evaluation/uncertainty/ensemble.ts';
import { mcDropout } from '../../../../gfsr/evaluation/uncertainty/mc-dropout.ts';
import { createClassifier } from '../../../../model/architectures.ts';
import { testGpu } from '../../../support/gpu.ts';
import { CNN, SIZE, wave } from '../../../support/short-training.ts';

const gpu = await testGpu();
const COUNT = 5;
const split: Split = {
  count: COUNT,
  images: Uint8Array.from(wave(COUNT * SIZE * SIZE, 1), (v) => 127 + 120 * v),
  labels: Int32Array.from({ length: COUNT }, (_, i) => i % 2),
  ids: Array.from({ length: COUNT }, (_, i) => `image ${i}`),
};
const stats = { mean: Float32Array.of(0.5), std: Float32Array.of(0.3) };
const options = parseConfig({ saliency: { layer: 'conv1', target: 'label' } }).saliency;
const classifier = createClassifier(gpu, { ...CNN, hidden: 32, dropout: 0.5 }, 0);

test('passes differ from each other, and repeat with their seed', async () => {
  const [one, same, other] = [0, 0, 1].map((seed) =>
    mcDropout(gpu, classifier, stats, { passes: 3, seed }),
  );
  const maps = async ({ ensemble }: typeof one) => ensemble.explainEach(split, options);
  const [a, b, c] = [await maps(one), await maps(same), await maps(other)];
  assert.equal(a, b);
  assert.is.not(a[0].probs.join(), a[1].probs.join());
  assert.is.not(a[0].maps.join(), c[0].maps.join());
  const spread = saliencySpread(a);
  assert.ok(spread.deviation.some((value) => value > 0));
  assert.is(spread.agreement.length, COUNT);
  const { disagreement } = predictionSpread(
    a.map(({ probs }) => probs),
    2,
  );
  assert.ok(disagreement.every((value) => value > 0));
  for (const each of [one, same, other]) await each.dispose();
});

test('the mean over many passes nears the classifier without dropout', async () => {
  const many = mcDropout(gpu, classifier, stats, { passes: 200 });
  const plain = new Evaluator(gpu, classifier, stats);
  const [mean, own] = [await many.ensemble.predict(split), await plain.predict(split)];
  mean.probs.forEach((p, i) => {
    assert.ok(Math.abs(p - own.probs[i]) < 0.02, `${p}, expected about ${own.probs[i]}`);
  });
  await many.dispose();
  await plain.dispose();
});

test('one evaluator answers with and without dropout at once, and mixes none of it', async () => {
  const evaluator = new Evaluator(gpu, classifier, stats, { batch: 2 });
  const ask = [
    evaluator,
    evaluator.dropping('a'),
    evaluator.dropping('b'),
    evaluator.dropping('a'),
  ];
  const atOnce = await Promise.all(ask.map((each) => each.explain(split, options)));
  const inTurn = [];
  for (const each of ask) inTurn.push(await each.explain(split, options));
  assert.equal(atOnce, inTurn);
  assert.equal(atOnce[1], atOnce[3]);
  assert.is.not(atOnce[0].probs.join(), atOnce[1].probs.join());
  assert.is.not(atOnce[1].probs.join(), atOnce[2].probs.join());
  await evaluator.dispose();
});

test('a classifier without dropout, and a single pass, are refused', () => {
  const without = createClassifier(gpu, CNN, 0);
  assert.throws(
    () => mcDropout(gpu, without, stats),
    /has no dropout.*Train a small-cnn or mobilenet_v3_small with dropout/,
  );
  assert.throws(() => mcDropout(gpu, classifier, stats, { passes: 1 }), /got 1 passes/);
  without.weights.dispose();
});

test.after(() => {
  classifier.weights.dispose();
  gpu.destroy();
});
test.run();
