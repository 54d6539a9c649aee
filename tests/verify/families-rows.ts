// Random rows [n, classes]: softmax and its loss, values picked by label or rank, losses and similarities.

import type { Random } from '../../engine/core/random.ts';
import * as e from '../../engine/index.ts';
import { between, distinct, labels, type Maker, normal, positive } from '../support/op-inputs.ts';
import { references } from '../support/reference.ts';
import { type Families, type Family, type Problem, pick } from './configuration.ts';

type Rows = Readonly<Record<'n' | 'classes', number>>;

const drawRows = (random: Random): Rows => ({
  n: pick(random, [1, 2, 3, 5, 7, 17, 67]),
  classes: pick(random, [1, 2, 3, 5, 7, 10, 13]),
});

const softmax: Family<Rows> = {
  draw: drawRows,
  problem: ({ n, classes }) => ({
    inputs: [normal([n, classes])],
    run: ([x]) => e.softmax(x),
    reference: (arrays) => references.exp([references.logSoftmax(arrays, {})], {}),
    terms: classes,
  }),
};

const softmaxCrossEntropy: Family<Rows> = {
  draw: drawRows,
  problem: ({ n, classes }) => ({
    inputs: [normal([n, classes]), labels(n, classes)],
    run: ([logits, truth]) => e.softmaxCrossEntropy(logits, truth),
    reference: (arrays) => references.softmaxCrossEntropy(arrays, {}),
    terms: classes,
  }),
};

const gather: Family<Rows> = {
  draw: drawRows,
  problem: ({ n, classes }) => ({
    inputs: [normal([n, classes]), labels(n, classes)],
    run: ([x, where]) => e.gather(x, where),
    reference: (arrays) => references.gather(arrays, {}),
    terms: 1,
    quadratic: true,
  }),
};

const scatter: Family<Rows> = {
  draw: drawRows,
  problem: ({ n, classes }) => ({
    inputs: [normal([n]), labels(n, classes)],
    run: ([v, where]) => e.scatter(v, where, classes),
    reference: (arrays) => references.scatter(arrays, { classes }),
    terms: 1,
    quadratic: true,
  }),
};

const topKThreshold: Family<Rows & { readonly k: number }> = {
  draw: (random) => {
    const rows = drawRows(random);
    return { ...rows, k: 1 + random.int(rows.classes) };
  },
  problem: ({ n, classes, k }) => {
    if (k > classes) return;
    return {
      inputs: [distinct([n, classes])],
      run: ([x]) => e.topKThreshold(x, k),
      reference: (arrays) => references.topKThreshold(arrays, { k }),
      terms: 1,
    };
  },
};

/** At least 0.4 from 0, of either sign: a similarity has slopes of 1/‖x‖. */
const signed: Maker = (shape) => ({
  shape,
  values: (random, size) =>
    Float32Array.from(positive(shape).values(random, size), (v) => (random.int(2) ? v : -v)),
});

/** A function of two arrays of the same rows. */
const pair = (
  name: string,
  makers: readonly [Maker, Maker],
  run: (a: e.Tensor, b: e.Tensor) => e.Tensor,
): Family<Rows> => ({
  draw: drawRows,
  problem: ({ n, classes }): Problem => ({
    inputs: makers.map((make) => make([n, classes])),
    run: ([a, b]) => run(a, b),
    reference: (arrays) => references[name](arrays, {}),
    terms: classes,
  }),
});

export const rowFamilies: Families = {
  softmax,
  softmaxCrossEntropy,
  gather,
  scatter,
  topKThreshold,
  cosineSimilarity: pair('cosineSimilarity', [signed, signed], e.cosineSimilarity),
  klDivergence: pair('klDivergence', [normal, between(0.1, 1)], e.klDivergence),
  binaryCrossEntropy: pair('binaryCrossEntropy', [normal, between(0, 1)], e.binaryCrossEntropy),
};
