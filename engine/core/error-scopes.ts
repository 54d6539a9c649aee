// Device errors arrive later than they happen. They are kept here, and thrown at the next call.

import { DeviceLostError, KernelError, OutOfMemoryError } from './errors.ts';

/** How to await the device's promises, if the platform has a better way than a plain await. */
export type Wait = (done: Promise<unknown>) => Promise<unknown>;

/** The first device failure that nobody was told about yet, and whether the device is lost. */
export class ErrorScopes {
  readonly #device: GPUDevice;
  readonly #wait: Wait;
  /** Resolves when every check so far has. They report in order, so that the first error is the cause. */
  #checked: Promise<void> = Promise.resolve();
  #failure: Error | undefined;
  #lost: string | undefined;

  constructor(device: GPUDevice, wait: Wait) {
    this.#device = device;
    this.#wait = wait;
    device.lost.then(
      ({ reason, message }) => {
        this.#lost ??= `${reason}: ${message}`;
      },
      () => {},
    );
    device.addEventListener('uncapturederror', (event) => {
      this.#failure ??= toError((event as GPUUncapturedErrorEvent).error);
    });
  }

  get lost(): boolean {
    return this.#lost !== undefined;
  }

  /** @throws the first failure, once; DeviceLostError always, once the device is lost */
  assertUsable(): void {
    if (this.#lost !== undefined) {
      throw new DeviceLostError(
        `gpu: the device is lost (${this.#lost}). Create a new one and load the last checkpoint.`,
      );
    }
    if (this.#failure) {
      const failure = this.#failure;
      this.#failure = undefined;
      throw failure;
    }
  }

  /** Keeps the error that a check finds, if it is the first. */
  watch(check: Promise<Error | undefined>): void {
    const earlier = this.#checked;
    this.#checked = check
      .catch(() => undefined) // the device is gone; `lost` says why
      .then(async (error) => {
        await earlier;
        this.#failure ??= error;
      });
  }

  /** Runs `work`, which calls the device, and watches for errors that it reports. */
  during(work: () => void): void {
    const device = this.#device;
    device.pushErrorScope('validation');
    device.pushErrorScope('out-of-memory');
    work();
    this.watch(device.popErrorScope().then(toErrorOrNothing));
    this.watch(device.popErrorScope().then(toErrorOrNothing));
  }

  /** Awaits a promise of the device, then every check so far. @throws the first failure of any */
  async settle(done: Promise<unknown>): Promise<void> {
    try {
      await this.#wait(done);
    } catch (error) {
      await this.#checked; // what went wrong first says why
      this.assertUsable();
      throw new KernelError(`gpu: the device gives no result (${(error as Error).message}).`);
    }
    await this.#checked;
    this.assertUsable();
  }

  /** Destroys the device. */
  end(): void {
    this.#lost = 'destroyed';
    this.#device.destroy();
  }
}

function toError(error: GPUError): Error {
  const out = error.constructor.name === 'GPUOutOfMemoryError';
  return out
    ? new OutOfMemoryError(`gpu: ${error.message}`)
    : new KernelError(`gpu: ${error.message}`);
}

function toErrorOrNothing(error: GPUError | null): Error | undefined {
  return error ? toError(error) : undefined;
}
