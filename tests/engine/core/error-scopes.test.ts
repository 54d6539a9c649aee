// Devices that fail: the error comes at the next call, and names its cause.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as e from '../../../engine/index.ts';
import { createNodeDevice } from '../../../engine/node.ts';
import { rejects } from '../../support/assertions.ts';
import { poorDevice } from '../../support/poor-device.ts';

const { Gpu } = e;

test('a device that runs out of memory says so at the next call, once', async () => {
  const poor = new Gpu(poorDevice(1000));
  poor.empty([100]);
  await poor.sync();
  poor.empty([1000]);
  await rejects(() => poor.sync(), e.OutOfMemoryError);
  await poor.sync();
});

test('a lost device: every later call says so', async () => {
  const { device } = await createNodeDevice({ backend: 'null' });
  const lost = new Gpu(device);
  const x = lost.tensor([1, 2]);
  const program = await lost.capture(() => e.neg(x));
  device.destroy(); // as if the driver had gone: the engine was not asked
  const early = rejects(() => x.data(), e.DeviceLostError);
  await device.lost;
  await early;
  for (const call of [
    () => lost.tensor([1]),
    () => lost.empty([1]),
    () => x.write([1, 2]),
    () => x.data(),
    () => e.neg(x),
    () => lost.sync(),
    () => program.run(),
    () => lost.capture(() => e.neg(x)),
  ]) {
    await rejects(call, e.DeviceLostError);
    await rejects(call, /gpu: the device is lost \(destroyed.*Create a new one/);
  }
  x.dispose();
  program.dispose();
  lost.destroy();
});

test('destroy may be called twice, and ends the device', async () => {
  const { device } = await createNodeDevice({ backend: 'null' });
  const short = new Gpu(device);
  short.destroy();
  short.destroy();
  assert.is((await device.lost).reason, 'destroyed');
  await rejects(() => short.zeros([1]), e.DeviceLostError);
});

test.run();
