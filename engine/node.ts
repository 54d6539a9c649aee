// Opens a WebGPU device in Node through Dawn; the only file that imports the `webgpu` package.

import { freemem } from 'node:os';
import {
  adapterName,
  describeAdapter,
  deviceDescriptor,
  NoAdapterError,
  type OpenDevice,
} from './core/adapter.ts';
import type { Wait } from './core/error-scopes.ts';

/** Backends that Dawn may have. */
export type NodeBackend = 'null' | 'vulkan' | 'metal' | 'd3d11' | 'd3d12' | 'opengl' | 'opengles';

/** Options of `createNodeDevice` and `requestNodeAdapter`. */
export interface NodeAdapterOptions {
  /** Dawn backend. Default: the platform's own. 'null' compiles shaders without a driver and computes nothing. */
  backend?: NodeBackend;
  /** Adapter to use, by name, if a machine has several. The error for a wrong name lists them. */
  adapterName?: string;
}

/**
 * Every Dawn instance made, kept forever. If one is garbage-collected while an object made through it is still
 * reachable, even a destroyed device, the process crashes (a segmentation fault).
 */
const instances = new Set<GPU>();
/** The instance to reuse for the same flags, until one of its devices is lost. */
const reusable = new Map<string, GPU>();

/**
 * Asks Dawn for an adapter. Most callers want `createNodeDevice` instead.
 *
 * @throws NoAdapterError if no driver or no adapter of that name is found
 */
export async function requestNodeAdapter(
  options: NodeAdapterOptions = {},
): Promise<{ adapter: GPUAdapter; instance: GPU }> {
  const instance = await openInstance(options);
  let adapter: GPUAdapter | null;
  try {
    adapter = await instance.requestAdapter({ powerPreference: 'high-performance' });
  } catch (error) {
    throw new NoAdapterError(`requestNodeAdapter: ${oneLine(error)}.`, { cause: error });
  }
  if (adapter) return { adapter, instance };
  throw new NoAdapterError(`requestNodeAdapter: no WebGPU adapter found. ${driverFix()}`);
}

/**
 * Opens a device with the adapter's own limits and, if available, timestamp-query, shader-f16 and subgroups.
 *
 * @throws NoAdapterError if no driver or no adapter of that name is found, or it gives no device
 */
export async function createNodeDevice(options: NodeAdapterOptions = {}): Promise<OpenDevice> {
  const { adapter, instance } = await requestNodeAdapter(options);
  const info = describeAdapter(adapter, options.backend ?? platformBackend());
  const device = await adapter.requestDevice(deviceDescriptor(adapter)).catch((cause) => {
    throw new NoAdapterError(
      `createNodeDevice: ${adapterName(info)} gave no device (${oneLine(cause)}). End other programs that use the GPU, or update its driver.`,
      { cause },
    );
  });
  void device.lost.then(({ reason }) => {
    if (reason !== 'destroyed') retire(instance);
  });
  return {
    device,
    adapter,
    info,
    wait: info.isSoftware ? restingWait() : (done) => done,
    memory: info.isSoftware ? availableMemory() : undefined,
    destroy: () => device.destroy(),
  };
}

/** Bytes that this process may still take: of the machine, or of its container if that has a limit. */
export const availableMemory = (): number => process.availableMemory?.() ?? freemem();

async function openInstance({ backend, adapterName }: NodeAdapterOptions): Promise<GPU> {
  const { create, globals } = await importWebGPU();
  Object.assign(globalThis, globals);
  const flags = ['disable-dawn-features=timestamp_quantization'];
  if (backend) flags.push(`backend=${backend}`);
  if (adapterName) flags.push(`adapter=${adapterName}`);
  const key = flags.join();
  const instance = reusable.get(key) ?? create(flags);
  instances.add(instance);
  reusable.set(key, instance);
  return instance;
}

/** Makes the next device come from a fresh instance, because a lost one may leave the driver's state broken. */
function retire(instance: GPU): void {
  for (const [key, value] of reusable) if (value === instance) reusable.delete(key);
}

/** The first ms of a wait are spent awake, to answer quickly after small work. */
const AWAKE_MS = 1;
/** A nap is this share of the wait so far, so an answer is late by at most one nap. */
const NAP_SHARE = 1 / 16;
/** The longest nap. */
const LONGEST_NAP_MS = 2;

/**
 * Waits asleep, one nap at a time. Dawn's Node binding polls as fast as the event loop turns while a promise is
 * pending. On a software adapter that takes a processor from the kernels, which then run 1.4 times slower.
 */
function restingWait(): Wait {
  const cell = new Int32Array(new SharedArrayBuffer(4));
  let pending = 0;
  let since = 0;
  let napping = false;
  const nap = () => {
    napping = pending > 0;
    if (!napping) return;
    const waited = performance.now() - since;
    if (waited > AWAKE_MS) Atomics.wait(cell, 0, 0, Math.min(LONGEST_NAP_MS, waited * NAP_SHARE));
    setImmediate(nap);
  };
  return (done) => {
    since = performance.now();
    pending++;
    // One chain of naps, even if a wait begins before the chain of the last one has noticed that it is over.
    if (!napping) setImmediate(nap);
    napping = true;
    return done.finally(() => {
      pending--;
      since = performance.now();
    });
  };
}

async function importWebGPU(): Promise<typeof import('webgpu')> {
  try {
    return await import('webgpu');
  } catch (error) {
    const missing = (error as NodeJS.ErrnoException).code === 'ERR_MODULE_NOT_FOUND';
    throw new Error(
      missing
        ? 'engine/node: the package `webgpu` is not installed. Run: npm install webgpu'
        : `engine/node: the package \`webgpu\` does not load here (${oneLine(error)}). It has builds for Linux (glibc), macOS and Windows; try: npm install webgpu@latest`,
      { cause: error },
    );
  }
}

/** The backend that Dawn's Node binding uses if none is named. */
function platformBackend(): NodeBackend {
  if (process.platform === 'darwin') return 'metal';
  return process.platform === 'win32' ? 'd3d12' : 'vulkan';
}

function driverFix(): string {
  return process.platform === 'linux'
    ? 'Install a Vulkan driver: `node scripts/setup.mjs` in a checkout does; elsewhere install libvulkan1 and mesa-vulkan-drivers, 23 or later (Debian 12: from bookworm-backports).'
    : 'Update the graphics driver.';
}

function oneLine(error: unknown): string {
  return String((error as Error)?.message ?? error)
    .trim()
    .replace(/\s*\n\s*/g, ' ')
    .replace(/\.$/, '');
}
