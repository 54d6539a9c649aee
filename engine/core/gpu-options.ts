// The options of a `Gpu`, and its counters.

import type { Operands } from '../../kernels/contraction.ts';
import { adapterIsSoftware } from './adapter.ts';
import type { Wait } from './error-scopes.ts';
import type { Tuning } from './tuning.ts';

/** What a device holds, and what it has done so far. */
export interface GpuStats {
  /** Bytes of device memory that the pool holds, in use or waiting for reuse. */
  allocatedBytes: number;
  /** Bytes of live tensors. */
  usedBytes: number;
  peakBytes: number;
  dispatches: number;
  submits: number;
  pipelines: number;
}

/** Options of a `Gpu`. */
export interface GpuOptions {
  /** Returned with a device by `createNodeDevice`. */
  readonly wait?: Wait;
  /** Selects strategies for ops, for example the ones that `tune` found. Default: rules of thumb. */
  readonly tuning?: Tuning;
  /**
   * How the operands of products and of most convolutions are stored. "f16" halves their memory and its traffic, rounds
   * them to 11 bits, and turns values above 65,504 into infinities; sums stay float32. It needs the device feature
   * `shader-f16`. Default "f32".
   */
  readonly operands?: Operands;
  /**
   * The most bytes that tensors may take together. Returned with a software adapter by `createNodeDevice`, because its
   * memory is that of the machine, and a driver that runs out of it ends the process. Default: no limit.
   */
  readonly memory?: number;
  /**
   * Let programs launch kernels together that do not wait for each other. That spares the host time, and costs a
   * software adapter compile time. All values keep their bits. Default: on a GPU.
   */
  readonly mergeLaunches?: boolean;
  /**
   * Waited for before a kernel is compiled, before each piece of a training's step, which takes about 100 ms, and after
   * values were read. For software adapters, so that other work of the processor need not wait for long. Values keep
   * their bits. Default: kernels are compiled concurrently, and a step is one piece.
   */
  readonly giveWay?: () => Promise<void>;
}

/** @throws TypeError if it is not a device; RangeError if it cannot store operands in this way */
export function checkDevice(device: GPUDevice, operands: Operands): void {
  if (!device?.features && !device?.lost) {
    throw new TypeError(
      'gpu: device is not a GPUDevice. Write new Gpu(device, { wait }) with the result of createNodeDevice or createBrowserDevice.',
    );
  }
  if (operands === 'f16' && !device.features.has('shader-f16')) {
    throw new RangeError(
      'gpu: operands are f16, but the device lacks the feature shader-f16. Use f32, or request the feature if the adapter has it.',
    );
  }
}

/** Storage buffers that kernels launched together may bind; 0 if each is launched by itself. */
export const mergedBindings = (device: GPUDevice, { mergeLaunches }: GpuOptions): number =>
  (mergeLaunches ?? !adapterIsSoftware(device)) ? device.limits.maxStorageBuffersPerShaderStage : 0;
