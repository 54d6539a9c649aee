// Convolutions of few channels, straight from the images: every way of them agrees with the plainest.

import { test } from 'uvu';
import { algorithms } from '../../../../engine/ops/conv/algorithms.ts';
import { specification } from './index.ts';
import { testAgreement } from './strategies.ts';

const rows = algorithms.filter((name) => name.startsWith('rows'));
testAgreement(
  specification.ops,
  rows.map((name) => [name, 'registers']),
);

test.run();
