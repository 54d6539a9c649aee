// Gather, scatter and the k largest against float64.

import { testOps } from '../../support/op-check.ts';

testOps('indexing');
