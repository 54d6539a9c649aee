// Strided copies, which permuting, slicing, padding and broadcasting run.

import {
  MAX_RANK,
  ROW_LEAST,
  rowShare,
  stridedCopy,
  stridedCopyRows,
} from '../../kernels/elementwise.ts';
import { formatShape, type Shape, type Tensor } from '../core/tensor.ts';

/** y[i…] = x[offset + Σ i_d·stride_d] inside [lo, hi), 0 outside. */
interface Strided {
  readonly shape: Shape;
  readonly strides: readonly number[];
  readonly offset?: number;
  readonly lo?: readonly number[];
  readonly hi?: readonly number[];
}

/** y = x by strides. @throws RangeError for more axes than the kernels support */
export function copyStrided(x: Tensor, y: Tensor, request: Strided): void {
  const { shape, strides, offset = 0, lo, hi } = request.lo ? request : mergeAxes(request);
  const rank = shape.length;
  if (rank > MAX_RANK) {
    throw new RangeError(
      `copy: shape ${formatShape(shape)} has ${rank} axes, at most ${MAX_RANK}.`,
    );
  }
  const args: Record<string, number> = { size: y.size, offset, RANK: Math.max(1, rank) };
  for (let axis = 0; axis < MAX_RANK; axis++) {
    const from = axis - MAX_RANK + rank;
    args[`d${axis}`] = shape[from] ?? 1;
    args[`s${axis}`] = strides[from] ?? 0;
    args[`lo${axis}`] = lo?.[from] ?? 0;
    args[`hi${axis}`] = hi?.[from] ?? shape[from] ?? 1;
  }
  const last = MAX_RANK - 1;
  if (args[`d${last}`] < ROW_LEAST) {
    x.gpu.run(stridedCopy, { x, y }, args);
    return;
  }
  const whole = args[`lo${last}`] === 0 && args[`hi${last}`] === args[`d${last}`];
  const HELD = whole && args[`s${last}`] === 0 ? 1 : 0;
  x.gpu.run(stridedCopyRows, { x, y }, { ...args, HELD, ...rowShare(args, x.gpu.isSoftware) });
}

/** Merges axes that x steps through as one: fewer divisions, longer rows. */
function mergeAxes({ shape, strides, offset }: Strided): Strided {
  const merged: { n: number; stride: number }[] = [];
  shape.forEach((n, axis) => {
    if (n === 1) return;
    const last = merged.at(-1);
    if (last && last.stride === strides[axis] * n) {
      last.n *= n;
      last.stride = strides[axis];
    } else {
      merged.push({ n, stride: strides[axis] });
    }
  });
  return { shape: merged.map(({ n }) => n), strides: merged.map(({ stride }) => stride), offset };
}

/** Row-major strides. */
export function stridesOf(shape: Shape): number[] {
  const strides: number[] = Array(shape.length).fill(1);
  for (let i = shape.length - 2; i >= 0; i--) strides[i] = strides[i + 1] * shape[i + 1];
  return strides;
}
