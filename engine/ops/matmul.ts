// Matrix multiplication, closed under its own gradients.

import { matmul as kernel } from '../../kernels/matmul.ts';
import { type ApplyOp, defineOp } from '../registry.ts';
import { formatShape, type Tensor } from '../tensor.ts';

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
    gpu.run(
      kernel,
      { a, b, y },
      {
        m,
        k,
        n,
        TRANSPOSE_A: options.transposeA ? 1 : 0,
        TRANSPOSE_B: options.transposeB ? 1 : 0,
      },
    );
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

/** y [M, N] = a [M, K] · b [K, N], either one transposed on request. @throws RangeError if they do not multiply. */
export const matmul = (a: Tensor, b: Tensor, options: MatmulOptions = {}): Tensor =>
  matmulOp([a, b], options);
