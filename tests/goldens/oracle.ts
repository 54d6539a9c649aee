// Each golden op as the float64 references have it, with the attributes of the registered ops.

import { references } from '../engine/ops/index.ts';
import { keptShape, overAxes } from '../engine/ops/reduce.ts';
import { type Array64, array64, type Reference } from '../support/array64.ts';

const reshape = (x: Array64, shape: readonly number[]) => references.reshape([x], { shape });

const folded =
  (op: 'sum' | 'mean' | 'max' | 'norm'): Reference =>
  ([x], { axes, keepDims }) =>
    overAxes(op, x, axes, keepDims);

const spread =
  (op: 'variance' | 'std'): Reference =>
  ([x], attrs) => {
    const { data } = references[op]([x], attrs);
    return array64(keptShape(x.shape, attrs.axes, attrs.keepDims), data);
  };

/** Windows and resizes, whose registered ops have the input's shape among their attributes. */
const ofImages =
  (name: string): Reference =>
  (inputs, attrs) =>
    references[name](inputs, { ...attrs, x: inputs[0].shape });

const conv2d: Reference = ([x, w, b], attrs) => {
  const y = references.conv2d([x, w], { ...attrs, x: x.shape, w: w.shape });
  return b ? references.add([y, reshape(b, [1, b.data.length, 1, 1])], {}) : y;
};

/** With five inputs, of given moments. */
const batchNorm: Reference = (inputs, attrs) => {
  if (inputs.length === 3) return references.batchNorm(inputs, attrs);
  const [x, mean, variance, gamma, beta] = inputs;
  const moments = array64([2, x.shape[1]], [...mean.data, ...variance.data]);
  return references.channelNormalize([x, moments, gamma, beta], attrs);
};

const relevanceLoss: Reference = (inputs, { hinge }) =>
  references.relevanceLoss(inputs, { hinge, eps: 1e-8 });

const adapted: Readonly<Record<string, Reference>> = {
  sum: folded('sum'),
  max: folded('max'),
  mean: folded('mean'),
  norm: folded('norm'),
  variance: spread('variance'),
  std: spread('std'),
  slice: ([x], { start, size }) =>
    references.slice([x], { start, size, step: x.shape.map(() => 1) }),
  conv2d,
  conv2dInputGrad: ([dy, w], { shape: x, ...attrs }) =>
    references.conv2dInputGrad([dy, w], { ...attrs, x, w: w.shape }),
  conv2dWeightGrad: ([x, dy], { shape: w, ...attrs }) =>
    references.conv2dWeightGrad([x, dy], { ...attrs, x: x.shape, w }),
  maxPool2d: ofImages('maxPool2d'),
  maxPool2dGather: ofImages('maxPool2dGather'),
  avgPool2d: ofImages('avgPool2d'),
  resizeBilinear: ofImages('resizeBilinear'),
  batchNorm,
  normalizeMap: (inputs) => references.normalizeMap(inputs, { eps: 1e-12 }),
  relevanceLoss,
  relevanceLossComposite: relevanceLoss,
};

/** y of a golden op in float64. */
export function oracle(op: string, inputs: readonly Array64[], attrs: object): Array64 {
  return (adapted[op] ?? references[op])(inputs, attrs);
}

/** L = Σ u·(y + y²/2), as an array of one value. */
export function bent(y: Array64, u: Float64Array): Array64 {
  const terms = references.add(
    [y, references.scaleShift([references.square([y], {})], { a: 0.5, b: 0 })],
    {},
  );
  const weighted = references.mul([terms, array64(y.shape, u)], {});
  return references.sum([reshape(weighted, [u.length])], { axis: 0, count: 1 });
}
