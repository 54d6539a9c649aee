// Runs the contraction kernel: packs operands, cuts long sums into chunks so that the device is full, adds them up.

import {
  contractSubgroup,
  PACK_RUN,
  pack,
  contract as plain,
  SUBGROUP,
  type Tile,
} from '../../kernels/contract.ts';
import type { Kernel, KernelArgs } from '../../kernels/kernel.ts';
import { reduceKernels } from '../../kernels/reduce.ts';
import type { Gpu } from '../gpu.ts';
import type { Tensor } from '../tensor.ts';

/** Threads that fill a device: a long sum is cut until there are as many. */
const ENOUGH_THREADS = 2048;
/** The least products in a chunk of a sum; shorter ones cost more to store and add up than they gain. */
const LEAST_WORK = 64;

export const vectors = (n: number): number => Math.ceil(n / 4);

/** x seen as [b, r, s] by its strides, as [b, s, r] with r padded to whole vectors. The caller disposes it. */
export function packed(
  gpu: Gpu,
  x: Tensor,
  [b, r, s]: readonly [number, number, number],
  [b_stride, r_stride, s_stride]: readonly [number, number, number],
): Tensor {
  const r4 = vectors(r);
  const y = gpu.empty([b, s, r4 * 4]);
  const size = b * s * Math.ceil(r4 / PACK_RUN);
  gpu.run(pack, { x, y }, { size, r, r4, s, b_stride, r_stride, s_stride });
  return y;
}

/** The kernel for this device, and the tile: 128 sums a thread, and as many outputs as there are. */
function strategy(gpu: Gpu, outs4: number): readonly [Kernel, Tile] {
  if (gpu.subgroupSize === SUBGROUP) {
    const OUTS = outs4 > 4 ? 8 : outs4 > 2 ? 4 : outs4;
    return [contractSubgroup, { PIXELS: 8 / OUTS, OUTS }];
  }
  return [plain, { PIXELS: 4, OUTS: Math.min(outs4, 2) }];
}

/** y = Σ over `taps` and `depth` of w ⊗ x; `args` are those of the kernel, but for the chunks. */
export function contract(gpu: Gpu, x: Tensor, w: Tensor, y: Tensor, args: KernelArgs): void {
  const { pixels, outs4, groups, taps, depth } = args;
  const [kernel, tile] = strategy(gpu, outs4);
  const { PIXELS, OUTS } = tile;
  const threads = Math.ceil(pixels / PIXELS) * Math.ceil(outs4 / OUTS) * groups;
  const wanted = Math.min(
    Math.ceil(ENOUGH_THREADS / threads),
    Math.floor((taps * depth) / LEAST_WORK),
  );
  const tap_chunk = Math.ceil(taps / Math.max(1, Math.min(taps, wanted)));
  const tap_chunks = Math.ceil(taps / tap_chunk);
  const depth_chunk = Math.ceil(
    depth / Math.max(1, Math.min(depth, Math.floor(wanted / tap_chunks))),
  );
  const chunks = tap_chunks * Math.ceil(depth / depth_chunk);
  const cut = { ...tile, chunks, tap_chunk, tap_chunks, depth_chunk, y_chunk: y.size };
  if (chunks === 1) {
    gpu.run(kernel, { x, w, y }, { ...args, ...cut });
    return;
  }
  const partial = gpu.empty([chunks, y.size]);
  gpu.run(kernel, { x, w, y: partial }, { ...args, ...cut });
  gpu.run(
    reduceKernels.sum,
    { x: partial, y },
    { size: y.size, length: chunks, inner: y.size, chunks: 1 },
  );
  partial.dispose();
}
