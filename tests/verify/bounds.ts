// How far each family may lie from float64, and why: one table, read by the checks and printed beside the errors.

export interface Bound {
  /** Error allowed, in units of `roundings(terms)` times the largest value plus 1. */
  readonly factor: number;
  /** What `terms` counts: the longest sum of value, gradient and second derivative. */
  readonly terms: string;
  readonly why: string;
}

const convolution: Bound = {
  factor: 1,
  terms: 'the most of in/groups·kh·kw, out/groups·kh·kw and n·oh·ow',
  why: 'one sum of products to a value; each order of derivative is a convolution again',
};
const pooling: Bound = {
  factor: 1,
  terms: 'kernelSize²',
  why: 'a window is summed, and so are the windows that hold a place; a maximum is exact',
};
const reduction: Bound = {
  factor: 1,
  terms: 'elements folded into one',
  why: 'one sum; a maximum is exact, and so is its gradient without ties',
};
const normalisation: Bound = {
  factor: 2,
  terms: 'values of a channel (of a group)',
  why: 'a sum of squares under 1/√(variance + 0.1), whose slope is at most 0.5/0.1^1.5 = 16',
};
const softmax: Bound = {
  factor: 2,
  terms: 'classes',
  why: 'one exp a term, 3 + 2|x| units off, and a logarithm of their sum',
};
const move: Bound = {
  factor: 1,
  terms: 'places that one value goes to',
  why: 'values are copied, exactly; only the gradient of repeated values is a sum',
};
const edge: Bound = { factor: 1, terms: 'values of a row', why: 'the same op with more rows' };

/** By family. */
export const bounds: Readonly<Record<string, Bound>> = {
  conv2d: convolution,
  conv2dInputGrad: convolution,
  conv2dWeightGrad: convolution,
  convTranspose2d: convolution,
  maxPool2d: pooling,
  avgPool2d: pooling,
  adaptiveAvgPool2d: {
    factor: 1,
    terms: 'cells of a window, or windows that hold a cell',
    why: 'a mean, as of a pooling',
  },
  resizeBilinear: {
    factor: 4,
    terms: 'outputs that read one cell, and four',
    why: 'a weight is the fraction of a position up to 17 cells from the edge, 17 roundings off',
  },
  resizeNearest: {
    factor: 1,
    terms: 'copies of one cell',
    why: 'values are copied, exactly; a gradient sums over the copies',
  },
  gaussianBlur: {
    factor: 1,
    terms: 'pixels of the window',
    why: 'two convolutions, one an axis, with weights of float64 rounded once',
  },
  channelMoments: {
    factor: 1,
    terms: 'values of a channel',
    why: 'two sums, the second of squares about the mean',
  },
  channelNormalize: normalisation,
  batchNorm: normalisation,
  groupNorm: normalisation,
  instanceNorm: normalisation,
  layerNorm: normalisation,
  sum: reduction,
  mean: reduction,
  max: reduction,
  min: reduction,
  unary: {
    factor: 4,
    terms: '1',
    why: 'exp and log are 3 + 2|x| units off; slopes of 1/x, √x and ln x at 0.4 reach 2/0.4³ = 31',
  },
  binary: {
    factor: 2,
    terms: 'elements that one broadcast value meets',
    why: 'a gradient sums over broadcast axes; slopes of a/b at b = 0.4 reach 2/0.4³ = 31',
  },
  activation: {
    factor: 4,
    terms: '1',
    why: 'as of unary; erf is 2 units off, exp and pow some more, and each order multiplies them',
  },
  where: move,
  dropout: {
    factor: 1,
    terms: '1',
    why: 'one product with 1/(1 − rate), which is rounded once',
  },
  matmul: {
    factor: 1,
    terms: 'the most of m, k and n',
    why: 'a product of matrices; each order of derivative is one again',
  },
  softmax,
  softmaxCrossEntropy: softmax,
  gather: move,
  scatter: move,
  topKThreshold: move,
  cosineSimilarity: {
    factor: 2,
    terms: 'values of a row',
    why: 'three sums; norms are at least 0.4, so that slopes of 1/‖x‖² reach 2/0.4² = 13',
  },
  klDivergence: {
    factor: 2,
    terms: 'values of a row',
    why: 'one logarithm a term; slopes of ln q and 1/q at 0.1 reach 10',
  },
  binaryCrossEntropy: {
    factor: 2,
    terms: 'values of a row',
    why: 'one exp and one series a softplus; nothing cancels',
  },
  permute: move,
  slice: move,
  pad: move,
  broadcastTo: move,
  concat: move,
  'edge:channelMoments': edge,
  'edge:normalizeMap': edge,
  'edge:relevanceLoss': edge,
  'edge:add': edge,
  'edge:broadcastTo': edge,
};
