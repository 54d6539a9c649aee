// What all kernels of the contraction share: the sum that they compute, its sizes, and how its results are stored.

import type { Element, Scalar } from './kernel.ts';

/**
 * y [n, o, p] = Σ_{tap, k} x [k, place(p, tap), n] · w [k, tap, o], with x packed so that vectors run over the
 * batch and w so that they run over the outputs: an outer product of vectors, which makes the most of each load.
 * What is called batch here is whatever axis vectors of x and y run along: images, pixels or rows.
 * Sizes are params rather than constants: few pipelines serve every shape.
 */
export const GEOMETRY = {
  /** Vectors of output pixels: `batch4` (the batch, in vectors of 4) for each place of the output. */
  pixels: 'u32',
  batch: 'u32',
  batch4: 'u32',
  /** Width of the output; height and width of x. */
  ow: 'u32',
  h: 'u32',
  w_in: 'u32',
  /** Output channels of one group, and how many vectors of 4 that is. */
  outs: 'u32',
  outs4: 'u32',
  groups: 'u32',
  /** The sum runs over `taps` places of the window (`kw` wide), and `depth` channels for each. */
  depth: 'u32',
  taps: 'u32',
  kw: 'u32',
  /** Output place p and tap t read x at (p·scale + t·step + offset) / DIVISOR, where that is whole. */
  scale: 'i32',
  step: 'i32',
  offset: 'i32',
  /** Distances in x and w (in vectors) and in y (in numbers). */
  x_place: 'u32',
  x_depth: 'u32',
  x_group: 'u32',
  w_tap: 'u32',
  w_depth: 'u32',
  w_group: 'u32',
  y_batch: 'u32',
  y_place: 'u32',
  y_out: 'u32',
  y_group: 'u32',
  y_chunk: 'u32',
  /** The sum is cut into `chunks`, each of `tap_chunk` taps and `depth_chunk` channels, and y holds them all. */
  chunks: 'u32',
  tap_chunk: 'u32',
  tap_chunks: 'u32',
  depth_chunk: 'u32',
} satisfies Record<string, Scalar>;

/** How four sums along the batch are stored at `at`; the `last` of them is inside the batch. */
export interface Store {
  readonly element: Element;
  readonly store: string;
}

/**
 * To wherever each number of the batch belongs. Downwards, so that what lies past the batch is overwritten by its
 * last.
 */
export const scattered: Store = {
  element: 'f32',
  store: /* wgsl */ `
    y[at + last * params.y_batch] = sum.w;
    y[at + min(2u, last) * params.y_batch] = sum.z;
    y[at + min(1u, last) * params.y_batch] = sum.y;
    y[at] = sum.x;`,
};

/** Side by side: `y_batch` is 1, and every distance in y a multiple of 4. */
export const inRows: Store = { element: 'vec4f', store: 'y[at / 4u] = sum;' };

/** How packed operands are stored; sums are float32 whatever they are. */
export type Operands = 'f32' | 'f16';

export const OPERANDS: Readonly<
  Record<Operands, { readonly element: Element; readonly suffix: string }>
> = {
  f32: { element: 'vec4f', suffix: '' },
  /** Rounded to 11 bits, and no more than 65,504: half the memory and its traffic. */
  f16: { element: 'vec4h', suffix: '_f16' },
};
