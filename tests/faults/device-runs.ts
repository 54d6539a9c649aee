// A short run in which one call of the device fails: whether it recovers or says so, and comes to the same bytes.

import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { NoAdapterError } from '../../engine/core/adapter.ts';
import { DeviceLostError, KernelError, OutOfMemoryError } from '../../engine/core/errors.ts';
import { Gpu } from '../../engine/core/gpu.ts';
import { createNodeDevice, requestNodeAdapter } from '../../engine/node.ts';
import type { ConfigChanges } from '../../gfsr/config/config.ts';
import { acrossDeviceLosses } from '../../gfsr/job/device-loss.ts';
import { type Job, prepareJob, resumeJob } from '../../gfsr/job/job.ts';
import { runJob } from '../../gfsr/job/run-job.ts';
import { type DeviceFault, type FaultyCall, watchDevice } from './device-faults.ts';
import { armWeights, tinyRun } from './tiny-run.ts';

/** What became of a run with a fault. `survived`: it went on by itself, or the call did not matter. */
export interface DeviceOutcome {
  readonly kind: 'survived' | 'resumed' | 'wrong';
  /** What the run said, and, if the outcome is wrong, what is wrong with it. */
  readonly message: string;
}

/** Errors that a user of the library is told to expect. */
const KNOWN = [DeviceLostError, KernelError, NoAdapterError, OutOfMemoryError];

/** A folder with data and runs, whose device calls can be made to fail. */
export class DeviceRuns {
  /** Name of every watched call of a run without a fault. */
  calls: readonly string[] = [];
  readonly #root: string;
  readonly #settings: ConfigChanges;
  #whole: readonly string[] = [];

  /** @param root an empty folder of its own */
  constructor(root: string) {
    mkdirSync(root, { recursive: true });
    this.#root = root;
    this.#settings = tinyRun(root);
  }

  /** Runs once without a fault: what all others must give. */
  async begin(): Promise<void> {
    const path = join(this.#root, 'whole');
    await acrossDeviceLosses(await prepareJob(this.#settings, path), async (job, stored) => {
      this.calls = await this.#session(job, stored);
    });
    this.#whole = armWeights(path);
  }

  /** Lets the first request for a device fail; the next run gets one. */
  async failToOpen(fault: DeviceFault): Promise<DeviceOutcome> {
    const path = join(this.#root, 'faulty');
    rmSync(path, { recursive: true, force: true });
    const { adapter } = await requestNodeAdapter();
    const kind = Object.getPrototypeOf(adapter) as GPUAdapter;
    const { requestDevice } = kind;
    kind.requestDevice = async function (this: GPUAdapter, descriptor) {
      kind.requestDevice = requestDevice;
      if (fault !== 'lost') throw new Error(`${fault} (injected)`);
      const device = await this.requestDevice(descriptor);
      device.destroy(); // as the specification has it, instead of an error
      return device;
    };
    let said = '';
    try {
      await this.#session(await prepareJob(this.#settings, path), () => {});
    } catch (error) {
      said = (error as Error).message;
      if (!KNOWN.some((each) => error instanceof each)) {
        return { kind: 'wrong', message: `an error of no known kind: ${said}` };
      }
    } finally {
      kind.requestDevice = requestDevice;
    }
    if (said === '') return { kind: 'wrong', message: 'went on without a device' };
    return this.#afterwards(path, said);
  }

  /** Runs with one call of the first device that fails, then as often as it takes without. */
  async fail(failing: FaultyCall): Promise<DeviceOutcome> {
    const path = join(this.#root, 'faulty');
    rmSync(path, { recursive: true, force: true });
    let error: Error | undefined;
    let fault: FaultyCall | undefined = failing;
    try {
      await acrossDeviceLosses(await prepareJob(this.#settings, path), async (job, stored) => {
        const own = fault;
        fault = undefined;
        await this.#session(job, stored, own);
      });
    } catch (thrown) {
      error = thrown as Error;
    }
    const said = error?.message ?? '';
    if (error && !KNOWN.some((kind) => error instanceof kind)) {
      return { kind: 'wrong', message: `an error of no known kind: ${error.stack}` };
    }
    return this.#afterwards(path, said);
  }

  /** Continues a run that failed and said so, and compares the weights. */
  async #afterwards(path: string, said: string): Promise<DeviceOutcome> {
    if (said !== '') {
      try {
        const isBegun = existsSync(join(path, 'run.json'));
        const again = await (isBegun ? resumeJob(path) : prepareJob(this.#settings, path));
        await this.#session(again, () => {});
      } catch (error) {
        const { message } = error as Error;
        return { kind: 'wrong', message: `cannot go on: ${message} (after: ${said})` };
      }
    }
    if (armWeights(path).some((each, i) => each !== this.#whole[i])) {
      return { kind: 'wrong', message: `other bytes (after: ${said})` };
    }
    return { kind: said === '' ? 'survived' : 'resumed', message: said };
  }

  /** Runs the job on a device of its own. Returns the names of the watched calls. */
  async #session(
    job: Job,
    stored: (takeUp: () => Promise<Job>) => void,
    failing?: FaultyCall,
  ): Promise<readonly string[]> {
    const { device, wait, info } = await createNodeDevice();
    const calls = watchDevice(device, failing);
    const gpu = new Gpu(device, { wait });
    try {
      const folder = job.open(info);
      stored(() => {
        folder.close();
        return resumeJob(folder.path);
      });
      await runJob(gpu, job, folder);
      return calls;
    } finally {
      gpu.destroy();
    }
  }
}
