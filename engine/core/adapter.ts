// Describes a WebGPU adapter as plain data, and says what to request from it. Runs in browsers and in Node.

import type { Wait } from './error-scopes.ts';

/** What an adapter is and can do, as plain JSON. The doctor prints it, and every result records it. */
export interface AdapterReport {
  vendor: string;
  architecture: string;
  device: string;
  /** Name and driver version as reported by the driver; may be empty in browsers. */
  description: string;
  /** Dawn's backend, such as 'vulkan' or 'metal'; absent in browsers, which do not report it. */
  backend?: string;
  /** True if the processor does the work: slow, and timings say nothing about a GPU. */
  isSoftware: boolean;
  features: string[];
  limits: Record<string, number>;
}

const SOFTWARE_NAMES =
  /llvmpipe|lavapipe|swiftshader|\bwarp\b|microsoft basic render|\bsoftware\b|null-backend/i;

/** Whether the processor does the adapter's work. */
export const isSoftware = (info: GPUAdapterInfo): boolean =>
  info.isFallbackAdapter === true ||
  SOFTWARE_NAMES.test([info.vendor, info.architecture, info.device, info.description].join(' '));

/** Features that speed up or time kernels. Each is used only if available. */
export const WANTED_FEATURES = ['timestamp-query', 'shader-f16', 'subgroups'] as const;

/** Limits on the size of tensors and workgroups. Alignments stay at WebGPU's defaults, for portability. */
const WANTED_LIMITS = [
  'maxBufferSize',
  'maxStorageBufferBindingSize',
  'maxUniformBufferBindingSize',
  'maxStorageBuffersPerShaderStage',
  'maxComputeWorkgroupStorageSize',
  'maxComputeInvocationsPerWorkgroup',
  'maxComputeWorkgroupSizeX',
  'maxComputeWorkgroupSizeY',
  'maxComputeWorkgroupSizeZ',
  'maxComputeWorkgroupsPerDimension',
] as const;

/** Reads an adapter's identity, features and limits into plain data. */
export function describeAdapter(adapter: GPUAdapter, backend?: string): AdapterReport {
  const { vendor, architecture, device, description } = adapter.info;
  const limits: Record<string, number> = {};
  for (const name in adapter.limits) {
    const value = adapter.limits[name as keyof GPUSupportedLimits];
    if (typeof value === 'number') limits[name] = value;
  }
  return {
    vendor,
    architecture,
    device,
    description,
    ...(backend ? { backend } : {}),
    isSoftware: isSoftware(adapter.info),
    features: [...adapter.features].sort(),
    limits,
  };
}

/** The name of an adapter for people: its description, or else vendor, architecture and device. */
export function adapterName(report: AdapterReport): string {
  const { vendor, architecture, device, description } = report;
  return (
    description || [vendor, architecture, device].filter(Boolean).join(' ') || 'unnamed adapter'
  );
}

/** The device to request from this adapter: the wanted features, and its own limits instead of the small defaults. */
export function deviceDescriptor(adapter: GPUAdapter): GPUDeviceDescriptor {
  return {
    requiredFeatures: WANTED_FEATURES.filter((feature) => adapter.features.has(feature)),
    requiredLimits: Object.fromEntries(WANTED_LIMITS.map((name) => [name, adapter.limits[name]])),
  };
}

/** A device that was opened, and what belongs to it. */
export interface OpenDevice {
  readonly device: GPUDevice;
  readonly adapter: GPUAdapter;
  readonly info: AdapterReport;
  /**
   * Pass it on: `new Gpu(device, { wait, memory })`. In Node it leaves the processor to a software adapter while that
   * works.
   */
  readonly wait: Wait;
  /** Pass it on too. For a software adapter: bytes of memory that this machine had left. Undefined for a GPU. */
  readonly memory?: number;
  /** Destroys the device. Call it before a Node process ends. May be called more than once. */
  destroy(): void;
}

/** Thrown if no adapter is found: the only failure of opening a device that a caller can fix. */
export class NoAdapterError extends Error {
  override name = 'NoAdapterError';
  readonly code = 'GFSR_NO_ADAPTER';
}

// In browsers released before 2025, a device does not tell which adapter it comes from.
const infoOf = (device: GPUDevice) => device.adapterInfo as GPUAdapterInfo | undefined;

/** Invocations per subgroup, if kernels may use subgroups and their size is fixed; otherwise undefined. */
export function subgroupSize(device: GPUDevice): number | undefined {
  const info = infoOf(device);
  const fixed =
    device.features?.has('subgroups') && info?.subgroupMinSize === info?.subgroupMaxSize;
  return fixed ? info?.subgroupMinSize : undefined;
}

/** Whether a device computes on the processor; false if it does not say. */
export function adapterIsSoftware(device: GPUDevice): boolean {
  const info = infoOf(device);
  return info !== undefined && isSoftware(info);
}
