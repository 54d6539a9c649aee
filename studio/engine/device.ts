// The one GPUDevice of the page. It belongs to the engine worker, and is opened by the first that needs it.

import { createBrowserDevice } from '../../engine/browser.ts';
import { type AdapterReport, adapterName, NoAdapterError } from '../../engine/core/adapter.ts';
import { Gpu } from '../../engine/core/gpu.ts';

/** What the page may know about the device. */
export type DeviceState =
  | { readonly name: string; readonly isSoftware: boolean }
  /** Why there is none, and what to do about it. */
  | { readonly missing: string };

interface Opened {
  readonly gpu: Gpu;
  readonly adapter: AdapterReport;
  readonly state: DeviceState;
}

/** Opens the device once, and anew after it was lost. */
export class EngineDevice {
  #opening: Promise<Opened> | undefined;

  /** @throws NoAdapterError if there is no WebGPU, or no adapter */
  async gpu(): Promise<Gpu> {
    return (await this.#open()).gpu;
  }

  /** The device with what it is. @throws NoAdapterError if there is none */
  opened(): Promise<Opened> {
    return this.#open();
  }

  async state(): Promise<DeviceState> {
    try {
      return (await this.#open()).state;
    } catch (error) {
      if (error instanceof NoAdapterError) return { missing: error.message };
      throw error;
    }
  }

  #open(): Promise<Opened> {
    this.#opening ??= this.#create().catch((error) => {
      this.#opening = undefined; // the next that needs it tries again
      throw error;
    });
    return this.#opening;
  }

  async #create(): Promise<Opened> {
    const { device, wait, info } = await createBrowserDevice();
    void device.lost.then(() => {
      this.#opening = undefined;
    });
    const state = { name: adapterName(info), isSoftware: info.isSoftware };
    return { gpu: new Gpu(device, { wait }), adapter: info, state };
  }
}
