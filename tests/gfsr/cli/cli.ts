// Runs the command line as a user does.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';

const ROOT = fileURLToPath(new URL('../../..', import.meta.url));

export interface Outcome {
  code: number | null;
  signal: NodeJS.Signals | null;
  stdout: string;
  stderr: string;
}

export interface RunOptions {
  env?: Record<string, string>;
  /** A command that runs the command line that it is given. */
  wrapper?: readonly string[];
  /** Called with everything printed so far, whenever there is more. */
  watch?: (stdout: string, child: ChildProcess) => void;
}

/** A folder of this test file's own, gone when its tests are done. */
export function tempFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gfsr-cli-'));
  test.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Runs `gfsr` with the given arguments. */
export function gfsr(
  args: readonly string[],
  { env = {}, wrapper = [], watch }: RunOptions = {},
): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const flags = ['--conditions=gfsr-source', '--import', 'tsx'];
    const [program, ...rest] = [
      ...wrapper,
      process.execPath,
      ...flags,
      'gfsr/cli/main.ts',
      ...args,
    ];
    const child = spawn(program, rest, {
      cwd: ROOT,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name].setEncoding('utf8').on('data', (text) => {
        said[name] += text;
        watch?.(said.stdout, child);
      });
    }
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, ...said }));
  });
}

/** What went wrong, in the words of the one line that says so; Dawn's own warnings are not ours. */
export function complaint({ stderr }: Outcome): string {
  const lines = stderr
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('Warning: max'));
  if (lines.length !== 1 || !lines[0].startsWith('gfsr: ')) {
    throw new Error(`expected one line that begins with "gfsr: ", got:\n${stderr}`);
  }
  return lines[0].slice('gfsr: '.length);
}

/** Flags of a job that takes seconds on any adapter: 6 epochs of 12 steps. */
export const TINY = [
  ...['--widths', '2,4', '--hidden', '8', '--epochs', '6', '--batch-size', '4', '--concepts', '4'],
  ...['--warmup-epochs', '2', '--ramp-epochs', '1', '--segments', '16'],
];
