// Runs the contraction kernel: packs operands, splits long sums into chunks to fill the device, and adds them up.

import { contractions, SUBGROUP, type Tile } from '../../../kernels/contract.ts';
import {
  type SharedTile,
  STEP,
  sharedBytes,
  sharedConstants,
  tiledContractions,
} from '../../../kernels/contract-tiled.ts';
import type { Operands } from '../../../kernels/contraction.ts';
import type { Kernel, KernelArgs } from '../../../kernels/kernel.ts';
import { PACK_RUN, pack } from '../../../kernels/pack.ts';
import { reduceKernels } from '../../../kernels/reduce.ts';
import type { Tensor, TensorDevice } from '../../core/tensor.ts';
import { type Choice, runChosen } from '../../tuning/strategy.ts';

/** Number of threads that fill a device. A long sum is split until there are that many. */
const ENOUGH_THREADS = 512;
/** Minimum number of products per chunk of a sum. Shorter chunks cost more to store and add up than they gain. */
const LEAST_WORK = 64;
/**
 * Products of vectors: fewer take microseconds, even eight times over, where compiling another tile takes half a
 * second.
 */
const LITTLE_WORK = 4096;

export const vectors = (n: number): number => Math.ceil(n / 4);

interface Packing {
  /** The element type. Default: the device's for operands. */
  readonly operands?: Operands;
  /** As [s, b, r] instead of [b, s, r]. Default false. */
  readonly across?: boolean;
}

/** x seen as [b, r, s] by its strides, as [b, s, r] with r padded to whole vectors. The caller disposes it. */
export function packed(
  gpu: TensorDevice,
  x: Tensor,
  [b, r, s]: readonly [number, number, number],
  [b_stride, r_stride, s_stride]: readonly [number, number, number],
  { operands = gpu.operands, across = false }: Packing = {},
): Tensor {
  const r4 = vectors(r);
  const y = gpu.empty([...(across ? [s, b] : [b, s]), r4 * 4], operands);
  const [b_step, s_step] = across ? [r4, b * r4] : [s * r4, r4];
  const size = b * s * Math.ceil(r4 / PACK_RUN);
  const strides = { b_stride, r_stride, s_stride, b_step, s_step };
  gpu.run(pack[operands], { x, y }, { size, r, r4, s, ...strides });
  return y;
}

type KernelTable = Readonly<Record<Operands, Record<'scattered' | 'inRows', Kernel>>>;

/** Vectors of pixels and of outputs that one thread computes, and what else its kernel is given. */
interface Plan {
  readonly name: string;
  /** By whether steps of a tile fill the depth of each chunk. */
  readonly kernels: Readonly<Record<'whole' | 'mixed', KernelTable>>;
  readonly fits: (gpu: TensorDevice) => boolean;
  readonly tile: (args: KernelArgs) => Tile;
  /** The tile that says into how many chunks a sum is cut. Default: `tile`. */
  readonly cutBy?: (args: KernelArgs) => Tile;
}

const tiled = (tile: SharedTile): Plan => ({
  name: `tiled ${tile.THREADS} ${tile.ACROSS} ${tile.PIXELS}×${tile.OUTS}`,
  kernels: tiledContractions,
  fits: ({ device: { limits } }) =>
    sharedBytes(tile) <= limits.maxComputeWorkgroupStorageSize &&
    limits.maxComputeInvocationsPerWorkgroup >= tile.THREADS,
  tile: () => sharedConstants(tile),
});

const always = (table: KernelTable): Plan['kernels'] => ({ whole: table, mixed: table });

const isLittle = ({ pixels, outs4, groups, taps, depth }: KernelArgs): boolean =>
  pixels * outs4 * groups * taps * depth < LITTLE_WORK;

/** As many vectors as there are; little work takes the tile that a net has compiled anyway. */
function outsOfSubgroup(args: KernelArgs): number {
  const { outs4 } = args;
  return isLittle(args) || outs4 > 4 ? 8 : outs4 > 2 ? 4 : outs4;
}

const PLANS: readonly Plan[] = [
  {
    name: 'registers',
    kernels: always(contractions.registers),
    fits: () => true,
    // 64 sums are what a GPU can keep in registers and still have threads enough to wait for memory.
    tile: ({ outs4 }) => ({ PIXELS: 2, OUTS: Math.min(outs4, 2) }),
  },
  {
    name: 'by subgroups',
    kernels: always(contractions.subgroup),
    fits: (gpu) => gpu.isSoftware && gpu.subgroupSize === SUBGROUP,
    // Where there are outputs enough, 256 sums per thread are 1.2 times as fast as 128; four vectors of each are not.
    tile: (args) => {
      const OUTS = outsOfSubgroup(args);
      return { PIXELS: OUTS === 8 ? 2 : 8 / OUTS, OUTS };
    },
    // Not by their number, so that there are threads enough.
    cutBy: (args) => {
      const OUTS = outsOfSubgroup(args);
      return { PIXELS: 8 / OUTS, OUTS };
    },
  },
  {
    name: 'in memory',
    kernels: always(contractions.memory),
    fits: (gpu) => gpu.isSoftware,
    tile: ({ outs4 }) => ({ PIXELS: 4, OUTS: Math.min(outs4, 2) }),
  },
  tiled({ THREADS: 256, ACROSS: 16, PIXELS: 2, OUTS: 2 }),
  tiled({ THREADS: 256, ACROSS: 8, PIXELS: 2, OUTS: 2 }),
  tiled({ THREADS: 64, ACROSS: 4, PIXELS: 2, OUTS: 2 }),
  tiled({ THREADS: 64, ACROSS: 2, PIXELS: 2, OUTS: 2 }),
];

/**
 * The widest tile that the outputs fill. A small problem has more threads without shared tiles, and two vectors of
 * outputs are what one thread takes from x anyway.
 */
function usualOnGpu({ pixels, outs4, groups }: KernelArgs): string {
  if (pixels * outs4 * groups < ENOUGH_THREADS || outs4 <= 2) return 'registers';
  if (outs4 > 16) return 'tiled 256 16 2×2';
  if (outs4 > 8) return 'tiled 256 8 2×2';
  return outs4 > 4 ? 'tiled 64 4 2×2' : 'tiled 64 2 2×2';
}

const contraction: Choice<KernelArgs> = {
  name: 'contract',
  strategies: PLANS.map((plan) => ({
    name: plan.name,
    fits: plan.fits,
    run: (gpu, [x, w], args, y) => launch(gpu, plan, x, w, y, args),
  })),
  usual: (gpu, args) => {
    if (!gpu.isSoftware) return usualOnGpu(args);
    return gpu.subgroupSize === SUBGROUP ? 'by subgroups' : 'in memory';
  },
};

export const contractionStrategies: readonly string[] = PLANS.map(({ name }) => name);

/** y = Σ over `taps` and `depth` of w ⊗ x; `args` are those of the kernels, except tiles and chunks. */
export const contract = (
  gpu: TensorDevice,
  x: Tensor,
  w: Tensor,
  y: Tensor,
  args: KernelArgs,
): void => runChosen(gpu, contraction, [x, w], args, y);

function launch(
  gpu: TensorDevice,
  plan: Plan,
  x: Tensor,
  w: Tensor,
  y: Tensor,
  args: KernelArgs,
): void {
  const { pixels, batch, outs4, groups, taps, depth, y_batch, y_place, y_out, y_group } = args;
  const fitsRows = y_batch === 1 && [batch, y_place, y_out, y_group].every((n) => n % 4 === 0);
  const inRows = fitsRows && !isLittle(args); // a net has compiled the other one anyway
  const operands = x.dtype === 'f16' ? 'f16' : 'f32';
  const tile = plan.tile(args);
  const { PIXELS, OUTS } = plan.cutBy?.(args) ?? tile;
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
  const filled = [depth, depth_chunk].every((n) => n % STEP === 0) ? 'whole' : 'mixed';
  const kernel = plan.kernels[filled][operands][inRows ? 'inRows' : 'scattered'];
  const cut = { ...tile, chunks, tap_chunk, tap_chunks, depth_chunk, y_chunk: y.size };
  sumOfChunks(gpu, y, chunks, (sums) => gpu.run(kernel, { x, w, y: sums }, { ...args, ...cut }));
}

/** y = Σ over `chunks` of what `run` writes into [chunks, y.size]; y itself if there is only one. */
export function sumOfChunks(
  gpu: TensorDevice,
  y: Tensor,
  chunks: number,
  run: (sums: Tensor) => void,
): void {
  if (chunks === 1) {
    run(y);
    return;
  }
  const sums = gpu.empty([chunks, y.size]);
  run(sums);
  gpu.run(
    reduceKernels.sum,
    { x: sums, y },
    { size: y.size, length: chunks, inner: y.size, chunks: 1 },
  );
  sums.dispose();
}
