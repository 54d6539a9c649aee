// The command line of the benchmark, except what measures.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Result } from '../../bench/result.ts';
import { syntheticResult } from './synthetic.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'gfsr-bench-'));
test.after(() => rmSync(folder, { recursive: true }));

function bench(...args: string[]): Promise<{ code: number; stdout: string; stderr: string }> {
  return new Promise((resolve) => {
    const command = ['--import', 'tsx', 'bench/main.ts', ...args];
    execFile(process.execPath, command, { cwd: ROOT }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

function resultFile(name: string, result: Partial<Result> | object): string {
  const path = join(folder, name);
  writeFileSync(path, JSON.stringify(result));
  return path;
}

const before = resultFile('before.json', syntheticResult());

test('lists its commands, and names the nearest to a wrong one', async () => {
  const help = await bench('--help');
  assert.is(help.code, 0);
  for (const name of ['run', 'compare', 'report', 'first-step']) {
    assert.match(help.stdout, new RegExp(`^  ${name} `, 'm'));
  }
  const wrong = await bench('comapre');
  assert.is(wrong.code, 1);
  assert.match(wrong.stderr, /^bench: unknown command comapre\. Did you mean compare\?/);
});

test('compare prints a line for each row, and warns', async () => {
  const result = syntheticResult();
  const [conv, relu] = result.kernels;
  const faster = { ...conv, rounds: conv.rounds.map((ms) => ms / 2) };
  const adapter = { ...result.adapter, isSoftware: true };
  const after = resultFile('after.json', { ...result, adapter, kernels: [faster, relu] });
  const { code, stdout } = await bench('compare', before, after);
  assert.is(code, 0);
  assert.match(stdout, /^warning: a software adapter is involved/m);
  assert.match(stdout, /^conv A +0\.80 +0\.40 +2\.00× +\S+–\S+ +faster$/m);
  assert.match(stdout, /^relu B .* indistinct$/m);
});

test('another version, a missing file and no file at all are one line each and exit 1', async () => {
  const old = resultFile('old.json', { ...syntheticResult(), schemaVersion: 0 });
  const version = await bench('compare', before, old);
  assert.is(version.code, 1);
  assert.is(version.stderr.trim().split('\n').length, 1);
  assert.match(version.stderr, /old\.json: schemaVersion is 0, expected 1\./);
  const missing = await bench('report', join(folder, 'none.json'));
  assert.is(missing.code, 1);
  assert.match(missing.stderr, /^bench: .*none\.json: no such file\.\n$/);
  assert.match((await bench('report')).stderr, 'no result file given');
});

test('report writes the page', async () => {
  const page = join(folder, 'page.html');
  const { code, stdout } = await bench('report', before, '--out', page);
  assert.equal([code, stdout], [0, `wrote ${page}\n`]);
  assert.match(readFileSync(page, 'utf8'), /^<!doctype html>/);
});

test.run();
