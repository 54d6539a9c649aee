// Sums and maxima against float64.

import { testOps } from '../../support/op-check.ts';

testOps('reduce');
