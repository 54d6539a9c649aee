// Models that would silently not train, not save, or be judged wrongly: an error says so.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as m from '../../model/index.ts';
import { testGpu } from '../support/gpu.ts';

const gpu = await testGpu();

/** Something of the wrong kind, as JavaScript lets one pass. */
// biome-ignore lint/suspicious/noExplicitAny: that is what is tested
const any = (value: unknown): any => value;

test('two layers of one name are refused: the first would be neither trained nor saved', () => {
  const weights = new m.Weights(gpu, 0);
  const features = { inFeatures: 2, outFeatures: 1 };
  m.linearLayer(weights, 'fc', features);
  assert.throws(() => m.linearLayer(weights, 'fc', features), /weights: fc\.weight exists already/);
  assert.throws(
    () => weights.buffer('fc.bias', [1], m.constant(0)),
    /weights: fc\.bias exists already/,
  );
});

test('an unknown architecture, a size that is missing, and a layer without a mode', () => {
  const make = (config: object) => () => m.createClassifier(gpu, any(config), 0);
  const shape = { channels: 3, size: 32, classes: 2 };
  assert.throws(
    make({ ...shape, architecture: 'resnet50' }),
    /architecture is resnet50, expected one of small-cnn, resnet18, resnet34, mobi/,
  );
  assert.throws(
    make({ ...shape, architecture: 'resnet18', classes: undefined }),
    /createClassifier: classes is undefined, expected a whole number ≥ 1/,
  );
  const norm = m.batchNormLayer(new m.Weights(gpu, 0), 'bn', 2);
  assert.throws(() => norm(gpu.zeros([2, 2]), any(undefined)), /forward: mode is missing/);
});

test('shares, schedules, predictions and bytes of another kind', () => {
  const p = [gpu.parameter([1])];
  assert.throws(
    () => m.createAdam(gpu, p, { beta1: 1 }),
    /beta1 is 1, expected a number in \[0, 1\)/,
  );
  assert.throws(() => m.createSgd(gpu, p, { momentum: -1 }), /momentum is -1/);
  assert.throws(
    () => m.scheduleFactor(any('cosin'), 1, 10),
    /schedule: got cosin, expected one of constant, cosine/,
  );
  assert.throws(
    () => m.accuracy([0.1, 0.9], [1, 0]),
    /accuracy: prediction 0 is 0\.1, expected a class\. Take predictedClasses/,
  );
  assert.throws(
    () => m.decodeSafetensors(any(new ArrayBuffer(20))),
    /bytes is no Uint8Array\. Of an ArrayBuffer, take new Uint8Array\(buffer\)/,
  );
});

test.run();
