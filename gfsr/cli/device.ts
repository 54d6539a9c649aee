// Finds the adapter for a command, prints its name, and opens and closes the device around the work.

import { type AdapterReport, adapterName } from '../../engine/core/adapter.ts';
import { Gpu } from '../../engine/core/gpu.ts';
import { createNodeDevice } from '../../engine/node.ts';
import { probeAdapter } from '../../engine/probe.ts';
import type { Output } from '../terminal/output.ts';
import { row } from '../text/lines.ts';

/**
 * Finds the adapter of this machine and prints it. The search runs in a child process, so that a driver that crashes
 * or writes to stderr does so there.
 *
 * @throws Error with the fix, if there is no adapter
 */
export async function findAdapter(out: Output): Promise<AdapterReport> {
  const probe = await probeAdapter();
  if (!probe.ok) throw new Error(probe.message);
  out.say(row('adapter', adapterName(probe.adapter)));
  if (probe.adapter.isSoftware) {
    const warning =
      'SOFTWARE ADAPTER: no GPU found, so the processor computes. Results are correct, but slow.';
    out.say(row('', out.style.bold(out.style.yellow(warning))));
  }
  return probe.adapter;
}

/** Opens the device for `body`, and always destroys it afterwards, so that the process can end. */
export async function withGpu<T>(body: (gpu: Gpu) => Promise<T>): Promise<T> {
  const { device, wait, memory } = await createNodeDevice();
  const gpu = new Gpu(device, { wait, memory });
  try {
    return await body(gpu);
  } finally {
    gpu.destroy();
  }
}
