// A device for run after run: what one compiled serves the next, and its end only takes back its memory.

import type { OpenDevice } from '../../engine/core/adapter.ts';
import { createNodeDevice } from '../../engine/node.ts';

/**
 * Opens a device on which one `Gpu` after another can be made and destroyed. Modules and pipelines of the same source
 * are compiled once, as by a driver with a cache. A driver's time to open a device and to compile is most of a short
 * run, and nothing that a run does depends on it.
 */
export async function openSharedDevice(): Promise<OpenDevice> {
  const opened = await createNodeDevice();
  const { device } = opened;
  const buffers = new Set<GPUBuffer>();
  const modules = new Map<string, GPUShaderModule>();
  const pipelines = new Map<GPUShaderModule, GPUComputePipeline | Promise<GPUComputePipeline>>();
  const createBuffer = device.createBuffer.bind(device);
  const createShaderModule = device.createShaderModule.bind(device);
  const createPipeline = device.createComputePipeline.bind(device);
  const createPipelineAsync = device.createComputePipelineAsync.bind(device);
  /** The pipeline of a module; `make` is asked for the first, and for one with another entry point than ours. */
  const pipelineOf = <P extends GPUComputePipeline | Promise<GPUComputePipeline>>(
    { compute: { module, entryPoint } }: GPUComputePipelineDescriptor,
    make: () => P,
  ) => {
    if (entryPoint !== 'main') return make();
    const pipeline = pipelines.get(module) ?? make();
    pipelines.set(module, pipeline);
    return pipeline;
  };
  Object.assign(device, {
    createBuffer(descriptor: GPUBufferDescriptor) {
      const buffer = createBuffer(descriptor);
      buffers.add(buffer);
      return buffer;
    },
    createShaderModule(descriptor: GPUShaderModuleDescriptor) {
      const module = modules.get(descriptor.code) ?? createShaderModule(descriptor);
      modules.set(descriptor.code, module);
      return module;
    },
    createComputePipeline: (descriptor: GPUComputePipelineDescriptor) =>
      pipelineOf(descriptor, () => createPipeline(descriptor)),
    createComputePipelineAsync: async (descriptor: GPUComputePipelineDescriptor) =>
      pipelineOf(descriptor, () => createPipelineAsync(descriptor)),
    destroy() {
      for (const buffer of buffers) buffer.destroy();
      buffers.clear();
      device.queue.submit([]); // Dawn frees destroyed buffers at the next submit
    },
  });
  return opened;
}
