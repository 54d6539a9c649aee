// Softmax and cross-entropy against float64.
import { test } from 'uvu';
import * as e from '../../../engine/index.ts';
import { testNaN, testOps } from '../../support/op-check.ts';
import { specification } from './softmax.ts';

testOps(specification);

testNaN('logSoftmax', (x) => e.logSoftmax(e.reshape(x, [1, 4])));

test.run();
