// One kernel launch with its memory: what an eager run encodes at once, and a program keeps.

import { copy } from '../../kernels/copy.ts';
import { type Kernel, type KernelArgs, paramBytes, type Workgroups } from '../../kernels/kernel.ts';
import type { Compiled, PipelineCache } from './pipeline-cache.ts';
import type { Storage } from './storage.ts';
import { formatShape, type Tensor } from './tensor.ts';

/** The memory of a launch. */
export interface Bindings {
  /** What is launched, for messages. */
  readonly label: string;
  readonly storages: readonly Storage[];
  /** Which of the storages the kernel writes. */
  readonly writes: readonly boolean[];
}

export interface Dispatch extends Bindings {
  readonly kernel: Kernel;
  readonly args: KernelArgs;
  readonly compiled: Compiled;
  readonly params: ArrayBuffer | undefined;
  readonly workgroups: Workgroups;
  /** Whether it only copies its first storage to its second, which a program may make unnecessary. */
  readonly copies?: boolean;
}

/** A launch in the form that a compute pass needs. */
export interface Encoded {
  readonly pipeline: GPUComputePipeline;
  readonly group: GPUBindGroup;
  readonly workgroups: Workgroups;
}

/** @throws TypeError for a missing tensor or argument, RangeError for a disposed one or above the device's limits */
export function makeDispatch(
  pipelines: PipelineCache,
  kernel: Kernel,
  tensors: Readonly<Record<string, Tensor>>,
  args: KernelArgs,
): Dispatch {
  const storages: Storage[] = [];
  const writes: boolean[] = [];
  for (const [name, { access }] of Object.entries(kernel.bindings)) {
    const tensor = tensors[name];
    if (!tensor) throw new TypeError(`${kernel.label}: tensor ${name} is missing.`);
    if (tensor.disposed) {
      throw new RangeError(
        `${kernel.label}: tensor ${name} ${formatShape(tensor.shape)} was disposed. Return it from its scope, or keep it with gpu.keep.`,
      );
    }
    storages.push(tensor.storage);
    writes.push(access !== 'read');
  }
  const workgroups = kernel.workgroups(args);
  const most = pipelines.limits.maxComputeWorkgroupsPerDimension;
  const asked = Math.max(...workgroups);
  if (asked > most) {
    throw new RangeError(
      `${kernel.label}: needs ${asked} workgroups along one axis, this device allows ${most}. Use a smaller batch or image.`,
    );
  }
  const [compiled, params] = [pipelines.get(kernel, args), paramsOf(kernel, args)];
  return { label: kernel.label, kernel, args, compiled, storages, writes, params, workgroups };
}

/** The uniform struct of a launch, if its kernel has one. */
export const paramsOf = (kernel: Kernel, args: KernelArgs): ArrayBuffer | undefined =>
  Object.keys(kernel.params).length > 0 ? paramBytes(kernel, args) : undefined;

/** y = x, which a program may make unnecessary. @throws RangeError if they differ in size */
export function makeCopy(pipelines: PipelineCache, x: Tensor, y: Tensor): Dispatch {
  if (x.size !== y.size) {
    throw new RangeError(
      `copy: x has shape ${formatShape(x.shape)}, expected ${y.size} elements as in y ${formatShape(y.shape)}.`,
    );
  }
  return { ...makeDispatch(pipelines, copy, { x, y }, { size: x.size }), copies: true };
}

/** Binds the storages in order, then the uniform struct. */
export function bindDispatch(
  device: GPUDevice,
  { compiled, storages }: Dispatch,
  uniform?: GPUBufferBinding,
): GPUBindGroup {
  const entries: GPUBindGroupEntry[] = storages.map(({ buffer, offset, bytes }, binding) => ({
    binding,
    // Whole vec4s, for kernels that read them; pool buffers and parts are multiples of that.
    resource: { buffer: buffer as GPUBuffer, offset, size: Math.ceil(bytes / 16) * 16 },
  }));
  if (uniform) entries.push({ binding: entries.length, resource: uniform });
  return device.createBindGroup({ label: compiled.label, layout: compiled.layout, entries });
}
