// The compute engine: tensors, ops and gradients on a GPUDevice, in Node and browsers alike.

export * from './adapter.ts';
export { AnomalyError, AnomalyWatch, detectAnomaly } from './anomaly.ts';
export { autotuner, kernelsVersion, type TuneOptions, tune } from './autotune.ts';
export { Eager, type Repeatable } from './eager.ts';
export * from './errors.ts';
export { Gpu, type GpuOptions, type GpuStats } from './gpu.ts';
export * from './gradcheck.ts';
export * from './ops/index.ts';
export { Program } from './program.ts';
export { Random } from './random.ts';
export { defineOp, type OpDefinition, ops, type Vjp, type VjpContext } from './registry.ts';
export { type GradOptions, grad, noGrad } from './tape.ts';
export { type DType, formatShape, type Shape, sizeOf, Tensor } from './tensor.ts';
export { type Picks, preferring, type Tuning, tuningOf } from './tuning.ts';
