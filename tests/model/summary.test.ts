// The table of a classifier.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { createClassifier, summary } from '../../model/index.ts';
import { testGpu } from '../support/gpu.ts';

const gpu = await testGpu();

test('layers, shapes and numbers of parameters', () => {
  const classifier = createClassifier(
    gpu,
    {
      ...{ architecture: 'small-cnn', channels: 3, classes: 2, size: 8 },
      ...{ widths: [4], hidden: 100, head: 'dense', norm: 'batch' },
    },
    0,
  );
  const { dispatches, usedBytes } = gpu.stats;
  assert.is(
    summary(classifier),
    `layer        weights          parameters
conv1        [4, 3, 3, 3]            108
bn1          [4] [4]                   8
fc1          [100, 64] [100]       6,500
fc           [2, 100] [2]            202

feature map  of one image
x            [3, 8, 8]
conv1        [4, 8, 8]
logits       [2]

6,818 parameters, 8 running statistics, 2 classes`,
  );
  assert.is(gpu.stats.dispatches, dispatches);
  assert.is(gpu.stats.usedBytes, usedBytes);
});

test.run();
