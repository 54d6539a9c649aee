// Log-softmax, one-hot labels and softmax cross-entropy.

import * as kernels from '../../kernels/softmax.ts';
import { type ApplyOp, defineOp } from '../autodiff/registry.ts';
import { checkLabels } from '../core/label-check.ts';
import { formatShape, type Tensor } from '../core/tensor.ts';
import { reshape, sum } from './broadcast.ts';
import { exp, log, mul, neg, sub } from './elementwise.ts';
import { max } from './reduce.ts';

function needRows(name: string, x: Tensor): void {
  if (x.rank !== 2) {
    throw new RangeError(
      `${name}: logits have shape ${formatShape(x.shape)}, expected [N, classes].`,
    );
  }
}

function needLabels(name: string, logits: Tensor, labels: Tensor): void {
  needRows(name, logits);
  if (labels.rank !== 1 || labels.shape[0] !== logits.shape[0]) {
    throw new RangeError(
      `${name}: labels have shape ${formatShape(labels.shape)}, expected [${logits.shape[0]}].`,
    );
  }
  checkLabels(name, labels, logits.shape[1]);
}

const kernelArgs = (logits: Tensor) => ({ size: logits.shape[0], classes: logits.shape[1] });

const logSoftmaxOp: ApplyOp = defineOp('logSoftmax', {
  inputs: ['logits'],
  shape: ([x]) => {
    needRows('logSoftmax', x);
    return x.shape;
  },
  forward: (gpu, [logits], _, y) => gpu.run(kernels.logSoftmax, { logits, y }, kernelArgs(logits)),
  vjp: [({ dy, y }) => sub(dy, mul(exp(y), sum(dy, [1], { keepDims: true })))],
  composite: ([x]) => {
    const shifted = sub(x, max(x, [1], { keepDims: true }));
    return sub(shifted, log(sum(exp(shifted), [1], { keepDims: true })));
  },
});

/** y = x − ln Σ_k e^{x_k}, row by row: [N, classes] → [N, classes]. */
export const logSoftmax = (logits: Tensor): Tensor => logSoftmaxOp([logits], undefined);

/** Probabilities of each row: [N, classes] → [N, classes]. */
export const softmax = (logits: Tensor): Tensor => exp(logSoftmax(logits));

const oneHotOp: ApplyOp<{ classes: number }> = defineOp('oneHot', {
  inputs: ['labels'],
  dtypes: ['u32'],
  shape: ([labels], { classes }) => {
    checkLabels('oneHot', labels, classes);
    return [labels.size, classes];
  },
  forward: (gpu, [labels], { classes }, y) =>
    gpu.run(kernels.oneHot, { labels, y }, { size: y.size, classes }),
  vjp: ['zero'],
});

/**
 * y[i, k] = 1 if k = labels[i], else 0.
 *
 * @param labels u32 [N], each below `classes`
 * @returns [N, classes]
 * @throws RangeError if the host wrote a label outside the classes
 */
export const oneHot = (labels: Tensor, classes: number): Tensor => oneHotOp([labels], { classes });

const column = (x: Tensor): Tensor => reshape(x, [x.size, 1]);

const crossEntropyOp: ApplyOp = defineOp('softmaxCrossEntropy', {
  inputs: ['logits', 'labels'],
  dtypes: ['f32', 'u32'],
  shape: ([logits, labels]) => {
    needLabels('softmaxCrossEntropy', logits, labels);
    return [logits.shape[0]];
  },
  forward: (gpu, [logits, labels], _, loss) =>
    gpu.run(kernels.softmaxCrossEntropy, { logits, labels, loss }, kernelArgs(logits)),
  vjp: [
    ({ dy, inputs: [logits, labels] }) => crossEntropyGradOp([dy, logits, labels], undefined),
    'zero',
  ],
  composite: ([logits, labels]) =>
    neg(sum(mul(logSoftmax(logits), oneHot(labels, logits.shape[1])), [1])),
});

const crossEntropyGradOp: ApplyOp = defineOp('softmaxCrossEntropyInputGrad', {
  inputs: ['dy', 'logits', 'labels'],
  dtypes: ['f32', 'f32', 'u32'],
  shape: ([, logits]) => logits.shape,
  forward: (gpu, [dy, logits, labels], _, dx) =>
    gpu.run(kernels.softmaxCrossEntropyInputGrad, { dy, logits, labels, dx }, kernelArgs(logits)),
  vjp: [undefined, undefined, 'zero'],
  composite: ([dy, logits, labels]) =>
    mul(column(dy), sub(softmax(logits), oneHot(labels, logits.shape[1]))),
});

/**
 * −ln softmax(logits)[label] for each row.
 *
 * @param logits [N, classes]
 * @param labels u32 [N], each below `classes`
 * @returns [N]
 * @throws RangeError if the shapes do not fit, or the host wrote a label outside the classes
 */
export const softmaxCrossEntropy = (logits: Tensor, labels: Tensor): Tensor =>
  crossEntropyOp([logits, labels], undefined);
