// Examines this machine: adapter, versions, required libraries and programs, and memory.

import { existsSync } from 'node:fs';
import { freemem, totalmem } from 'node:os';
import { delimiter, join } from 'node:path';
import { type ProbeResult, probeAdapter } from '../../engine/probe.ts';
import { type Versions, versions } from './provenance.ts';

/** What `examineMachine` finds: adapter, versions, libraries, memory. */
export interface Machine {
  readonly probe: ProbeResult;
  readonly versions: Versions;
  /** Path of the Vulkan loader; null if the system needs none. */
  readonly libvulkan: string | undefined | null;
  readonly chromium: string | undefined;
  /** Bytes. */
  readonly memory: { readonly free: number; readonly total: number };
}

/** Examines this machine. If a driver crashes, only the child process that tried it ends. */
export async function examineMachine(): Promise<Machine> {
  return {
    probe: await probeAdapter(),
    versions: versions(),
    libvulkan: process.platform === 'linux' ? findLibvulkan() : null,
    chromium: findChromium(),
    memory: { free: freemem(), total: totalmem() },
  };
}

/** Chromium or Chrome in the PATH, or the one that GFSR_CHROMIUM names. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (env.GFSR_CHROMIUM) return existsSync(env.GFSR_CHROMIUM) ? env.GFSR_CHROMIUM : undefined;
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  const folders = (env.PATH ?? '').split(delimiter).filter(Boolean);
  return folders.flatMap((folder) => names.map((name) => join(folder, name))).find(existsSync);
}

function findLibvulkan(): string | undefined {
  const triplet = `${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;
  const folders = [`/usr/lib/${triplet}`, '/usr/lib64', '/usr/lib', '/usr/local/lib'];
  return folders.map((folder) => join(folder, 'libvulkan.so.1')).find(existsSync);
}
