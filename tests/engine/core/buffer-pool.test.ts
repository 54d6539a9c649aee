// Buffers by size: what is wasted, reused, freed and counted.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BufferPool, sizeClass } from '../../../engine/core/buffer-pool.ts';
import * as e from '../../../engine/index.ts';
import { createNodeDevice, requestNodeAdapter } from '../../../engine/node.ts';
import { rejects } from '../../support/assertions.ts';
import { testGpu } from '../../support/gpu.ts';
import { poorDevice } from '../../support/poor-device.ts';

const gpu = await testGpu();
const { Gpu, Random } = e;

/** The same values for the same name. */
const noise = (name: string, shape: e.Shape) =>
  new Random(name).fillNormal(new Float32Array(e.sizeOf(shape)));

test('size classes hold the bytes and waste at most a quarter', () => {
  for (let bytes = 4; bytes < 1e9; bytes = Math.ceil(bytes * 1.37) + 3) {
    const size = sizeClass(bytes);
    assert.ok(size >= bytes && size % 4 === 0, `${bytes} → ${size}`);
    assert.is(sizeClass(size), size, 'a class is its own class');
    if (bytes > 1024) assert.ok(size <= bytes * 1.25 + 4, `${bytes} → ${size}`);
  }
});

test('the pool reuses memory: a loop allocates in its first round only', async () => {
  const x = gpu.tensor(noise('x', [64, 33]), [64, 33]);
  const round = () => gpu.scope(() => e.sum(e.mul(e.exp(x), x))).dispose();
  round();
  const { allocatedBytes } = gpu.stats;
  for (let i = 0; i < 300; i++) round();
  await gpu.sync();
  assert.is(gpu.stats.allocatedBytes, allocatedBytes);
  x.dispose();
});

test('trim frees what waits for reuse', async () => {
  gpu.empty([1000, 1000]).dispose();
  const before = gpu.stats.allocatedBytes;
  gpu.trim();
  assert.ok(gpu.stats.allocatedBytes <= before - 4e6);
  assert.ok(gpu.stats.allocatedBytes >= gpu.stats.usedBytes);
  await gpu.sync();
});

test('more memory than the device allows is refused before it is asked for', async () => {
  const { adapter } = await requestNodeAdapter();
  const small = new Gpu(await adapter.requestDevice()); // with WebGPU's default limits
  const limit = small.device.limits.maxStorageBufferBindingSize;
  const before = small.stats.allocatedBytes;
  assert.throws(
    () => small.empty([limit / 4 + 1]),
    new RegExp(`needs ${limit + 4} bytes, this device allows ${limit} in one buffer`),
  );
  await rejects(() => small.empty([limit]), e.OutOfMemoryError);
  assert.is(small.stats.allocatedBytes, before);
  small.destroy();
});

test('the pool counts what it holds', () => {
  const pool = new BufferPool(poorDevice(1e9));
  const [a, b] = [pool.acquire(1000), pool.acquire(300)];
  assert.equal([pool.usedBytes, pool.allocatedBytes], [1024 + 512, 1024 + 512]);
  pool.release(a);
  assert.equal([pool.usedBytes, pool.peakUsedBytes], [512, 1536]);
  pool.peakUsedBytes = pool.usedBytes;
  assert.is(pool.acquire(1001), a);
  assert.is(pool.peakUsedBytes, 1536);
  pool.release(a);
  pool.release(b);
  pool.trim();
  assert.equal([pool.usedBytes, pool.allocatedBytes, pool.peakBytes], [0, 0, 1536]);
});

test('a pool with a budget refuses what exceeds it, and gives up what waits for reuse first', () => {
  const pool = new BufferPool(poorDevice(1e9), 4096);
  const a = pool.acquire(2048);
  assert.throws(
    () => pool.acquire(2049),
    /needs 2560 bytes more than the 2048 in use.* has 4096 for tensors/,
  );
  pool.release(a);
  pool.acquire(4096);
  assert.equal([pool.usedBytes, pool.allocatedBytes], [4096, 4096]);
});

test('a program that needs more than there is takes nothing', async () => {
  const { device } = await createNodeDevice();
  const small = new Gpu(device, { memory: 6e6 });
  const x = small.tensor(new Float32Array(250_000));
  const body = () => e.add(e.neg(x), e.square(x));
  const { plannedBytes, dispatches } = small.sketch(body);
  assert.ok(plannedBytes >= 3e6 && dispatches === 3);
  const before = small.stats.usedBytes;
  small.pool.expectRoom(plannedBytes);
  await rejects(
    () => small.capture(() => e.add(e.add(e.neg(x), e.square(x)), e.add(e.exp(x), e.abs(x)))),
    e.OutOfMemoryError,
  );
  assert.is(small.stats.usedBytes, before);
  const program = await small.capture(body);
  assert.is(program.plannedBytes, plannedBytes);
  assert.is(program.dispatches, dispatches);
  small.destroy();
});

test.run();
