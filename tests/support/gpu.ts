// One GPU device for a test file, destroyed after its last test so that the process can end.

import { test } from 'uvu';
import { Gpu } from '../../engine/core/gpu.ts';
import { createNodeDevice } from '../../engine/node.ts';

let shared: Promise<Gpu> | undefined;

/** The file's device; the first call opens it. @throws NoAdapterError, with the fix, where there is no driver */
export function testGpu(): Promise<Gpu> {
  shared ??= createNodeDevice().then(({ device, wait }) => {
    const gpu = new Gpu(device, { wait });
    test.after(() => gpu.destroy());
    return gpu;
  });
  return shared;
}
