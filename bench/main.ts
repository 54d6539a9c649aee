// The benchmark's command line: run | compare | report | launches | first-step.

import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AdapterReport, adapterName } from '../engine/core/adapter.ts';
import { Gpu } from '../engine/core/gpu.ts';
import { createNodeDevice } from '../engine/node.ts';
import { writeAtomically } from '../gfsr/files/atomic-file.ts';
import { versions } from '../gfsr/machine/provenance.ts';
import { defineCommand } from '../gfsr/terminal/command.ts';
import { Output } from '../gfsr/terminal/output.ts';
import { type Program, runAsProcess } from '../gfsr/terminal/program.ts';
import { toJson } from '../gfsr/text/json.ts';
import { row, table } from '../gfsr/text/lines.ts';
import { compareResults } from './compare.ts';
import { launchLines } from './launches.ts';
import { renderReport } from './report.ts';
import {
  type FirstStepRow,
  type Platform,
  parseResult,
  type Result,
  SCHEMA_VERSION,
} from './result.ts';
import { firstStep, firstStepVariants, type Variant } from './steps.ts';
import { isChosen, runSuite } from './suite.ts';
import { comparisonRows, firstStepRows, kernelRows, peakRows, stepRows } from './tables.ts';

const ROOT = fileURLToPath(new URL('../', import.meta.url));
/** Processes for each first step. */
const FIRST_STEPS = { quick: 1, full: 5 };
/** No driver's disk cache: Mesa's and NVIDIA's. */
const COLD = { MESA_SHADER_CACHE_DISABLE: 'true', __GL_SHADER_DISK_CACHE: '0' };

const out = new Output();

interface RunOptions {
  readonly quick: boolean;
  readonly only: string | undefined;
  readonly operands: 'f32' | 'f16';
  readonly out: string | undefined;
}

/** Measures this machine and writes the result. */
async function measureMachine(options: RunOptions): Promise<number> {
  const { quick, only, operands, out: file } = options;
  const started = new Date();
  const source = commit(); // now: the files may change while it runs
  const { device, wait, info } = await createNodeDevice();
  out.say(row('adapter', adapterName(info)));
  if (info.isSoftware) {
    out.say(row('', out.style.yellow('SOFTWARE ADAPTER: these times say nothing about a GPU.')));
  }
  const gpu = new Gpu(device, { wait, operands });
  const say = (line: string) => {
    out.say(`${((Date.now() - started.getTime()) / 1000).toFixed(0).padStart(5)} s  ${line}`);
  };
  try {
    // One process at a time: this one's device is open, but idle.
    const firstSteps = measureFirstSteps(quick ? FIRST_STEPS.quick : FIRST_STEPS.full, only, say);
    const measured = await runSuite(gpu, { quick, only, say });
    const result: Result = {
      format: 'gfsr-bench',
      schemaVersion: SCHEMA_VERSION,
      started: started.toISOString(),
      seconds: (Date.now() - started.getTime()) / 1000,
      quick,
      ...(only === undefined ? {} : { only }),
      ...(operands === 'f32' ? {} : { operands }),
      commit: source,
      adapter: info,
      platform: platform(),
      ...measured,
      firstSteps,
    };
    print(result);
    const path = file ?? freePath(info, started);
    mkdirSync(dirname(path), { recursive: true });
    writeAtomically(path, toJson(result));
    out.result(`\nwrote ${path}`);
    return result.failures.length > 0 ? 1 : 0;
  } finally {
    gpu.destroy();
  }
}

function print(result: Result): void {
  const tables = [peakRows, kernelRows, stepRows, firstStepRows].map((rows) => rows(result));
  for (const rows of tables.filter(({ length }) => length > 1)) {
    out.result();
    for (const line of table(rows)) out.result(line);
  }
  for (const { name, message } of result.failures) out.result(`\nFAILED ${name}: ${message}`);
}

/** Times first steps in separate processes: first without a driver cache, then with a filled one. */
function measureFirstSteps(
  times: number,
  only: string | undefined,
  say: (line: string) => void,
): FirstStepRow[] {
  const folder = mkdtempSync(join(tmpdir(), 'gfsr-bench-'));
  const warm = { MESA_SHADER_CACHE_DIR: folder, __GL_SHADER_DISK_CACHE_PATH: folder };
  try {
    return firstStepVariants
      .filter((variant) => isChosen(only, 'first step', variant))
      .flatMap((variant) => {
        const repeat = (cache: 'cold' | 'warm', env: Record<string, string>): FirstStepRow => {
          const runs = Array.from({ length: times }, () => firstStepApart(variant, env));
          say(`first step, ${variant}, ${cache} cache`);
          return {
            name: variant,
            cache,
            pipelines: runs[0].pipelines,
            rounds: runs.map(({ ms }) => ms),
          };
        };
        const cold = repeat('cold', COLD);
        firstStepApart(variant, warm); // fills the cache
        return [cold, repeat('warm', warm)];
      });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function firstStepApart(
  variant: Variant,
  env: Record<string, string>,
): { ms: number; pipelines: number } {
  const self = fileURLToPath(import.meta.url);
  const text = execFileSync(process.execPath, [...process.execArgv, self, 'first-step', variant], {
    env: { ...process.env, ...env },
    encoding: 'utf8',
    stdio: 'pipe',
  });
  return JSON.parse(text);
}

async function printFirstStep(name: string): Promise<number> {
  const variant = firstStepVariants.find((known) => known === name);
  if (!variant) {
    throw new RangeError(`first-step: got ${name}, expected ${firstStepVariants.join(', ')}.`);
  }
  const { device, wait } = await createNodeDevice();
  const gpu = new Gpu(device, { wait });
  out.result(JSON.stringify(await firstStep(gpu, variant)));
  gpu.destroy();
  return 0;
}

function compare(before: string, after: string): number {
  const comparisons = compareResults(readResult(before), readResult(after));
  const { rows, warnings, onlyBefore, onlyAfter } = comparisons;
  for (const warning of warnings) out.result(`${out.style.yellow('warning')}: ${warning}`);
  const colors = { faster: out.style.green, slower: out.style.red };
  const lines = table(comparisonRows(comparisons));
  out.result(lines[0]);
  rows.forEach(({ verdict }, i) => {
    const color = colors[verdict as keyof typeof colors] ?? String;
    out.result(color(lines[i + 1]));
  });
  const lonely = [
    [before, onlyBefore],
    [after, onlyAfter],
  ] as const;
  for (const [path, names] of lonely) {
    if (names.length === 0) continue;
    const rest = names.length > 1 ? ` and ${names.length - 1} more` : '';
    out.result(`only in ${path}: ${names[0]}${rest}`);
  }
  return 0;
}

function report(files: readonly string[], path: string): number {
  if (files.length === 0) throw new RangeError('report: no result file given.');
  writeAtomically(path, renderReport(files.map(readResult)));
  out.result(`wrote ${path}`);
  return 0;
}

async function printLaunches(): Promise<number> {
  for (const line of await launchLines()) out.result(line);
  return 0;
}

function readResult(path: string): Result {
  if (!existsSync(path)) throw new RangeError(`${path}: no such file.`);
  return parseResult(readFileSync(path, 'utf8'), path);
}

/** bench/results/<adapter>-<date>.json, with a number if that file exists. */
function freePath(adapter: AdapterReport, started: Date): string {
  const slug = adapterName(adapter)
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '');
  const stem = join(ROOT, 'bench', 'results', `${slug}-${started.toISOString().slice(0, 10)}`);
  for (let n = 1; ; n++) {
    const path = `${stem}${n > 1 ? `-${n}` : ''}.json`;
    if (!existsSync(path)) return path;
  }
}

/** The measured commit, with a remark if files differ from it. A bundle has a file with the commit instead of git. */
function commit(): string {
  const note = join(ROOT, 'COMMIT');
  if (existsSync(note)) return readFileSync(note, 'utf8').trim();
  const git = (...args: string[]) =>
    execFileSync('git', args, { cwd: ROOT, encoding: 'utf8', stdio: 'pipe' }).trim();
  try {
    return git('rev-parse', 'HEAD') + (git('status', '--porcelain', '-uno') ? '+changes' : '');
  } catch {
    return 'unknown';
  }
}

function platform(): Platform {
  const { os, gfsr, node, webgpu = 'unknown' } = versions();
  const cores = cpus();
  return {
    runtime: 'node',
    os,
    processor: cores[0]?.model.trim() ?? 'unknown',
    processors: cores.length,
    versions: { gfsr, node, webgpu },
  };
}

const program: Program = {
  name: 'bench',
  typed: 'npm run bench --',
  version: versions().gfsr,
  usual: 'run',
  commands: [
    defineCommand({
      name: 'run',
      help: 'measure this machine (what is done where no command is named)',
      flags: {
        quick: {
          kind: 'boolean',
          help: 'fewer cases and shorter rounds: some two minutes on two cores',
        },
        only: { kind: 'text', help: 'cases whose suite or name has this in it' },
        operands: {
          kind: 'choice',
          choices: ['f32', 'f16'],
          default: 'f32',
          help: 'how operands of products are stored; first steps stay f32',
        },
        out: {
          kind: 'text',
          value: 'file.json',
          help: 'where the result goes',
          usual: 'bench/results/<adapter>-<date>.json',
        },
      },
      run: measureMachine,
    }),
    defineCommand({
      name: 'compare',
      help: 'ratio of each time, with its 95 % interval',
      arguments: { before: 'one', after: 'one' },
      flags: {},
      run: async ({ before, after }) => compare(before, after),
    }),
    defineCommand({
      name: 'report',
      help: 'one page of several machines side by side',
      arguments: { files: 'many' },
      flags: {
        out: { kind: 'text', value: 'page.html', default: 'bench.html', help: 'where it goes' },
      },
      run: async ({ files, out: path }) => report(files, path),
    }),
    defineCommand({
      name: 'launches',
      help: 'what a GPU is given in each step of a training, launch by launch',
      flags: {},
      run: printLaunches,
    }),
    defineCommand({
      name: 'first-step',
      help: 'time from nothing to the first loss in this process, as JSON',
      arguments: { variant: 'one' },
      flags: {},
      run: ({ variant }) => printFirstStep(variant),
    }),
  ],
};

await runAsProcess(program);
