// A short run in which one call of the device fails: whether it recovers or says so, and comes to the same bytes.

import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { NoAdapterError, type OpenDevice } from '../../engine/core/adapter.ts';
import { DeviceLostError, KernelError, OutOfMemoryError } from '../../engine/core/errors.ts';
import { Gpu } from '../../engine/core/gpu.ts';
import { createNodeDevice, requestNodeAdapter } from '../../engine/node.ts';
import type { ConfigChanges } from '../../gfsr/config/config.ts';
import { acrossDeviceLosses } from '../../gfsr/job/device-loss.ts';
import { type Job, prepareJob, resumeJob } from '../../gfsr/job/job.ts';
import { runJob } from '../../gfsr/job/run-job.ts';
import { InterruptedError } from '../../gfsr/train/experiment.ts';
import {
  type DeviceCall,
  type DeviceFault,
  type DeviceWatch,
  type FaultyCall,
  watchDevice,
} from './device-faults.ts';
import { openSharedDevice } from './shared-device.ts';
import { tinyRun, trainedState } from './tiny-run.ts';

/** What became of a run with a fault. `survived`: it went on by itself, or the call did not matter. */
export interface DeviceOutcome {
  readonly kind: 'survived' | 'resumed' | 'wrong';
  /** What the run said, and, if the outcome is wrong, what is wrong with it. */
  readonly message: string;
  /** The kind of the call that failed; undefined if it was not made. */
  readonly failed?: string;
}

/** Errors that a user of the library is told to expect. */
const KNOWN = [DeviceLostError, KernelError, NoAdapterError, OutOfMemoryError];

/** Calls are of one kind if they have the same name, are made at the same place, and at the same stage of the run. */
const kindOf = ({ name, stage, place }: DeviceCall): string =>
  `${name}, ${stage}: ${place.replace(/ < gfsr\/job\/device-loss.*/, '')}`;

/** A folder with data and runs, whose device calls can be made to fail. */
export class DeviceRuns {
  /** Every watched call of a run without a fault. */
  calls: readonly DeviceCall[] = [];
  /** The kind of each. */
  kinds: readonly string[] = [];
  readonly #root: string;
  readonly #settings: ConfigChanges;
  /** For every session whose device is not to be lost. */
  readonly #shared: OpenDevice;
  #whole: readonly string[] = [];

  private constructor(root: string, shared: OpenDevice) {
    mkdirSync(root, { recursive: true });
    this.#root = root;
    this.#settings = tinyRun(root);
    this.#shared = shared;
  }

  /**
   * Runs once without a fault: what all others must give.
   *
   * @param root an empty folder of its own
   */
  static async begin(root: string): Promise<DeviceRuns> {
    const runs = new DeviceRuns(root, await openSharedDevice());
    const path = join(root, 'whole');
    const { error, calls } = await runs.#attempt(path);
    if (error) throw error;
    runs.calls = calls;
    runs.kinds = calls.map(kindOf);
    runs.#whole = await trainedState(path);
    return runs;
  }

  /** Lets the first request for a device fail; the next run gets one. */
  async failToOpen(fault: DeviceFault): Promise<DeviceOutcome> {
    const path = this.#newPath();
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
    const error = await failureOf(async () => {
      try {
        await session(await prepareJob(this.#settings, path), await createNodeDevice());
      } finally {
        kind.requestDevice = requestDevice;
      }
    });
    if (!error) return { kind: 'wrong', message: 'went on without a device' };
    return this.#afterwards(path, error);
  }

  /** Runs with one call of the first device that fails, then as often as it takes without. */
  async fail(failing: FaultyCall): Promise<DeviceOutcome> {
    const path = this.#newPath();
    const { error, calls } = await this.#attempt(path, failing);
    const call = calls[failing.number];
    return { ...(await this.#afterwards(path, error)), ...(call && { failed: kindOf(call) }) };
  }

  /** Runs the job as `gfsr train` does. Returns how it failed, and the calls of its first device. */
  async #attempt(path: string, failing?: FaultyCall) {
    let first: DeviceWatch | undefined;
    const error = await failureOf(async () => {
      await acrossDeviceLosses(await prepareJob(this.#settings, path), async (job, stored) => {
        const isLost = failing?.fault === 'lost' && !first;
        const opened = isLost ? await createNodeDevice() : this.#shared;
        const watch = watchDevice(opened.device, first ? undefined : failing);
        first ??= watch;
        await session(job, opened, watch, stored);
      });
    });
    return { error, calls: first?.calls ?? [] };
  }

  /** Continues a run that failed and said so, and compares the weights. */
  async #afterwards(path: string, error: Error | undefined): Promise<DeviceOutcome> {
    const said = error?.message ?? '';
    if (error && !KNOWN.some((kind) => error instanceof kind)) {
      return { kind: 'wrong', message: `an error of no known kind: ${error.stack}` };
    }
    const again = error && (await failureOf(() => this.#goOn(path)));
    if (again) return { kind: 'wrong', message: `cannot go on: ${again.message} (after: ${said})` };
    if (!isDeepStrictEqual(await trainedState(path), this.#whole)) {
      return { kind: 'wrong', message: `other bytes (after: ${said})` };
    }
    return { kind: error ? 'resumed' : 'survived', message: said };
  }

  /** Resumes a run, or begins it where it had not begun. */
  async #goOn(path: string): Promise<void> {
    const isBegun = existsSync(join(path, 'run.json'));
    const job = await (isBegun ? resumeJob(path) : prepareJob(this.#settings, path));
    await session(job, this.#shared);
  }

  #newPath(): string {
    const path = join(this.#root, 'faulty');
    rmSync(path, { recursive: true, force: true });
    return path;
  }
}

async function failureOf(work: () => Promise<void>): Promise<Error | undefined> {
  try {
    await work();
    return undefined;
  } catch (error) {
    return error as Error;
  }
}

/** Runs the job on the device, under the watch, until all is computed: what is then written needs no device. */
async function session(
  job: Job,
  { device, wait, info }: OpenDevice,
  watch = watchDevice(device),
  stored: (takeUp: () => Promise<Job>) => void = () => {},
): Promise<void> {
  const gpu = new Gpu(device, { wait });
  try {
    const folder = job.open(info);
    stored(() => {
      folder.close();
      return resumeJob(folder.path);
    });
    const computed = new AbortController();
    await runJob(gpu, job, folder, {
      onStage: (text) => {
        watch.stage = text;
      },
      onWriting: () => computed.abort(),
      signal: computed.signal,
    });
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
  } finally {
    watch.end();
    gpu.destroy();
  }
}
