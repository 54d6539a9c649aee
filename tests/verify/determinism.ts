// Repeatability: two trainings of one seed must give the same weights, bit for bit.

import type { Gpu } from '../../engine/index.ts';
import { trainingHash } from '../support/short-training.ts';

const STEPS = 5;

/** Trains `pairs` pairs of fresh models, each pair of one seed, and names those whose weights' SHA-256 differ. */
export async function differingPairs(gpu: Gpu, pairs: number): Promise<string[]> {
  const differing: string[] = [];
  for (let seed = 0; seed < pairs; seed++) {
    const [first, second] = [
      await trainingHash(gpu, { steps: STEPS, seed }),
      await trainingHash(gpu, { steps: STEPS, seed }),
    ];
    if (first !== second) differing.push(`seed ${seed}: ${first} and ${second}`);
  }
  return differing;
}
