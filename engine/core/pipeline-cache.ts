// Compiles kernels, caches the pipelines, and turns compiler diagnostics into errors that name the kernel.

import { type Kernel, type KernelArgs, kernelSource } from '../../kernels/kernel.ts';
import { KernelError } from './errors.ts';
import { Way } from './way.ts';

const COMPUTE = 0x4; // GPUShaderStage.COMPUTE

/** A kernel with fixed constants. Everything is made when it is first needed: a program may launch others instead. */
export class Compiled {
  readonly label: string;
  readonly layout: GPUBindGroupLayout;
  pipeline: GPUComputePipeline | undefined;
  readonly #device: GPUDevice;
  readonly #source: () => string;
  #module: GPUShaderModule | undefined;

  constructor(device: GPUDevice, layout: GPUBindGroupLayout, label: string, source: () => string) {
    this.#device = device;
    this.layout = layout;
    this.label = label;
    this.#source = source;
  }

  get module(): GPUShaderModule {
    if (this.#module) return this.#module;
    // An error in a module is reported where its pipeline is made, with the kernel's name.
    this.#device.pushErrorScope('validation');
    this.#module = this.#device.createShaderModule({ label: this.label, code: this.#source() });
    this.#device.popErrorScope().catch(() => {});
    return this.#module;
  }

  get descriptor(): GPUComputePipelineDescriptor {
    const { label, layout, module } = this;
    const layouts = { label, bindGroupLayouts: [layout] };
    return {
      label,
      layout: this.#device.createPipelineLayout(layouts),
      compute: { module, entryPoint: 'main' },
    };
  }
}

/** The pipelines of one device, by kernel label and constants. */
export class PipelineCache {
  readonly #device: GPUDevice;
  readonly #cache = new Map<string, Compiled>();
  readonly #report: (check: Promise<Error | undefined>) => void;
  readonly #way: Way;

  /** `report` receives a promise per compiled kernel: the error, or undefined when all is well. */
  constructor(
    device: GPUDevice,
    report: (check: Promise<Error | undefined>) => void,
    way = new Way(),
  ) {
    this.#device = device;
    this.#report = report;
    this.#way = way;
  }

  get size(): number {
    return this.#cache.size;
  }

  /** What the device allows. */
  get limits(): GPUSupportedLimits {
    return this.#device.limits;
  }

  /** @throws RangeError for more storage buffers than the device allows */
  get(kernel: Kernel, args: KernelArgs): Compiled {
    let key = kernel.label;
    for (const name in kernel.constants) key += `|${args[name]}`;
    let compiled = this.#cache.get(key);
    if (!compiled) {
      compiled = this.#compile(kernel, args);
      this.#cache.set(key, compiled);
    }
    return compiled;
  }

  /** The pipeline at once; the driver may stall. */
  require(compiled: Compiled): GPUComputePipeline {
    if (!compiled.pipeline) {
      this.#device.pushErrorScope('validation');
      compiled.pipeline = this.#device.createComputePipeline(compiled.descriptor);
      this.#report(this.#check(compiled));
    }
    return compiled.pipeline;
  }

  /**
   * Makes all the pipelines: concurrently, or, where others share the way, one by one.
   *
   * @throws KernelError naming the first kernel that fails
   */
  async prepare(all: Iterable<Compiled>): Promise<void> {
    const missing = [...new Set(all)].filter((compiled) => !compiled.pipeline);
    const make = async (compiled: Compiled) => {
      try {
        compiled.pipeline = await this.#device.createComputePipelineAsync(compiled.descriptor);
      } catch (error) {
        throw await kernelError(compiled, (error as Error).message);
      }
    };
    if (!this.#way.isShared) {
      await Promise.all(missing.map(make));
      return;
    }
    for (const compiled of missing) {
      await this.#way.free();
      await make(compiled);
    }
  }

  #compile(kernel: Kernel, args: KernelArgs): Compiled {
    const { label } = kernel;
    const most = this.limits.maxStorageBuffersPerShaderStage;
    const asked = Object.keys(kernel.bindings).length;
    if (asked > most) {
      throw new RangeError(
        `${label}: binds ${asked} storage buffers, this device allows ${most}. Split the kernel.`,
      );
    }
    const entries: GPUBindGroupLayoutEntry[] = Object.values(kernel.bindings).map(
      ({ access }, binding) => ({
        binding,
        visibility: COMPUTE,
        buffer: { type: access === 'read' ? 'read-only-storage' : 'storage' },
      }),
    );
    if (Object.keys(kernel.params).length > 0) {
      entries.push({ binding: entries.length, visibility: COMPUTE, buffer: { type: 'uniform' } });
    }
    const layout = this.#device.createBindGroupLayout({ label, entries });
    return new Compiled(this.#device, layout, label, () => kernelSource(kernel, args));
  }

  async #check(compiled: Compiled): Promise<Error | undefined> {
    const error = await this.#device.popErrorScope();
    if (!error) return undefined;
    compiled.pipeline = undefined; // so that the next use fails too
    return kernelError(compiled, error.message);
  }
}

async function kernelError({ label, module }: Compiled, message: string): Promise<KernelError> {
  const { messages } = await module.getCompilationInfo();
  const lines = messages
    .filter(({ type }) => type === 'error')
    .map((m) => `line ${m.lineNum}:${m.linePos} ${m.message}`);
  return new KernelError(`${label}: ${lines.length > 0 ? lines.join('; ') : message}`);
}
