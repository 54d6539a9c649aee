// Runs every *.test.ts below this folder in its own process, with a time limit, and adds up the counts.
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

/** Compiled, as in the portable bundle, this file runs compiled tests. */
const EXTENSION = extname(fileURLToPath(import.meta.url));
const LOADER = EXTENSION === '.ts' ? ['--conditions=gfsr-source', '--import', 'tsx'] : [];

export interface RunOptions {
  /** Folder to look for tests in. */
  root: string;
  /** Keep files whose path has one of these in it; none keeps all. */
  filters?: string[];
  /** Files run at a time; default 2. */
  jobs?: number;
  /** A file that runs longer than this is killed and has failed; default 10 minutes. */
  timeoutMs?: number;
  /** Kills a file at its first failed test; default false. */
  bail?: boolean;
  log?: (line: string) => void;
}

export interface Counts {
  passed: number;
  failed: number;
  skipped: number;
}

interface Ending {
  output: string;
  status: number | null;
  signal: NodeJS.Signals | null;
  timedOut: boolean;
  seconds: number;
}

interface Verdict extends Counts {
  /** What went wrong besides failed tests, such as a crash after the last one. */
  fault?: string;
}

/** Runs the files and returns the summed counts; a file that breaks down counts as one failure more. */
export async function runTests(options: RunOptions): Promise<Counts> {
  const { root, filters = [], jobs = 2, timeoutMs = 600_000, bail = false } = options;
  const { log = console.log } = options;
  const files = readdirSync(root, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith(`.test${EXTENSION}`))
    .map((name) => join(basename(root), name).split(sep).join('/'))
    .filter((name) => filters.length === 0 || filters.some((part) => name.includes(part)))
    .sort();
  const total: Counts = { passed: 0, failed: 0, skipped: 0 };
  const notices: string[] = [];
  const waiting = files[Symbol.iterator]();
  const shared = mkdtempSync(join(tmpdir(), 'gfsr-tests-'));
  const worker = async () => {
    for (const name of waiting) {
      const ending = await runFile(join(dirname(root), name), { timeoutMs, bail, shared });
      const verdict = judge(ending);
      total.passed += verdict.passed;
      total.failed += verdict.failed;
      total.skipped += verdict.skipped;
      notices.push(...noticesIn(ending.output).map((line) => `${name}: ${line}`));
      log(summary(name, verdict, ending.seconds));
      if (verdict.failed > 0) log(ending.output.trimEnd());
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker)).finally(() =>
    rmSync(shared, { recursive: true, force: true }),
  );
  for (const notice of notices) log(notice);
  return total;
}

/** `N passed, N failed`, and `, N skipped` where there are any: the line that CI reads. */
export function closingLine({ passed, failed, skipped }: Counts): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** Reads uvu's closing lines and the way the process ended. */
function judge({ output, status, signal, timedOut, seconds }: Ending): Verdict {
  const closings = [
    ...output.matchAll(/^ {2}Total: +(\d+)\n {2}Passed: +(\d+)\n {2}Skipped: +(\d+)/gm),
  ];
  const [total, passed, skipped] = closings.at(-1)?.slice(1).map(Number) ?? [0, 0, 0];
  // Not from the exit code: uvu exits 0 when a `before` hook throws, with fewer passed than in total.
  const failed = total - passed;
  const fault = faultOf();
  return { passed, skipped, failed: fault ? failed + 1 : failed, ...(fault ? { fault } : {}) };

  function faultOf(): string | undefined {
    if (timedOut) return `killed after ${seconds.toFixed(0)} s`;
    const when = closings.length === 0 ? 'before its tests were done' : 'after its tests';
    if (signal) return `crashed with ${signal} ${when}`;
    if (status !== 0 && failed === 0) return `exit ${status} ${when}`;
    if (closings.length === 0) return 'printed no totals: is test.run() missing?';
    return total + skipped === 0 ? 'has no tests' : undefined;
  }
}

function summary(name: string, verdict: Verdict, seconds: number): string {
  const mark = verdict.failed > 0 ? 'FAIL' : 'ok  ';
  const fault = verdict.fault ? `: ${verdict.fault}` : '';
  return `${mark} ${name} (${closingLine(verdict)}, ${seconds.toFixed(1)} s)${fault}`;
}

function noticesIn(output: string): string[] {
  return output.split('\n').filter((line) => line.startsWith('skipped:'));
}

/** Groups of running children: killed as a whole, since a test may leave a browser behind. */
const groups = new Set<number>();

/** What uvu prints the moment that a test fails. */
const FAILED = '✘';

interface FileOptions {
  readonly timeoutMs: number;
  readonly bail: boolean;
  /** Where test files of this run put what they share, see `tests/support/shared.ts`. */
  readonly shared: string;
}

function runFile(file: string, { timeoutMs, bail, shared }: FileOptions): Promise<Ending> {
  return new Promise((resolve, reject) => {
    const start = performance.now();
    const child = spawn(process.execPath, [...LOADER, file], {
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { ...process.env, NO_COLOR: '1', FORCE_COLOR: undefined, GFSR_TESTS_SHARED: shared },
      detached: process.platform !== 'win32',
    });
    const pid = child.pid;
    if (pid) groups.add(pid);
    let output = '';
    let timedOut = false;
    const timer = setTimeout(() => {
      timedOut = true;
      if (pid) killGroup(pid);
    }, timeoutMs);
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text) => {
        output += text;
        if (bail && pid && text.includes(FAILED)) killGroup(pid);
      });
    }
    child.on('error', reject);
    child.on('exit', () => pid && killGroup(pid));
    child.on('close', (status, signal) => {
      clearTimeout(timer);
      const seconds = (performance.now() - start) / 1000;
      resolve({ output, status, signal, timedOut, seconds });
    });
  });
}

function killGroup(pid: number): void {
  groups.delete(pid);
  try {
    process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // Nobody of the group is left.
  }
}

async function main(): Promise<void> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { jobs: { type: 'string' }, timeout: { type: 'string' } },
  });
  const jobs = positive('--jobs', values.jobs ?? '2');
  const timeoutMs = 1000 * positive('--timeout', values.timeout ?? '600');
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.on(signal, () => {
      groups.forEach(killGroup);
      process.exit(1);
    });
  }
  const root = dirname(fileURLToPath(import.meta.url));
  const counts = await runTests({ root, filters: positionals, jobs, timeoutMs });
  if (counts.passed + counts.failed + counts.skipped === 0) {
    throw new RangeError(
      `no test file's path contains ${positionals.join(' or ') || `.test${EXTENSION}`}.`,
    );
  }
  console.log(`\n${closingLine(counts)}`);
  process.exitCode = counts.failed > 0 ? 1 : 0;
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (value > 0) return value;
  throw new RangeError(`${name}: got ${text}, expected a number above 0.`);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  await main().catch((error: Error) => {
    console.error(`tests/run: ${error.message}`);
    process.exitCode = 1;
  });
}
