// Opens a WebGPU device in a browser.

import {
  adapterName,
  describeAdapter,
  deviceDescriptor,
  NoAdapterError,
  type OpenDevice,
} from './core/adapter.ts';

/** Options of `createBrowserDevice`. */
export interface BrowserDeviceOptions {
  /** Which GPU of several. Default 'high-performance'. */
  readonly powerPreference?: GPUPowerPreference;
}

/**
 * Opens a device with the adapter's own limits and, where offered, timestamp-query, shader-f16 and subgroups: what
 * `createNodeDevice` does in Node. `new Gpu(device, { wait })` makes tensors on it.
 *
 * @throws NoAdapterError where the page or the browser has no WebGPU, or no adapter is found; it says what to do
 */
export async function createBrowserDevice({
  powerPreference = 'high-performance',
}: BrowserDeviceOptions = {}): Promise<OpenDevice> {
  const gpu = globalThis.navigator?.gpu as GPU | undefined;
  if (!gpu) throw new NoAdapterError(`createBrowserDevice: ${whyNoWebGpu()}`);
  const adapter = await gpu.requestAdapter({ powerPreference });
  if (!adapter) {
    throw new NoAdapterError(
      'createBrowserDevice: the browser found no WebGPU adapter. Turn hardware acceleration on in its settings, and ' +
        'update the graphics driver. In Chrome, chrome://gpu says why.',
    );
  }
  const info = describeAdapter(adapter);
  let device: GPUDevice;
  try {
    device = await adapter.requestDevice(deviceDescriptor(adapter));
  } catch (cause) {
    throw new NoAdapterError(
      `createBrowserDevice: ${adapterName(info)} gave no device (${(cause as Error).message}). Reload the page.`,
      { cause },
    );
  }
  return { device, adapter, info, wait: (done) => done, destroy: () => device.destroy() };
}

/** Why `navigator.gpu` is missing, and what to do. */
function whyNoWebGpu(): string {
  if (globalThis.isSecureContext === undefined) {
    return 'this is no browser. In Node, use createNodeDevice of gfsr/engine/node.';
  }
  return globalThis.isSecureContext
    ? 'this browser has no WebGPU. Use a recent Chrome, Edge, Safari or Firefox. In Chrome on Linux, enable chrome://flags/#enable-unsafe-webgpu.'
    : 'the page is not secure, and only secure pages have WebGPU. Serve it by https, or from localhost.';
}
