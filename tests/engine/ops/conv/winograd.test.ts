// Convolutions that rearrange their operands first: every way of them agrees with the plainest.

import { test } from 'uvu';
import { algorithms } from '../../../../engine/ops/conv/algorithms.ts';
import { specification } from './index.ts';
import { testAgreement } from './strategies.ts';

const rearranging = algorithms.slice(1).filter((name) => !name.startsWith('rows'));
testAgreement(
  specification.ops,
  rearranging.map((name) => [name, 'registers']),
);

test.run();
