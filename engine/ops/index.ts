// All ops.

export * from './activations.ts';
export * from './blur.ts';
export {
  type Axes,
  broadcastShape,
  broadcastTo,
  type ReduceOptions,
  reshape,
  sum,
  sumTo,
} from './broadcast.ts';
export * from './conv/index.ts';
export * from './dropout.ts';
export * from './elementwise.ts';
export * from './indexing.ts';
export * from './losses.ts';
export * from './matmul.ts';
export * from './norm.ts';
export * from './pooling.ts';
export * from './reduce.ts';
export * from './relevance.ts';
export * from './resize.ts';
export * from './saliency.ts';
export * from './shape.ts';
export * from './softmax.ts';
export { stridesOf } from './strided-copy.ts';
