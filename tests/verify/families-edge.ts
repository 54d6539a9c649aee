// Sizes about 65,535 workgroups, where a dispatch takes its second dimension; cheap ops, values only.

import type { Random } from '../../engine/core/random.ts';
import * as e from '../../engine/index.ts';
import { normal, positive } from '../support/op-inputs.ts';
import { array64, references } from '../support/reference.ts';
import { type Families, type Family, pick } from './configuration.ts';

/** The most workgroups that WebGPU promises in one dimension. */
const LIMIT = 65535;
const nearLimit = (random: Random): number => LIMIT + pick(random, [-1, 0, 1, 2, 68, 65535, 65536]);

type Rows = Readonly<Record<'rows' | 'length', number>>;

/** A kernel that gives each row a workgroup. */
const perRow = (lengths: readonly number[], problem: Family<Rows>['problem']): Family<Rows> => ({
  forwardOnly: true,
  draw: (random) => ({ rows: nearLimit(random), length: pick(random, lengths) }),
  problem,
});

const channelMoments = perRow([1, 2, 3], ({ rows, length }) => ({
  inputs: [normal([length, rows])],
  run: ([x]) => e.channelMoments(x),
  reference: (arrays) => references.channelMoments(arrays, {}),
  terms: length,
}));

const normalizeMap = perRow([1, 2, 3], ({ rows, length }) => ({
  inputs: [positive([rows, length])],
  run: ([x]) => e.normalizeMap(x),
  reference: (arrays) => references.normalizeMap(arrays, { eps: 1e-12 }),
  terms: 1,
}));

const relevanceLoss = perRow([2, 3], ({ rows, length }) => ({
  inputs: [positive([rows, length]), positive([rows, length])],
  run: ([s, mask]) => e.relevanceLoss(s, mask, { hinge: false }),
  reference: (arrays) => references.relevanceLoss(arrays, { hinge: false, eps: 1e-8 }),
  terms: length,
}));

/** Rows of at least 48, which broadcasting takes a workgroup each. */
const addRows = perRow([48, 49], ({ rows, length }) => ({
  inputs: [normal([rows, length]), normal([length])],
  run: ([a, b]) => e.add(a, b),
  reference: ([a, b]) =>
    array64(
      a.shape,
      a.data.map((v, i) => v + b.data[i % length]),
    ),
  terms: 1,
}));

/** Elements to a workgroup of a kernel over independent items: 64 threads of 8. */
const ITEMS = 512;

/** 2²⁵ float32 are the largest binding that WebGPU promises, and 511 more than a row of workgroups takes. */
const copyItems: Family<Readonly<Record<'past', number>>> = {
  forwardOnly: true,
  least: { past: 0 },
  draw: (random) => ({ past: pick(random, [1, 2, 255, 511]) }),
  problem: ({ past }) => {
    const size = LIMIT * ITEMS + past;
    const columns = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37].find((n) => size % n === 0);
    if (!columns) return;
    return {
      inputs: [normal([columns])],
      run: ([x]) => e.broadcastTo(x, [size / columns, columns]),
      reference: ([x]) => {
        const y = array64([size / columns, columns]);
        for (let i = 0; i < size; i++) y.data[i] = x.data[i % columns];
        return y;
      },
      terms: 1,
    };
  },
};

export const edgeFamilies: Families = {
  'edge:channelMoments': channelMoments,
  'edge:normalizeMap': normalizeMap,
  'edge:relevanceLoss': relevanceLoss,
  'edge:add': addRows,
  'edge:broadcastTo': copyItems,
};
