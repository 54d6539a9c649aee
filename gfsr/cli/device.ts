// Opens the adapter for one command, says what it is, and closes it whatever happens.

import { type AdapterReport, adapterName } from '../../engine/adapter.ts';
import { Gpu } from '../../engine/gpu.ts';
import { createNodeDevice } from '../../engine/node.ts';
import { type Output, row } from './output.ts';

/** @throws NoAdapterError, with the fix, where this machine has no adapter */
export async function withGpu<T>(
  out: Output,
  body: (gpu: Gpu, adapter: AdapterReport) => Promise<T>,
): Promise<T> {
  const { device, info } = await createNodeDevice();
  const gpu = new Gpu(device);
  try {
    out.say(row('adapter', adapterName(info)));
    if (info.isSoftware) {
      const warning = 'SOFTWARE ADAPTER: no GPU found, the processor computes. Right, but slow.';
      out.say(row('', out.style.bold(out.style.yellow(warning))));
    }
    return await body(gpu, info);
  } finally {
    gpu.destroy();
  }
}
