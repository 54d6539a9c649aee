// The compute engine: tensors, ops and gradients on a GPUDevice, in Node and browsers.

export { AnomalyError, AnomalyWatch, detectAnomaly } from './autodiff/anomaly.ts';
export { type GradOptions, grad } from './autodiff/grad.ts';
export * from './autodiff/gradcheck.ts';
export type { OpDefinition, Vjp, VjpContext } from './autodiff/op.ts';
export { defineOp, ops } from './autodiff/registry.ts';
export { noGrad } from './autodiff/tape.ts';
export { type BrowserDeviceOptions, createBrowserDevice } from './browser.ts';
export * from './core/adapter.ts';
export { Eager, type Repeatable } from './core/eager.ts';
export type { Wait } from './core/error-scopes.ts';
export * from './core/errors.ts';
export { Gpu } from './core/gpu.ts';
export type { GpuOptions, GpuStats } from './core/gpu-options.ts';
export type { HostValues, NestedArray } from './core/host-values.ts';
export type { ProgramCost, ProgramSketch } from './core/memory-plan.ts';
export { Program } from './core/program.ts';
export { Random } from './core/random.ts';
export {
  type DType,
  formatShape,
  type HostArrays,
  type Shape,
  sizeOf,
  Tensor,
  type TensorDevice,
} from './core/tensor.ts';
export {
  type Picks,
  preferring,
  type Tuner,
  type Tuning,
  type TuningOptions,
  tuningOf,
} from './core/tuning.ts';
export * from './ops/index.ts';
export { type FromPixelsOptions, fromPixels, type Pixels, toPixels } from './pixels.ts';
export { autotuner, kernelsVersion, type TuneOptions, tune } from './tuning/autotune.ts';
