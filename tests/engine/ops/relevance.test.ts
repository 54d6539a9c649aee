// The relevance loss against float64.

import { testOps } from '../../support/op-check.ts';

testOps('relevance');
