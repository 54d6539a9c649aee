// Ensembles: mean prediction and maps, entropies and spreads by hand; the whole measurement on made-up predictors.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Dataset, Split } from '../../../../gfsr/data/dataset.ts';
import type { Predictor } from '../../../../gfsr/evaluation/evaluator.ts';
import {
  Ensemble,
  predictionSpread,
  saliencySpread,
} from '../../../../gfsr/evaluation/uncertainty/ensemble.ts';
import { measureUncertainty } from '../../../../gfsr/evaluation/uncertainty/measure.ts';

const close = (a: number, b: number, tolerance = 1e-6) =>
  assert.ok(Math.abs(a - b) <= tolerance, `got ${a}, expected ${b}`);

const member = (probs: number[], maps: number[]): Predictor => ({
  predict: async () => ({ probs: Float32Array.from(probs) }),
  explain: async () => ({
    probs: Float32Array.from(probs),
    maps: Float32Array.from(maps),
    height: 1,
    width: 3,
  }),
});

const options = {
  source: 'cam',
  layer: 'last',
  method: 'gradcam',
  sign: 'relu',
  target: 'label',
} as const;
const one: Split = { count: 1, images: new Uint8Array(3), labels: Int32Array.of(0), ids: ['a'] };

test('the mean of probabilities, and of maps that sum to 1', async () => {
  const ensemble = new Ensemble([member([0.9, 0.1], [1, 1, 2]), member([0.5, 0.5], [0, 30, 10])]);
  const { probs, maps } = await ensemble.explain(one, options);
  close(probs[0], 0.7);
  [0.125, 0.5, 0.375].forEach((value, p) => {
    close(maps[p], value);
  });
  assert.throws(() => new Ensemble([member([1], [])]), /got 1 members, expected at least 2/);
});

test('entropy falls into what the members do not know and what they disagree on', () => {
  const apart = predictionSpread(
    [
      [1, 0],
      [0, 1],
    ],
    2,
  );
  close(apart.total[0], Math.log(2));
  close(apart.expected[0], 0);
  close(apart.disagreement[0], Math.log(2));
  const unsure = predictionSpread(
    [
      [0.5, 0.5],
      [0.5, 0.5],
    ],
    2,
  );
  close(unsure.total[0], Math.log(2));
  close(unsure.disagreement[0], 0);
});

test('the spread of saliency: deviation of maps that sum to 1, and rank correlation of pairs', () => {
  const map = (values: number[]) => ({ maps: Float32Array.from(values), height: 1, width: 3 });
  const same = saliencySpread([map([1, 2, 3]), map([10, 20, 30])]);
  close(same.agreement[0], 1);
  assert.ok(same.deviation.every((v) => v < 1e-7));
  const { agreement, deviation } = saliencySpread([map([1, 2, 5]), map([5, 2, 1]), map([1, 2, 5])]);
  close(agreement[0], (-1 - 1 + 1) / 3);
  close(deviation[0], Math.sqrt(1 / 12)); // 1/8, 5/8, 1/8: mean 7/24, squares (16 + 64 + 16)/24² over 2
  assert.ok(Number.isNaN(saliencySpread([map([0, 0, 0]), map([1, 2, 3])]).agreement[0]));
});

test('temperature and sets are fit on val and measured on test and on every condition', async () => {
  const split = (labels: number[], name: string): Split => ({
    count: labels.length,
    images: new Uint8Array(labels.length),
    labels: Int32Array.from(labels),
    ids: labels.map((_, i) => `${name}${i}`),
  });
  const mostly = Array.from({ length: 40 }, (_, i) => (i % 4 === 3 ? 1 : 0));
  const misleading = split(
    mostly.map((y) => 1 - y),
    'm',
  );
  const dataset = {
    name: 'made up',
    classes: ['a', 'b'],
    channels: 1,
    height: 1,
    width: 1,
    train: split(mostly, 't'),
    val: split(mostly, 'v'),
    test: split(mostly, 's'),
    tests: { misleading },
    notes: [],
  } satisfies Dataset & { tests: object };
  const sure: Predictor = {
    ...member([], []),
    predict: async ({ count }) => ({
      probs: Float32Array.from({ length: 2 * count }, (_, i) => (i % 2 ? 0.1 : 0.9)),
    }),
  };
  const { temperature, before, after, sets } = await measureUncertainty(sure, dataset, 0.2);
  close(temperature, 2, 1e-4);
  close(before.ece, 0.15, 1e-5);
  close(after.ece, 0, 1e-5);
  assert.ok(after.nll < before.nll);
  // Class 1 is 1 in 4 of val, more than a miss in 5, so that both classes are in every set.
  assert.is(sets.lac.test.coverage, 1);
  assert.is(sets.lac.test.size, 2);
  const strict = await measureUncertainty(sure, dataset, 0.3);
  close(strict.sets.aps.test.coverage, 0.75);
  close(strict.sets.aps.misleading.coverage, 0.25);
  assert.is(strict.sets.aps.test.size, 1);
});

test.run();
