// Every kernel launch that the op cases make, recorded without running any.

import { preferring } from '../../engine/core/tuning.ts';
import { Gpu, type GpuOptions, ops, Random, type Tensor } from '../../engine/index.ts';
import { algorithms } from '../../engine/ops/conv/algorithms.ts';
import { contractionStrategies } from '../../engine/ops/conv/contract.ts';
import { findNonFinite } from '../../kernels/anomaly.ts';
import { SUBGROUP } from '../../kernels/contract.ts';
import { copy } from '../../kernels/copy.ts';
import { BLOCK, combineGradients, gradientProducts } from '../../kernels/gradients.ts';
import type { Kernel, KernelArgs } from '../../kernels/index.ts';
import { adam, runningAverage, sgd } from '../../kernels/optimizer.ts';
import { opSpecifications } from '../engine/ops/index.ts';
import { sizeOf64 } from './array64.ts';

export interface Launch {
  readonly kernel: Kernel;
  readonly args: KernelArgs;
  /** Words of four bytes in each binding. */
  readonly sizes: Readonly<Record<string, number>>;
}

/** Records launches instead of running them, as if the device were software with subgroups of eight, or a GPU. */
class Observer extends Gpu {
  readonly seen = new Map<string, Launch>();
  override readonly subgroupSize: number | undefined;
  override readonly isSoftware: boolean;

  constructor(device: GPUDevice, options: GpuOptions, isSoftware: boolean) {
    super(device, options);
    this.isSoftware = isSoftware;
    this.subgroupSize = isSoftware ? SUBGROUP : undefined;
  }

  override run(kernel: Kernel, tensors: Readonly<Record<string, Tensor>>, args: KernelArgs): void {
    const sizes = Object.fromEntries(
      Object.entries(tensors).map(([name, { storage }]) => [name, storage.bytes / 4]),
    );
    this.seen.set(`${kernel.label} ${JSON.stringify(args)}`, { kernel, args, sizes });
  }
}

/** Kernels that no op runs. */
const UPDATES: readonly Launch[] = [1, 67, 1000].flatMap((size): Launch[] => [
  { kernel: copy, args: { size }, sizes: { x: size, y: size } },
  { kernel: findNonFinite, args: { size, slot: 0 }, sizes: { x: size, found: 1 } },
  ...[0, 1].map((decoupled) => ({
    kernel: adam,
    args: {
      size,
      beta1: 0.9,
      beta2: 0.999,
      rate1: 0.1,
      rate2: 0.001,
      eps: 1e-8,
      weight_decay: 0.01,
      decoupled,
    },
    sizes: { param: size, grad: size, m: size, v: size, schedule: 3 },
  })),
  {
    kernel: sgd,
    args: { size, momentum: 0.9, weight_decay: 0.01 },
    sizes: { param: size, grad: size, v: size, schedule: 3 },
  },
  {
    kernel: gradientProducts,
    args: { size: BLOCK, length: size },
    sizes: { g: size, h: size, counts: Math.ceil(size / BLOCK), y: 3 * BLOCK },
  },
  ...[0, 1].map((conflict_free) => ({
    kernel: combineGradients,
    args: { size, conflict_free, max_ratio: conflict_free },
    sizes: { g: size, h: size, products: 3, factor: 1, y: size },
  })),
  {
    kernel: runningAverage,
    args: { size, rate: 0.1, unbias: 1.5 },
    sizes: { mean: size, variance: size, moments: 2 * size },
  },
]);

/** How operands may be stored on this device. */
const operandsOf = (device: GPUDevice) =>
  (['f32', 'f16'] as const).filter((each) => each === 'f32' || device.features.has('shader-f16'));

/** All distinct launches of the op cases, by every strategy. */
export function observeLaunches(device: GPUDevice): Launch[] {
  const seen = new Map<string, Launch>();
  const names = Array.from({ length: Math.max(algorithms.length, contractionStrategies.length) });
  names.forEach((_, i) => {
    const tuning = preferring(
      algorithms[i % algorithms.length],
      contractionStrategies[i % contractionStrategies.length],
    );
    for (const operands of operandsOf(device)) {
      for (const isSoftware of [true, false]) {
        const launches = launchesOf(device, { tuning, operands, isSoftware }, runCases);
        for (const [key, launch] of launches) seen.set(key, launch);
      }
    }
  });
  return [...seen.values(), ...UPDATES];
}

/** Distinct launches of `body`, by kernel and arguments. The device is only asked for memory. */
export function launchesOf(
  device: GPUDevice,
  { isSoftware, ...options }: GpuOptions & { readonly isSoftware: boolean },
  body: (gpu: Gpu) => void,
): Map<string, Launch> {
  const gpu = new Observer(device, options, isSoftware);
  gpu.scope(() => body(gpu));
  gpu.trim();
  return gpu.seen;
}

function runCases(gpu: Gpu): void {
  for (const [name, { cases }] of Object.entries(opSpecifications)) {
    for (const { inputs, attrs, run, label } of cases) {
      const random = new Random(label);
      gpu.scope(() => {
        const tensors = inputs.map(({ shape, values, dtype }) =>
          gpu.tensor(values(random, sizeOf64(shape)), shape, dtype),
        );
        // The scope frees the result: only the launches are needed.
        if (run) run(tensors);
        else ops.get(name)?.apply(tensors, attrs);
      });
    }
    gpu.trim();
  }
}
