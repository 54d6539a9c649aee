// Each golden op as our public function of the same name.

import type { Tensor } from '../../engine/index.ts';
import * as e from '../../engine/index.ts';

// biome-ignore lint/suspicious/noExplicitAny: attributes are those of the op in question
export type OpFunction = (inputs: readonly Tensor[], attrs: any) => Tensor;

const row = (x: Tensor) => e.reshape(x, [1, x.size]);

/** An op that has no public function of its own. */
function registered(name: string) {
  const op = e.ops.get(name);
  if (!op) throw new Error(`${name}: no such op.`);
  return op;
}

const withAttrs: Readonly<Record<string, OpFunction>> = {
  scaleShift: ([x], { a, b }) => e.scaleShift(x, a, b),
  sum: ([x], { axes, keepDims }) => e.sum(x, axes, { keepDims }),
  mean: ([x], { axes, keepDims }) => e.mean(x, axes, { keepDims }),
  max: ([x], { axes, keepDims }) => e.max(x, axes, { keepDims }),
  norm: ([x], { axes, keepDims }) => e.norm(x, axes, { keepDims }),
  variance: ([x], { axes, ...options }) => e.variance(x, axes, options),
  std: ([x], { axes, ...options }) => e.std(x, axes, options),
  reshape: ([x], { shape }) => e.reshape(x, shape),
  broadcastTo: ([x], { shape }) => e.broadcastTo(x, shape),
  permute: ([x], { order }) => e.permute(x, order),
  slice: ([x], { start, size }) => e.slice(x, start, size),
  pad: ([x], { before, after }) => e.pad(x, before, after),
  concat: (parts, { axis }) => e.concat(parts, axis),
  matmul: ([a, b], options) => e.matmul(a, b, options),
  conv2d: ([x, w, bias], options) => e.conv2d(x, w, options, bias),
  conv2dInputGrad: ([dy, w], { shape, ...options }) =>
    e.conv2dInputGrad(dy, w, { ...options, inputShape: shape }),
  conv2dWeightGrad: ([x, dy], { shape, ...options }) =>
    e.conv2dWeightGrad(x, dy, { ...options, weightShape: shape }),
  maxPool2d: ([x], options) => e.maxPool2d(x, options),
  maxPool2dGather: ([v, x], options) =>
    registered('maxPool2dGather').apply([v, x], { ...options, x: x.shape }),
  avgPool2d: ([x], options) => e.avgPool2d(x, options),
  resizeBilinear: ([x], { size }) => e.resizeBilinear(x, size),
  batchNorm: (inputs, { eps }) => {
    const [x, gamma, beta] = [inputs[0], ...inputs.slice(-2)];
    const moments =
      inputs.length === 5 ? e.concat([row(inputs[1]), row(inputs[2])]) : e.channelMoments(x);
    return e.batchNorm(x, moments, gamma, beta, eps);
  },
  channelNormalize: ([x, moments, gamma, beta], { eps }) =>
    e.batchNorm(x, moments, gamma, beta, eps),
  groupNorm: ([x, gamma, beta], { groups, eps }) => e.groupNorm(x, groups, gamma, beta, eps),
  saliency: ([a, weight], { sign }) => e.saliencyOf(a, weight, sign),
  saliencyMap: ([a, gradient], { method, sign }) => e.saliencyMap(a, gradient, { method, sign }),
  relevanceLoss: ([s, mask], { hinge }) => e.relevanceLoss(s, mask, { hinge }),
  relevanceLossComposite: (inputs, { hinge }) => {
    const { composite } = registered('relevanceLoss').definition;
    if (!composite) throw new Error('relevanceLoss has no composite.');
    return composite(inputs, { hinge, eps: 1e-8 });
  },
};

/** Functions of tensors alone are called as they are exported. */
const exported = e as unknown as Readonly<Record<string, (...inputs: Tensor[]) => Tensor>>;

export const opFunction = (op: string): OpFunction =>
  withAttrs[op] ?? ((inputs) => exported[op](...inputs));
