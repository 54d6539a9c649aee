// An evaluator whose program could not be recorded works again, and can be disposed of.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { reshape, slice } from '../../../engine/ops/index.ts';
import { Evaluator } from '../../../gfsr/evaluation/evaluator.ts';
import type { Classifier } from '../../../model/classifier.ts';
import { Weights } from '../../../model/weights.ts';
import { rejects } from '../../support/assertions.ts';
import { testGpu } from '../../support/gpu.ts';

const gpu = await testGpu();

test('a program that could not be recorded is recorded at the next call', async () => {
  const before = gpu.stats.usedBytes;
  let fails = true;
  const classifier: Classifier = {
    shape: { channels: 1, size: 2, classes: 2 },
    weights: new Weights(gpu, 0),
    layers: [],
    largestActivation: 4,
    forward: (x) => {
      if (fails) throw new RangeError('gpu: needs more memory');
      const logits = slice(reshape(x, [x.shape[0], 4]), [0, 0], [x.shape[0], 2]);
      return { logits, features: {} };
    },
  };
  const stats = { mean: Float32Array.of(0), std: Float32Array.of(1) };
  const evaluator = new Evaluator(gpu, classifier, stats, { batch: 1 });
  const images = Uint8Array.of(9, 9, 0, 0);
  const split = { count: 1, images, labels: Int32Array.of(0), ids: ['a'] };
  await rejects(() => evaluator.predict(split), /needs more memory/);
  fails = false;
  assert.equal((await evaluator.predict(split)).probs, Float32Array.of(0.5, 0.5));
  fails = true;
  const failing = rejects(() => evaluator.features(split, [], () => {}), /needs more memory/);
  await evaluator.dispose();
  await failing;
  assert.is(gpu.stats.usedBytes, before);
});

test.run();
