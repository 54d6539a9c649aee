// Pooling and its gradients against float64.

import { testOps } from '../../support/op-check.ts';

testOps('pool');
