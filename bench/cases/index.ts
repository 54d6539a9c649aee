// Every kernel case, suite by suite.

import type { Case } from '../case.ts';
import { convolutionCases } from './convolution.ts';
import { elementwiseCases } from './elementwise.ts';
import { lossCases } from './loss.ts';
import { matmulCases } from './matmul.ts';
import { normCases } from './norm.ts';
import { poolCases } from './pool.ts';
import { publishedCases } from './published.ts';

export const cases: readonly Case[] = [
  ...convolutionCases,
  ...matmulCases,
  ...elementwiseCases,
  ...poolCases,
  ...normCases,
  ...lossCases,
  ...publishedCases,
];
