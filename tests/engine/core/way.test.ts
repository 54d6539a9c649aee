// Long work gives way: before each kernel is compiled, and after values were read.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpu } from '../../../engine/core/gpu.ts';
import { Way } from '../../../engine/core/way.ts';
import * as e from '../../../engine/index.ts';
import { createNodeDevice } from '../../../engine/node.ts';

test('without anyone to give way to, it is always free', async () => {
  const way = new Way();
  assert.is(way.isShared, false);
  await way.free();
  assert.is(way.waited, 0);
});

test('it says how long work has waited', async () => {
  const way = new Way(() => new Promise((resolve) => setTimeout(resolve, 30)));
  assert.is(way.isShared, true);
  await way.free();
  await way.free();
  assert.ok(way.waited >= 50, `${way.waited} ms`);
});

test('what waits at the same time counts once, and counts while it waits', async () => {
  const way = new Way(() => new Promise((resolve) => setTimeout(resolve, 50)));
  const started = performance.now();
  const waits = Promise.all([way.free(), way.free(), way.free()]);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.ok(way.waited >= 15, `${way.waited} ms`);
  await waits;
  const { waited } = way;
  assert.ok(waited <= performance.now() - started, `${waited} ms`);
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.is(way.waited, waited);
});

test('a wait that fails is over', async () => {
  const way = new Way(() => Promise.reject(new Error('closed')));
  await way.free().catch(() => {});
  const { waited } = way;
  await new Promise((resolve) => setTimeout(resolve, 5));
  assert.is(way.waited, waited);
});

test('kernels are compiled one by one, and give way; so do reads; values keep their bits', async () => {
  const { device, wait } = await createNodeDevice();
  let ways = 0;
  const gpu = new Gpu(device, { wait, giveWay: async () => void ways++ });
  try {
    const x = gpu.tensor([[1, 2, 3]]);
    const body = () => e.sum(e.exp(e.mul(x, x)));
    const program = await gpu.capture(body);
    const compiled = ways;
    assert.is(compiled, gpu.stats.pipelines, 'all kernels so far are of the program');
    assert.ok(compiled > 0);
    const replayed = await gpu.read(program.run());
    assert.is(ways, compiled + 1);
    assert.equal(await gpu.read(gpu.scope(body)), replayed);
    program.dispose();
  } finally {
    gpu.destroy();
  }
});

test.run();
