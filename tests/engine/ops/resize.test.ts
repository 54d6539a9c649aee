// Bilinear resizing and its adjoint against float64.

import { testOps } from '../../support/op-check.ts';

testOps('resize');
