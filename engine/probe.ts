// Opens the adapter in a child process, so that a crash or hang in a driver cannot take the caller down.
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { AdapterReport } from './core/adapter.ts';
import { createNodeDevice } from './node.ts';

export type ProbeResult =
  | { ok: true; adapter: AdapterReport }
  | { ok: false; code?: string; message: string };

const self = fileURLToPath(import.meta.url);

/** Runs this file as a child process and reads its answer. Never rejects. */
export function probeAdapter(timeoutMs = 60_000): Promise<ProbeResult> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [...loaderFlags(), self], {
      stdio: ['ignore', 'pipe', 'ignore'],
      timeout: timeoutMs,
      killSignal: 'SIGKILL',
    });
    let out = '';
    child.stdout.on('data', (chunk) => {
      out += chunk;
    });
    child.on('error', (error) => resolve({ ok: false, message: error.message }));
    child.on('close', (status, signal) => {
      if (status === 0) resolve(JSON.parse(out));
      else resolve({ ok: false, message: `the driver ended with ${signal ?? `exit ${status}`}` });
    });
  });
}

/** The flags with which this process finds and reads its sources. Others (such as `--eval`) would not run a file. */
export const loaderFlags = (): string[] =>
  process.execArgv.flatMap((flag, i, all) => {
    if (/^--(import|require|conditions)=/.test(flag)) return [flag];
    return /^(--(import|require|conditions)|-[rC])$/.test(flag) ? [flag, all[i + 1]] : [];
  });

async function main(): Promise<ProbeResult> {
  try {
    const { info, destroy } = await createNodeDevice();
    destroy();
    return { ok: true, adapter: info };
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    return { ok: false, code, message };
  }
}

if (process.argv[1] === self) console.log(JSON.stringify(await main()));
