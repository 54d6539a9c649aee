// The diagnosis: what it says of a healthy machine, of a broken one, and of this one.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { diagnose } from '../../../gfsr/machine/diagnosis.ts';
import { examineMachine, findChromium, type Machine } from '../../../gfsr/machine/machine.ts';

const healthy: Machine = {
  probe: {
    ok: true,
    adapter: {
      vendor: 'nvidia',
      architecture: 'hopper',
      device: 'h100',
      description: 'NVIDIA: 570.1',
      backend: 'vulkan',
      isSoftware: false,
      features: ['shader-f16', 'timestamp-query'],
      limits: {
        maxBufferSize: 2 ** 32 - 1,
        maxStorageBufferBindingSize: 2 ** 27,
        maxComputeWorkgroupStorageSize: 49152,
        maxComputeInvocationsPerWorkgroup: 1024,
      },
    },
  },
  versions: { gfsr: '0.1.0', node: '20.20.2', webgpu: '0.6.2', os: 'Debian 12' },
  libvulkan: '/usr/lib/libvulkan.so.1',
  chromium: '/usr/bin/chromium',
  memory: { free: 8 * 2 ** 30, total: 24 * 2 ** 30 },
};
const said = (changes: Partial<Machine>) => {
  const { lines, ok } = diagnose({ ...healthy, ...changes });
  return { ok, text: lines.join('\n') };
};

test('says nothing but facts of a healthy machine', () => {
  const { ok, text } = said({});
  assert.ok(ok);
  assert.not.match(text, '→');
  assert.match(text, /^adapter +NVIDIA: 570\.1$/m);
  assert.match(text, /^limits +buffer 4 GiB, binding 128 MiB, workgroup memory 48 KiB, 1024 inv/m);
  assert.match(text, /^memory +8 GiB free of 24 GiB$/m);
  assert.match(text, /^features +timestamp-query, shader-f16, no subgroups$/m);
});

test('is loud about a software adapter', () => {
  if (!healthy.probe.ok) return;
  const adapter = { ...healthy.probe.adapter, isSoftware: true };
  const { ok, text } = said({ probe: { ok: true, adapter } });
  assert.ok(ok);
  assert.match(text, '→ SOFTWARE ADAPTER');
});

test('is not ok without an adapter, and passes the fix on', () => {
  const { ok, text } = said({ probe: { ok: false, message: 'no adapter. Install a driver.' } });
  assert.not(ok);
  assert.match(text, /^adapter +NONE\n +→ no adapter\. Install a driver\.$/m);
  assert.match(text, 'needs an adapter first');
});

test('names the remedy for each thing missing', () => {
  const { text } = said({
    versions: { ...healthy.versions, webgpu: undefined },
    libvulkan: undefined,
    chromium: undefined,
    memory: { free: 2 ** 30, total: 2 ** 31 },
  });
  assert.is(text.split('→').length - 1, 4);
  for (const remedy of ['install webgpu', 'install libvulkan1', 'install chromium', 'batch-size']) {
    assert.match(text, remedy);
  }
});

test('leaves libvulkan out where a system needs none', () => {
  assert.not.match(said({ libvulkan: null }).text, 'libvulkan');
});

test('looks for Chromium in the PATH, and where GFSR_CHROMIUM says', () => {
  assert.is(findChromium({ PATH: '/nowhere' }), undefined);
  assert.is(findChromium({ GFSR_CHROMIUM: process.execPath }), process.execPath);
  assert.is(findChromium({ PATH: '/usr/bin', GFSR_CHROMIUM: '/nowhere/chromium' }), undefined);
});

test('examines this machine', async () => {
  const { lines, ok } = diagnose(await examineMachine());
  assert.ok(ok, lines.join('\n'));
  const text = lines.join('\n');
  assert.match(text, /^gfsr +\d+\.\d+\.\d+$/m);
  assert.match(text, /^webgpu +\d+\.\d+\.\d+$/m);
  assert.match(text, `node        ${process.versions.node}`);
});

test.run();
