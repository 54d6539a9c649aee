// Each golden op as the float64 oracle has it, with the attributes of the registered ops.

import { type Array64, array64, references } from '../support/reference.ts';

// biome-ignore lint/suspicious/noExplicitAny: attributes are those of the op in question
type Oracle = (inputs: readonly Array64[], attrs: any) => Array64;

const reshape = (x: Array64, shape: readonly number[]) => references.reshape([x], { shape });
const scaled = (x: Array64, a: number) => references.affine([x], { a, b: 0 });

/** Folds one axis after the other, the last first. */
function fold(name: 'sum' | 'max', x: Array64, axes: readonly number[], keepDims: boolean) {
  const folded = axes.reduceRight((y, axis) => references[name]([y], { axis, count: 1 }), x);
  return keepDims
    ? folded
    : reshape(
        folded,
        x.shape.filter((_, axis) => !axes.includes(axis)),
      );
}

const mean: Oracle = ([x], { axes, keepDims }) => {
  const y = fold('sum', x, axes, keepDims);
  return scaled(y, y.data.length / x.data.length);
};

const conv2d: Oracle = ([x, w, b], attrs) => {
  const y = references.conv2d([x, w], { ...attrs, x: x.shape, w: w.shape });
  return b ? references.add([y, reshape(b, [1, b.data.length, 1, 1])], {}) : y;
};

/** Running moments are the rows of one array. */
const batchNorm: Oracle = (inputs, { eps }) => {
  const [x, gamma, beta] = [inputs[0], ...inputs.slice(-2)];
  const moments =
    inputs.length === 5
      ? array64([2, x.shape[1]], [...inputs[1].data, ...inputs[2].data])
      : references.channelMoments([x], {});
  return references.channelNormalize([x, moments, gamma, beta], { eps });
};

const groupNorm: Oracle = ([x, gamma, beta], { groups, eps }) => {
  const merged = x.shape[0] * groups;
  const rows = reshape(x, [1, merged, x.data.length / merged]);
  const [ones, zeros] = [1, 0].map((v) => array64([merged], Array(merged).fill(v)));
  const moments = references.channelMoments([rows], {});
  const normal = references.channelNormalize([rows, moments, ones, zeros], { eps });
  const fitted = [gamma, beta].map((v) => reshape(v, [1, v.data.length, 1, 1]));
  const turned = references.mul([reshape(normal, x.shape), fitted[0]], {});
  return references.add([turned, fitted[1]], {});
};

/** Pads each part with zeros and adds them up. */
const concat: Oracle = (parts, { axis }) => {
  const total = parts.reduce((n, { shape }) => n + shape[axis], 0);
  let start = 0;
  const placed = parts.map((part) => {
    const along = (n: number) => part.shape.map((_, i) => (i === axis ? n : 0));
    const [before, after] = [along(start), along(total - start - part.shape[axis])];
    start += part.shape[axis];
    return references.pad([part], { before, after });
  });
  return placed.reduce((a, b) => references.add([a, b], {}));
};

const saliencyMap: Oracle = ([a, g], { method, sign }) => {
  const weight = method === 'gradcam' ? mean([g], { axes: [2, 3], keepDims: true }) : g;
  return references.saliency([a, weight], { sign });
};

const relevanceLoss: Oracle = (inputs, { hinge }) =>
  references.relevanceLoss(inputs, { hinge, eps: 1e-8 });

const pooling =
  (name: string): Oracle =>
  (inputs, attrs) =>
    references[name](inputs, { ...attrs, x: inputs[0].shape });

const composed: Readonly<Record<string, Oracle>> = {
  sum: ([x], { axes, keepDims }) => fold('sum', x, axes, keepDims),
  max: ([x], { axes, keepDims }) => fold('max', x, axes, keepDims),
  mean,
  concat,
  slice: ([x], { start, size }) =>
    references.slice([x], { start, size, step: x.shape.map(() => 1) }),
  conv2d,
  conv2dInputGrad: ([dy, w], { shape: x, ...attrs }) =>
    references.conv2dInputGrad([dy, w], { ...attrs, x, w: w.shape }),
  conv2dWeightGrad: ([x, dy], { shape: w, ...attrs }) =>
    references.conv2dWeightGrad([x, dy], { ...attrs, x: x.shape, w }),
  maxPool2d: pooling('maxPool2d'),
  maxPool2dGather: pooling('maxPool2dGather'),
  avgPool2d: pooling('avgPool2d'),
  globalAvgPool: ([x]) => mean([x], { axes: [2, 3], keepDims: false }),
  resizeBilinear: pooling('resizeBilinear'),
  batchNorm,
  groupNorm,
  softmax: (inputs) => references.exp([references.logSoftmax(inputs, {})], {}),
  saliencyMap,
  normalizeMap: (inputs) => references.normalizeMap(inputs, { eps: 1e-12 }),
  relevanceLoss,
  relevanceLossComposite: relevanceLoss,
};

/** y of a golden op in float64. */
export function oracle(op: string, inputs: readonly Array64[], attrs: object): Array64 {
  return (composed[op] ?? references[op])(inputs, attrs);
}

/** L = Σ u·(y + y²/2), as an array of one value. */
export function bent(y: Array64, u: Float64Array): Array64 {
  const terms = references.add([y, scaled(references.square([y], {}), 0.5)], {});
  const weighted = references.mul([terms, array64(y.shape, u)], {});
  return references.sum([reshape(weighted, [u.length])], { axis: 0, count: 1 });
}
