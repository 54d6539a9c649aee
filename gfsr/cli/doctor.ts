// Looks at this machine and says in plain lines what GFSR finds, what is missing, and what to do about it.
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { freemem, version as osVersion, release, totalmem } from 'node:os';
import { delimiter, join } from 'node:path';
import { type AdapterReport, adapterName, WANTED_FEATURES } from '../../engine/core/adapter.ts';
import { type ProbeResult, probeAdapter } from '../../engine/core/probe.ts';

/** What the doctor looked at. */
export interface Findings {
  probe: ProbeResult;
  versions: { gfsr: string; node: string; webgpu?: string; os: string };
  /** Path of the Vulkan loader; null where the system needs none. */
  libvulkan: string | undefined | null;
  chromium: string | undefined;
  /** Bytes. */
  memory: { free: number; total: number };
}

export interface Diagnosis {
  lines: string[];
  /** True where training can run: an adapter was opened. */
  ok: boolean;
}

/** The limits that decide how large tensors and workgroups may be; the first two in bytes. */
const SHOWN_LIMITS = {
  maxBufferSize: 'buffer',
  maxStorageBufferBindingSize: 'binding',
  maxComputeWorkgroupStorageSize: 'workgroup memory',
} as const;

const LOW_MEMORY = 2 * 2 ** 30;

/** Examines this machine; a driver that crashes only ends the child process that tried it. */
export async function doctor(): Promise<Diagnosis> {
  return diagnose({
    probe: await probeAdapter(),
    versions: versions(),
    libvulkan: process.platform === 'linux' ? findLibvulkan() : null,
    chromium: findChromium(),
    memory: { free: freemem(), total: totalmem() },
  });
}

/** Turns findings into lines for a person; each thing missing is followed by its remedy. */
export function diagnose({ probe, versions, libvulkan, chromium, memory }: Findings): Diagnosis {
  const lines = [
    row('gfsr', versions.gfsr),
    row('node', versions.node),
    row('webgpu', versions.webgpu ?? 'not installed', !versions.webgpu && 'npm install webgpu'),
    row('system', versions.os),
    row(
      'memory',
      `${bytes(memory.free)} free of ${bytes(memory.total)}`,
      memory.free < LOW_MEMORY && 'Close other programs, or train with a smaller --batch-size.',
    ),
    ...(probe.ok ? adapterRows(probe.adapter) : [row('adapter', 'NONE', probe.message)]),
  ];
  if (libvulkan !== null) {
    const remedy = libvulkan ? false : 'node scripts/setup.mjs, or: apt-get install libvulkan1';
    lines.push(row('libvulkan', libvulkan ?? 'not found', remedy));
  }
  const browser = 'Needed for browser tests and benchmarks only: apt-get install chromium';
  lines.push(row('chromium', chromium ?? 'not found', !chromium && browser));
  lines.push('', probe.ok ? 'Ready to train.' : 'Training cannot run before there is an adapter.');
  return { lines: lines.flatMap((line) => line.split('\n')), ok: probe.ok };
}

/** Of what a result depends on; every run records them. */
export function versions(): Findings['versions'] {
  return {
    gfsr: ownVersion(),
    node: process.versions.node,
    webgpu: packageVersion('webgpu'),
    os: `${osName()} (${process.platform} ${release()}, ${process.arch})`,
  };
}

/** The version of this package, whose package.json is two folders up, or three from dist. */
export function ownVersion(): string {
  const files = ['../../package.json', '../../../package.json'];
  const file = files.map((path) => new URL(path, import.meta.url)).find((url) => existsSync(url));
  return file ? JSON.parse(readFileSync(file, 'utf8')).version : 'unknown';
}

function packageVersion(name: string): string | undefined {
  try {
    const file = createRequire(import.meta.url).resolve(`${name}/package.json`);
    return JSON.parse(readFileSync(file, 'utf8')).version;
  } catch {
    return undefined;
  }
}

/** Chromium or Chrome in the PATH, or where GFSR_CHROMIUM says. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (env.GFSR_CHROMIUM) return existsSync(env.GFSR_CHROMIUM) ? env.GFSR_CHROMIUM : undefined;
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(existsSync);
}

function adapterRows(adapter: AdapterReport): string[] {
  const { vendor, architecture, device, backend, limits, features, isSoftware } = adapter;
  const sizes = Object.entries(SHOWN_LIMITS).map(([key, name]) => `${name} ${bytes(limits[key])}`);
  const used = WANTED_FEATURES.map((name) => (features.includes(name) ? name : `no ${name}`));
  const warning =
    'SOFTWARE ADAPTER: the processor computes. Results are right, but slow, and no timing here speaks for a GPU. For speed, install the driver of your GPU.';
  return [
    row('adapter', adapterName(adapter), isSoftware && warning),
    row('driver', [backend, vendor, architecture, device].filter(Boolean).join(', ')),
    row('limits', `${sizes.join(', ')}, ${limits.maxComputeInvocationsPerWorkgroup} invocations`),
    row('features', used.join(', ')),
  ];
}

function row(label: string, value: string, remedy: string | false = false): string {
  const line = `${label.padEnd(10)} ${value}`;
  return remedy ? `${line}\n${' '.repeat(11)}→ ${remedy}` : line;
}

function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  const power = Math.min(Math.floor(Math.log2(Math.max(count, 1)) / 10), units.length - 1);
  return `${Number((count / 1024 ** power).toFixed(1))} ${units[power]}`;
}

function osName(): string {
  const file = '/etc/os-release';
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  return text.match(/^PRETTY_NAME="?(.*?)"?$/m)?.[1] ?? osVersion();
}

function findLibvulkan(): string | undefined {
  const triplet = `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;
  const folders = [`/usr/lib/${triplet}`, '/usr/lib64', '/usr/lib', '/usr/local/lib'];
  return folders.map((folder) => join(folder, 'libvulkan.so.1')).find(existsSync);
}
