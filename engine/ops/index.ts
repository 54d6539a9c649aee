// All ops.

export * from './conv.ts';
export * from './elementwise.ts';
export * from './matmul.ts';
export * from './norm.ts';
export * from './pool.ts';
export * from './reduce.ts';
export * from './relevance.ts';
export * from './resize.ts';
export * from './saliency.ts';
export * from './shape.ts';
export * from './softmax.ts';
