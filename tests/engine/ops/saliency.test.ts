// Saliency maps against float64.

import { testOps } from '../../support/op-check.ts';

testOps('saliency');
