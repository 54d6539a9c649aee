// Which devices count as GPUs, and what a worker is told to see.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { environmentOf, listGpus } from '../../../gfsr/workers/gpus.ts';
import { tempFolder } from '../cli/cli.ts';

test('display controllers with a driver that computes are GPUs', () => {
  const pci = tempFolder();
  const device = (address: string, code: string, driver?: string) => {
    mkdirSync(join(pci, address));
    writeFileSync(join(pci, address, 'class'), `${code}\n`);
    writeFileSync(join(pci, address, 'uevent'), driver ? `DRIVER=${driver}\nPCI_CLASS=1\n` : '');
  };
  device('0000:b1:00.0', '0x030200', 'nvidia');
  device('0000:01:00.0', '0x030000', 'amdgpu');
  device('0000:02:00.0', '0x030000');
  device('0000:03:00.0', '0x030000', 'bochs-drm');
  device('0000:04:00.0', '0x020000', 'nvidia');
  const gpus = listGpus(pci);
  assert.equal(gpus, ['0000:01:00.0', '0000:b1:00.0']);
  assert.equal(environmentOf(0, gpus), { DRI_PRIME: 'pci-0000_01_00_0!' });
  assert.equal(environmentOf(3, gpus), { DRI_PRIME: 'pci-0000_b1_00_0!' });
  assert.equal(environmentOf(3, gpus.slice(1)), {});
  assert.equal(listGpus(join(pci, 'nothing')), []);
});

test.run();
