// The one GPUDevice of a page's trainings, in its worker or on its server: opened by the first that needs it.

import {
  type AdapterReport,
  adapterName,
  NoAdapterError,
  type OpenDevice,
} from '../../engine/core/adapter.ts';
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
export class LastingDevice {
  readonly #createDevice: () => Promise<OpenDevice>;
  readonly #giveWay: (() => Promise<void>) | undefined;
  #opening: Promise<Opened> | undefined;

  /** @param giveWay see `GpuOptions`; used if the processor does the device's work */
  constructor(createDevice: () => Promise<OpenDevice>, giveWay?: () => Promise<void>) {
    this.#createDevice = createDevice;
    this.#giveWay = giveWay;
  }

  /** @throws NoAdapterError if there is no WebGPU, or no adapter */
  async gpu(): Promise<Gpu> {
    return (await this.opened()).gpu;
  }

  /** The device with what it is. @throws NoAdapterError if there is none */
  opened(): Promise<Opened> {
    this.#opening ??= this.#create().catch((error) => {
      this.#opening = undefined; // the next that needs it tries again
      throw error;
    });
    return this.#opening;
  }

  async state(): Promise<DeviceState> {
    try {
      return (await this.opened()).state;
    } catch (error) {
      if (error instanceof NoAdapterError) return { missing: error.message };
      throw error;
    }
  }

  /** Lets go of the device, so that a process can end. */
  async close(): Promise<void> {
    const opened = await this.#opening?.catch(() => undefined);
    opened?.gpu.destroy();
  }

  async #create(): Promise<Opened> {
    const { device, wait, info, memory } = await this.#createDevice();
    void device.lost.then(() => {
      this.#opening = undefined;
    });
    const state = { name: adapterName(info), isSoftware: info.isSoftware };
    const giveWay = info.isSoftware ? this.#giveWay : undefined;
    return { gpu: new Gpu(device, { wait, memory, giveWay }), adapter: info, state };
  }
}
