// Reports in plain lines what a machine has, what is missing, and how to fix it.

import { type AdapterReport, adapterName, WANTED_FEATURES } from '../../engine/core/adapter.ts';
import { row } from '../text/lines.ts';
import type { Machine } from './machine.ts';

/** The report of `diagnose` about a machine. */
export interface Diagnosis {
  readonly lines: readonly string[];
  /** True if training can run, that is, if an adapter was opened. */
  readonly ok: boolean;
}

/** The limits that decide how large tensors and workgroups may be. The first two are in bytes. */
const SHOWN_LIMITS = {
  maxBufferSize: 'buffer',
  maxStorageBufferBindingSize: 'binding',
  maxComputeWorkgroupStorageSize: 'workgroup memory',
} as const;

const LOW_MEMORY = 2 * 2 ** 30;

/** Turns findings into lines for a person. Each missing thing is followed by its fix. */
export function diagnose({ probe, versions, libvulkan, chromium, memory }: Machine): Diagnosis {
  const lines = [
    ...fact('gfsr', versions.gfsr),
    ...fact('node', versions.node),
    ...fact('webgpu', versions.webgpu ?? 'not installed', !versions.webgpu && 'npm install webgpu'),
    ...fact('system', versions.os),
    ...fact(
      'memory',
      `${bytes(memory.free)} free of ${bytes(memory.total)}`,
      memory.free < LOW_MEMORY && 'Close other programs, or train with a smaller --batch-size.',
    ),
    ...(probe.ok ? adapterFacts(probe.adapter) : fact('adapter', 'NONE', probe.message)),
  ];
  if (libvulkan !== null) {
    const remedy = libvulkan ? false : 'node scripts/setup.mjs, or: apt-get install libvulkan1';
    lines.push(...fact('libvulkan', libvulkan ?? 'not found', remedy));
  }
  const browser = 'Needed only for browser tests and benchmarks: apt-get install chromium';
  lines.push(...fact('chromium', chromium ?? 'not found', !chromium && browser));
  lines.push('', probe.ok ? 'Ready to train.' : 'Training needs an adapter first.');
  return { lines, ok: probe.ok };
}

function adapterFacts(adapter: AdapterReport): string[] {
  const { vendor, architecture, device, backend, limits, features, isSoftware } = adapter;
  const sizes = Object.entries(SHOWN_LIMITS).map(([key, name]) => `${name} ${bytes(limits[key])}`);
  const used = WANTED_FEATURES.map((name) => (features.includes(name) ? name : `no ${name}`));
  const warning =
    'SOFTWARE ADAPTER: the processor computes. Results are correct, but slow, and timings say nothing about a GPU. For speed, install the driver of your GPU.';
  return [
    ...fact('adapter', adapterName(adapter), isSoftware && warning),
    ...fact('driver', [backend, vendor, architecture, device].filter(Boolean).join(', ')),
    ...fact(
      'limits',
      `${sizes.join(', ')}, ${limits.maxComputeInvocationsPerWorkgroup} invocations`,
    ),
    ...fact('features', used.join(', ')),
  ];
}

const fact = (label: string, value: string, remedy: string | false = false): string[] => [
  row(label, value),
  ...(remedy ? [row('', `→ ${remedy}`)] : []),
];

function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(Math.floor(Math.log2(Math.max(count, 1)) / 10), units.length - 1);
  return `${Number((count / 1024 ** power).toFixed(1))} ${units[power]}`;
}
