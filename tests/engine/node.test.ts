// Opening devices in Node: the machine's own adapter, the null backend, and what is said where there is none.
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { adapterName, describeAdapter, deviceDescriptor } from '../../engine/core/adapter.ts';
import { NoAdapterError } from '../../engine/index.ts';
import { createNodeDevice, requestNodeAdapter } from '../../engine/node.ts';
import { probeAdapter } from '../../engine/probe.ts';

const fakeAdapter = (info: object, features: string[] = []) =>
  ({
    info: { vendor: '', architecture: '', device: '', description: '', ...info },
    features: new Set(features),
    limits: { maxBufferSize: 1 << 28, minStorageBufferOffsetAlignment: 32 },
  }) as unknown as GPUAdapter;

test('opens a device that computes, with the limits and features of its adapter', async () => {
  const { device, adapter, info, destroy } = await createNodeDevice();
  assert.is(device.limits.maxBufferSize, adapter.limits.maxBufferSize);
  assert.is(
    device.limits.maxComputeInvocationsPerWorkgroup,
    adapter.limits.maxComputeInvocationsPerWorkgroup,
  );
  for (const feature of ['timestamp-query', 'shader-f16', 'subgroups'] as const) {
    assert.is(device.features.has(feature), adapter.features.has(feature), feature);
  }
  assert.is(info.limits.maxBufferSize, adapter.limits.maxBufferSize);
  assert.ok(adapterName(info).length > 0);

  const code = '@group(0) @binding(0) var<storage, read_write> y: array<u32>;\n'.concat(
    '@compute @workgroup_size(4) fn main(@builtin(global_invocation_id) i: vec3u) { y[i.x] = i.x * i.x; }',
  );
  const module = device.createShaderModule({ code });
  const pipeline = device.createComputePipeline({ layout: 'auto', compute: { module } });
  const { STORAGE, COPY_SRC, COPY_DST, MAP_READ } = GPUBufferUsage;
  const y = device.createBuffer({ size: 16, usage: STORAGE | COPY_SRC });
  const back = device.createBuffer({ size: 16, usage: COPY_DST | MAP_READ });
  const layout = pipeline.getBindGroupLayout(0);
  const group = device.createBindGroup({
    layout,
    entries: [{ binding: 0, resource: { buffer: y } }],
  });
  const encoder = device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  pass.setPipeline(pipeline);
  pass.setBindGroup(0, group);
  pass.dispatchWorkgroups(1);
  pass.end();
  encoder.copyBufferToBuffer(y, 0, back, 0, 16);
  device.queue.submit([encoder.finish()]);
  await back.mapAsync(GPUMapMode.READ);
  assert.equal([...new Uint32Array(back.getMappedRange())], [0, 1, 4, 9]);
  destroy();
  destroy();
  assert.is((await device.lost).reason, 'destroyed');
});

test('the null backend gives real diagnostics without a driver', async () => {
  const { device, info, destroy } = await createNodeDevice({ backend: 'null' });
  assert.is(info.backend, 'null');
  assert.ok(info.isSoftware);
  device.pushErrorScope('validation');
  const module = device.createShaderModule({ code: 'fn f() -> i32 { return 1.5; }' });
  const { messages } = await module.getCompilationInfo();
  assert.ok(await device.popErrorScope());
  assert.is(messages[0].lineNum, 1);
  assert.match(messages[0].message, 'i32');
  destroy();
});

test('an adapter name that does not exist is answered with the names that do', async () => {
  try {
    await requestNodeAdapter({ adapterName: 'Voodoo 2' });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, NoAdapterError);
    assert.is((error as NoAdapterError).code, 'GFSR_NO_ADAPTER');
    assert.match((error as Error).message, /Available adapters: .*name: '/);
    assert.not.match((error as Error).message, '\n');
  }
});

test('without a driver the error has a code and, in one line, the fix', () => {
  if (process.platform !== 'linux') return console.log('skipped: only Linux can hide its drivers');
  const probe = fileURLToPath(new URL('../../engine/probe.ts', import.meta.url));
  const { stdout } = spawnSync(process.execPath, ['--import', 'tsx', probe], {
    env: { ...process.env, VK_DRIVER_FILES: '/nowhere.json' },
    encoding: 'utf8',
  });
  const { ok, code, message } = JSON.parse(stdout);
  assert.not(ok);
  assert.is(code, 'GFSR_NO_ADAPTER');
  assert.match(message, 'scripts/setup.mjs');
  assert.not.match(message, '\n');
});

test('the probe brings the report home from a child process', async () => {
  const result = await probeAdapter();
  assert.ok(result.ok, JSON.stringify(result));
  const late = await probeAdapter(1);
  assert.equal(late, { ok: false, message: 'the driver ended with SIGKILL' });
});

test('destroyed devices may be held and used while the collector runs', async () => {
  setFlagsFromString('--expose-gc');
  const gc: () => void = runInNewContext('gc');
  const held: GPUDevice[] = [];
  for (let i = 0; i < 10; i++) {
    const { device, destroy } = await createNodeDevice();
    destroy();
    await device.lost;
    held.push(device);
  }
  for (let i = 0; i < 3; i++) {
    gc();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  for (const device of held) device.createBuffer({ size: 64, usage: GPUBufferUsage.STORAGE });
});

test('knows a processor when it sees one', () => {
  for (const info of [
    { isFallbackAdapter: true },
    { architecture: 'software' },
    { description: 'llvmpipe: Mesa 25.0.7' },
    { vendor: 'google', architecture: 'swiftshader' },
    { description: 'Microsoft Basic Render Driver' },
    { device: 'WARP' },
  ]) {
    assert.ok(describeAdapter(fakeAdapter(info)).isSoftware, JSON.stringify(info));
  }
  for (const info of [
    { vendor: 'nvidia', architecture: 'hopper', description: 'NVIDIA: 570.1' },
    { vendor: 'apple', architecture: 'metal-3' },
    { vendor: 'amd', device: 'warpspeed' },
  ]) {
    assert.not(describeAdapter(fakeAdapter(info)).isSoftware, JSON.stringify(info));
  }
});

test('asks for wanted features that are offered, and leaves alignments at their defaults', () => {
  const { requiredFeatures, requiredLimits } = deviceDescriptor(
    fakeAdapter({}, ['shader-f16', 'texture-compression-bc']),
  );
  assert.equal(requiredFeatures, ['shader-f16']);
  assert.is(requiredLimits?.maxBufferSize, 1 << 28);
  assert.not('minStorageBufferOffsetAlignment' in (requiredLimits ?? {}));
});

test('waits one after another sleep once in a turn of the event loop, as one wait does', async () => {
  const { wait, info, destroy } = await createNodeDevice();
  const { wait: sleep } = Atomics;
  let [naps, most] = [0, 0];
  Atomics.wait = ((...args: Parameters<typeof sleep>) => {
    naps++;
    return sleep(...args);
  }) as typeof sleep;
  let watching = true;
  const turn = () => {
    most = Math.max(most, naps);
    naps = 0;
    if (watching) setImmediate(turn);
  };
  setImmediate(turn);
  try {
    for (let i = 0; i < 20; i++) await wait(new Promise((done) => setTimeout(done, 10)));
    assert.is(most, info.isSoftware ? 1 : 0);
  } finally {
    watching = false;
    Atomics.wait = sleep;
    destroy();
  }
});

test.run();
