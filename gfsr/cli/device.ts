// Finds the adapter for a command, says what it is, and opens and closes it around the work.

import { type AdapterReport, adapterName } from '../../engine/core/adapter.ts';
import { Gpu } from '../../engine/core/gpu.ts';
import { createNodeDevice } from '../../engine/node.ts';
import { probeAdapter } from '../../engine/probe.ts';
import type { Output } from '../terminal/output.ts';
import { row } from '../text/lines.ts';

/**
 * The adapter of this machine, printed. Looked for in a child process: a driver that crashes, or that
 * writes to stderr what nobody asked, does so there.
 *
 * @throws Error, with the fix, where there is none
 */
export async function findAdapter(out: Output): Promise<AdapterReport> {
  const probe = await probeAdapter();
  if (!probe.ok) throw new Error(probe.message);
  out.say(row('adapter', adapterName(probe.adapter)));
  if (probe.adapter.isSoftware) {
    const warning = 'SOFTWARE ADAPTER: no GPU found, the processor computes. Right, but slow.';
    out.say(row('', out.style.bold(out.style.yellow(warning))));
  }
  return probe.adapter;
}

/** Opens the device for `body`, and destroys it whatever happens, so that the process can end. */
export async function withGpu<T>(body: (gpu: Gpu) => Promise<T>): Promise<T> {
  const { device, wait } = await createNodeDevice();
  const gpu = new Gpu(device, { wait });
  try {
    return await body(gpu);
  } finally {
    gpu.destroy();
  }
}
