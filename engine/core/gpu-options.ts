// What a `Gpu` is made with, and what it counts.

import type { Operands } from '../../kernels/contraction.ts';
import type { Wait } from './error-scopes.ts';
import type { Tuning } from './tuning.ts';

/** What a device holds and has done so far. */
export interface GpuStats {
  /** Bytes of device memory that the pool holds, in use or waiting. */
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
  /** Comes with a device of `createNodeDevice`. */
  readonly wait?: Wait;
  /** Which of several ways an op takes, such as what `tune` has found. Default: by rules of thumb. */
  readonly tuning?: Tuning;
  /**
   * How the operands of products and of most convolutions are stored. "f16" halves their memory and its traffic,
   * rounds them to 11 bits, and makes infinities of what is above 65,504; sums stay float32. It needs the device
   * feature `shader-f16`. Default "f32".
   */
  readonly operands?: Operands;
}

/** Options of `Gpu.capture` and `Gpu.trace`. */
export interface TuningOptions {
  /** For this body alone. Default: the device's own. */
  readonly tuning?: Tuning;
}

/** @throws TypeError for what is no device; RangeError if it cannot store operands in this way */
export function checkDevice(device: GPUDevice, operands: Operands): void {
  if (!device?.features && !device?.lost) {
    throw new TypeError(
      'gpu: device is no GPUDevice. Write new Gpu(device, { wait }) with what createNodeDevice or createBrowserDevice gives.',
    );
  }
  if (operands === 'f16' && !device.features.has('shader-f16')) {
    throw new RangeError(
      'gpu: operands f16, but the device does not have the feature shader-f16. Use f32, or ask the adapter for the feature if it has it.',
    );
  }
}
