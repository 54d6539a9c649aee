// The compute engine: tensors, ops and gradients on a GPUDevice, in Node and browsers alike.

export { AnomalyError, AnomalyWatch, detectAnomaly } from './autodiff/anomaly.ts';
export * from './autodiff/gradcheck.ts';
export {
  defineOp,
  type OpDefinition,
  ops,
  type Vjp,
  type VjpContext,
} from './autodiff/registry.ts';
export { type GradOptions, grad, noGrad } from './autodiff/tape.ts';
export { type BrowserDeviceOptions, createBrowserDevice } from './browser.ts';
export * from './core/adapter.ts';
export { Eager, type Repeatable } from './core/eager.ts';
export type { Wait } from './core/error-scopes.ts';
export * from './core/errors.ts';
export { Gpu, type GpuOptions, type GpuStats } from './core/gpu.ts';
export type { HostValues, NestedArray } from './core/host-values.ts';
export { Program } from './core/program.ts';
export { Random } from './core/random.ts';
export {
  type DType,
  formatShape,
  type HostArrays,
  type Shape,
  sizeOf,
  Tensor,
} from './core/tensor.ts';
export * from './ops/index.ts';
export { type FromPixelsOptions, fromPixels, type Pixels, toPixels } from './pixels.ts';
export { autotuner, kernelsVersion, type TuneOptions, tune } from './tuning/autotune.ts';
export { type Picks, preferring, type Tuning, tuningOf } from './tuning/tuning.ts';
