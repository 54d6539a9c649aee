// The GPUs of this machine, and how a process is made to see only one of them (Linux).

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const PCI = '/sys/bus/pci/devices';
/** Display controllers have this class, with any subclass. */
const DISPLAY = /^0x03/;
/** Drivers of GPUs that compute; a virtual screen has another one, or none. */
const DRIVERS = ['nvidia', 'amdgpu', 'i915', 'xe'];

/** PCI addresses of the GPUs that have a driver, such as "0000:01:00.0"; none where this cannot be known. */
export function listGpus(devices: string = PCI): string[] {
  const read = (path: string) => {
    try {
      return readFileSync(path, 'utf8');
    } catch {
      return '';
    }
  };
  let addresses: string[];
  try {
    addresses = readdirSync(devices).sort();
  } catch {
    return [];
  }
  return addresses.filter((address) => {
    const driver = /^DRIVER=(.*)$/m.exec(read(join(devices, address, 'uevent')))?.[1] ?? '';
    return DISPLAY.test(read(join(devices, address, 'class'))) && DRIVERS.includes(driver);
  });
}

/**
 * Environment of worker `index`: with several GPUs, it sees only the one whose turn it is. Mesa's device-select layer,
 * which works for every Vulkan driver, reads it.
 */
export function environmentOf(index: number, gpus: readonly string[]): Record<string, string> {
  if (gpus.length < 2) return {};
  const address = gpus[index % gpus.length];
  return { DRI_PRIME: `pci-${address.replace(/[:.]/g, '_')}!` };
}
