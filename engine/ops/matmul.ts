// Matrix multiplication, closed under its own gradients.

import { type ApplyOp, defineOp } from '../autodiff/registry.ts';
import { formatShape, type Tensor, type TensorDevice } from '../core/tensor.ts';
import { contract, packed, vectors } from './conv/contract.ts';

/** Options of `matmul`. */
export interface MatmulOptions {
  /** Use aᵀ: a is [K, M]. Default false. */
  readonly transposeA?: boolean;
  /** Use bᵀ: b is [N, K]. Default false. */
  readonly transposeB?: boolean;
}

function sizes(a: Tensor, b: Tensor, { transposeA, transposeB }: MatmulOptions) {
  const [m, k] = transposeA ? [a.shape[1], a.shape[0]] : a.shape;
  const [kb, n] = transposeB ? [b.shape[1], b.shape[0]] : b.shape;
  return { m, k, kb, n };
}

/** a as [k, rows], rows innermost and in whole vectors: itself where it is stored so. */
function depthFirst(gpu: TensorDevice, a: Tensor, rows: number, k: number, stored = false): Tensor {
  if (!stored) return packed(gpu, a, [1, rows, k], [0, k, 1]);
  return rows % 4 === 0 && gpu.operands === a.dtype
    ? a
    : packed(gpu, a, [1, rows, k], [0, 1, rows]);
}

const matmulOp: ApplyOp<MatmulOptions> = defineOp('matmul', {
  inputs: ['a', 'b'],
  shape: ([a, b], options) => {
    const { m, k, kb, n } = sizes(a, b, options);
    if (a.rank !== 2 || b.rank !== 2 || k !== kb) {
      throw new RangeError(
        `matmul: a ${formatShape(a.shape)}${options.transposeA ? 'ᵀ' : ''} and ` +
          `b ${formatShape(b.shape)}${options.transposeB ? 'ᵀ' : ''} do not multiply.`,
      );
    }
    return [m, n];
  },
  forward: (gpu, [a, b], options, y) => {
    const { m, k, n } = sizes(a, b, options);
    const x = depthFirst(gpu, a, m, k, options.transposeA);
    const w = depthFirst(gpu, b, n, k, !options.transposeB);
    // The columns of y, side by side in memory, are a batch of images of one pixel, and a is a window of one tap.
    contract(gpu, w, x, y, {
      ...{ pixels: vectors(n), batch: n, batch4: vectors(n), ow: 1, h: 1, w_in: 1 },
      ...{ outs: m, outs4: vectors(m), groups: 1, depth: k, taps: 1, kw: 1 },
      ...{ scale: 1, step: 1, offset: 0, DIVISOR: 1 },
      ...{ x_place: 0, x_depth: vectors(n), x_group: 0 },
      ...{ w_tap: 0, w_depth: vectors(m), w_group: 0 },
      ...{ y_batch: 1, y_place: 0, y_out: n, y_group: 0 },
    });
    if (x !== a) x.dispose();
    if (w !== b) w.dispose();
  },
  vjp: [
    ({ dy, inputs: [, b], attrs: { transposeA, transposeB } }) =>
      transposeA
        ? matmul(b, dy, { transposeA: transposeB, transposeB: true })
        : matmul(dy, b, { transposeB: !transposeB }),
    ({ dy, inputs: [a], attrs: { transposeA, transposeB } }) =>
      transposeB
        ? matmul(dy, a, { transposeA: true, transposeB: transposeA })
        : matmul(a, dy, { transposeA: !transposeA }),
  ],
});

/** y [M, N] = a [M, K] · b [K, N], either transposed on request. @throws RangeError if the shapes do not multiply */
export const matmul = (a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor =>
  matmulOp([a, b], options);
