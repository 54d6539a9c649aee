// Softmax and cross-entropy: hand-picked cases, float64 references and random configurations.
import * as e from '../../../engine/index.ts';
import { type Array64, build, rowOf } from '../../support/array64.ts';
import { given, labels, normal, plain } from '../../support/op-inputs.ts';
import { type Bound, drawRows, type Rows, type Sampler } from '../../support/sampler.ts';
import type { OpSpecification, Specification } from '../../support/specification.ts';

function logSoftmaxRow(logits: Array64, n: number): number[] {
  const row = rowOf(logits, n);
  const most = Math.max(...row);
  const total = row.reduce((sum, v) => sum + Math.exp(v - most), 0);
  return row.map((v) => v - most - Math.log(total));
}

const largeLogits = given([2, 3], 1000, 999, -1000, -500, -500, -501);

const ops = {
  logSoftmax: {
    reference: ([logits]) => build(logits.shape, ([n, k]) => logSoftmaxRow(logits, n)[k]),
    cases: [
      ...plain([normal], [[1, 1]], [[3, 2]], [[5, 7]], [[131, 3]]),
      { label: 'large logits', inputs: [largeLogits], order: 0 },
    ],
  },
  softmax: {
    reference: ([logits]) =>
      build(logits.shape, ([n, k]) => {
        const row = rowOf(logits, n);
        return 1 / row.reduce((sum, v) => sum + Math.exp(v - row[k]), 0);
      }),
    cases: plain([normal], [[1, 1]], [[5, 7]]).map((c) => ({ ...c, run: ([x]) => e.softmax(x) })),
  },
  oneHot: {
    reference: ([truth], { classes }) =>
      build([truth.data.length, classes], ([n, k]) => (truth.data[n] === k ? 1 : 0)),
    cases: [
      { label: '7 labels of 5', inputs: [labels(7, 5)], attrs: { classes: 5 } },
      { label: 'one class', inputs: [labels(3, 1)], attrs: { classes: 1 } },
    ],
  },
  softmaxCrossEntropy: {
    reference: ([logits, truth]) =>
      build([logits.shape[0]], ([n]) => -logSoftmaxRow(logits, n)[truth.data[n]]),
    cases: [
      { label: '[5, 7]', inputs: [normal([5, 7]), labels(5, 7)] },
      { label: '[131, 2]', inputs: [normal([131, 2]), labels(131, 2)], order: 1 },
      { label: '[1, 1]', inputs: [normal([1, 1]), labels(1, 1)] },
      { label: 'large logits', inputs: [largeLogits, labels(2, 3)], order: 0 },
    ],
  },
  softmaxCrossEntropyInputGrad: {
    reference: ([dy, logits, truth]) =>
      build(
        logits.shape,
        ([n, k]) =>
          dy.data[n] * (Math.exp(logSoftmaxRow(logits, n)[k]) - (truth.data[n] === k ? 1 : 0)),
      ),
    cases: [
      { label: '[5, 7]', inputs: [normal([5]), normal([5, 7]), labels(5, 7)] },
      { label: '[67, 3]', inputs: [normal([67]), normal([67, 3]), labels(67, 3)], order: 1 },
      { label: '[1, 1]', inputs: [normal([1]), normal([1, 1]), labels(1, 1)] },
    ],
  },
} satisfies Record<string, OpSpecification>;

const bound: Bound = {
  factor: 2,
  terms: 'classes',
  why: 'one exp per term, 3 + 2|x| units off, and a logarithm of their sum',
};

const softmax: Sampler<Rows> = {
  bound,
  draw: drawRows,
  problem: ({ n, classes }) => ({
    inputs: [normal([n, classes])],
    run: ([x]) => e.softmax(x),
    reference: (arrays) => ops.softmax.reference(arrays),
    terms: classes,
  }),
};

const softmaxCrossEntropy: Sampler<Rows> = {
  bound,
  draw: drawRows,
  problem: ({ n, classes }) => ({
    inputs: [normal([n, classes]), labels(n, classes)],
    run: ([logits, truth]) => e.softmaxCrossEntropy(logits, truth),
    reference: (arrays) => ops.softmaxCrossEntropy.reference(arrays),
    terms: classes,
  }),
};

export const specification: Specification = { ops, samplers: { softmax, softmaxCrossEntropy } };
