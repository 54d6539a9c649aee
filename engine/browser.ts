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
  /** Which GPU, if there are several. Default 'high-performance'. */
  readonly powerPreference?: GPUPowerPreference;
}

/**
 * Opens a device with the adapter's own limits and, if available, timestamp-query, shader-f16 and subgroups, as
 * `createNodeDevice` does in Node. Make tensors on it with `new Gpu(device, { wait })`.
 *
 * @throws NoAdapterError with the fix, if the page or browser has no WebGPU, or no adapter is found
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

/** Why `navigator.gpu` is missing, and the fix. */
function whyNoWebGpu(): string {
  if (globalThis.isSecureContext === undefined) {
    return 'this is not a browser. In Node, use createNodeDevice of gfsr/engine/node.';
  }
  return globalThis.isSecureContext
    ? 'this browser has no WebGPU. Use a recent Chrome, Edge, Safari or Firefox. In Chrome on Linux, enable chrome://flags/#enable-unsafe-webgpu.'
    : 'the page is not secure, and only secure pages have WebGPU. Serve it over https, or from localhost.';
}
