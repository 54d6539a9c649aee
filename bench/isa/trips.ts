// How often the loops of a kernel run for given arguments: those that no compiler unrolls, outer loops first.

import { STEP, sharedBytes } from '../../kernels/contract-tiled.ts';
import type { Launch } from '../../tests/support/launches.ts';

type Args = Launch['args'];

const TRIPS: Readonly<Record<string, (args: Args) => number[]>> = {
  contract: ({ tap_chunk, depth_chunk }) => [tap_chunk, Math.ceil(depth_chunk / 2)],
  // The first clears workgroup memory, as WebGPU demands: a vector per thread at a time.
  contract_tiled: ({ tap_chunk, depth_chunk, THREADS, ACROSS, PIXELS, OUTS }) => [
    Math.ceil(sharedBytes({ THREADS, ACROSS, PIXELS, OUTS }) / (16 * THREADS)),
    Math.ceil((tap_chunk * depth_chunk) / STEP),
  ],
  conv_rows: ({ depth, kh }) => [depth, kh],
  conv_rows_shared: ({ depth, kh }) => [depth, kh],
  conv_rows_band: ({ depth, KH }) => [depth, KH + 3],
  conv_rows_shared_band: ({ depth }) => [depth],
  conv_rows_shared_weight_grad: ({ n, oh, ow, chunks }) => [
    Math.ceil((n * oh) / chunks),
    Math.ceil(ow / 4),
  ],
};

/** The trips of a launch; none where its loops are not known. */
export function tripsOf({ kernel: { label }, args }: Launch): number[] | undefined {
  const family = Object.keys(TRIPS)
    .filter(
      (name) => label === name || /^(_rows|_ragged|_whole|_f16)+$/.test(label.slice(name.length)),
    )
    .find((name) => label.startsWith(name));
  return family === undefined ? undefined : TRIPS[family](args);
}
