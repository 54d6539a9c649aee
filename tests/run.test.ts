// The test runner on small files that pass, fail, crash, hang and cheat.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { closingLine, type RunOptions, runTests } from './run.ts';

const uvu = `import { test } from ${JSON.stringify(import.meta.resolve('uvu'))};\n`;

const run = async (files: Record<string, string>, options: Partial<RunOptions> = {}) => {
  const root = mkdtempSync(join(tmpdir(), 'gfsr-run-'));
  const lines: string[] = [];
  try {
    for (const [name, text] of Object.entries({ 'package.json': '{"type":"module"}', ...files })) {
      mkdirSync(dirname(join(root, name)), { recursive: true });
      writeFileSync(join(root, name), text);
    }
    const counts = await runTests({ root, log: (line) => lines.push(line), ...options });
    return { ...counts, log: lines.join('\n') };
  } finally {
    rmSync(root, { recursive: true });
  }
};

test('sums the counts of passing files, at any depth', async () => {
  const { log, ...counts } = await run({
    'a.test.ts': `${uvu}test('one', () => {}); test('two', () => {}); test.skip('three', () => {}); test.run();`,
    'deep/er/b.test.ts': `${uvu}const n: number = 1; test('one', () => void n); test.run();`,
    'support.ts': 'process.exit(1);',
  });
  assert.equal(counts, { passed: 3, failed: 0, skipped: 1 });
  assert.match(log, /^ok {3}.*\/deep\/er\/b\.test\.ts \(1 passed, 0 failed, [\d.]+ s\)$/m);
});

test('shows all that a failing file printed, and nothing of a passing one', async () => {
  const { log, ...counts } = await run({
    'bad.test.ts': `${uvu}console.log('clue'); console.error('complaint'); test('a', () => {}); test('b', () => { throw new Error('boom'); }); test.run();`,
    'good.test.ts': `${uvu}console.log('chatter'); test('a', () => {}); test.run();`,
  });
  assert.equal(counts, { passed: 2, failed: 1, skipped: 0 });
  assert.match(log, /^FAIL .*bad\.test\.ts/m);
  for (const text of ['clue', 'complaint', 'boom']) assert.match(log, text);
  assert.not.match(log, 'chatter');
});

test('a before hook that throws is a failure, although uvu exits 0', async () => {
  const { passed, failed } = await run({
    'hook.test.ts': `${uvu}test.before(() => { throw new Error('no'); }); test('a', () => {}); test.run();`,
  });
  assert.equal({ passed, failed }, { passed: 0, failed: 1 });
});

test('names a crash, before the tests are done and after them', async () => {
  const { log, passed, failed } = await run({
    'early.test.ts': `process.kill(process.pid, 'SIGSEGV'); await new Promise((r) => setTimeout(r, 5000));`,
    'late.test.ts': `${uvu}test('a', () => {}); test.run(); process.on('exit', () => process.kill(process.pid, 'SIGABRT'));`,
  });
  assert.equal({ passed, failed }, { passed: 1, failed: 2 });
  assert.match(log, /early\.test\.ts .*: crashed with SIGSEGV before its tests were done/);
  assert.match(
    log,
    /late\.test\.ts \(1 passed, 1 failed, .*: crashed with SIGABRT after its tests/,
  );
});

test('a file that exits non-zero after passing, has no totals or no tests has failed', async () => {
  const { log, passed, failed } = await run({
    'code.test.ts': `${uvu}test('a', () => {}); test.run(); process.on('exit', () => { process.exitCode = 3; });`,
    'forgot.test.ts': `${uvu}test('never run', () => {});`,
    'none.test.ts': `${uvu}test.run();`,
    'throws.test.ts': `throw new Error('at import');`,
  });
  assert.equal({ passed, failed }, { passed: 1, failed: 4 });
  assert.match(log, /code\.test\.ts .*: exit 3 after its tests/);
  assert.match(log, /forgot\.test\.ts .*: printed no totals/);
  assert.match(log, /none\.test\.ts .*: has no tests/);
  assert.match(log, /throws\.test\.ts .*: exit 1 before its tests were done/);
});

test('stops a file at its first failed test on request', async () => {
  const start = performance.now();
  const { passed, failed } = await run(
    {
      'slow.test.ts': `${uvu}test('a', () => { throw new Error('no'); }); test('b', () => new Promise((r) => setTimeout(r, 60_000))); test.run();`,
    },
    { bail: true },
  );
  assert.equal({ passed, failed }, { passed: 0, failed: 1 });
  assert.ok(performance.now() - start < 30_000);
});

test('kills a file that hangs, with the children it started', async () => {
  const start = performance.now();
  const { log, failed } = await run(
    {
      'hang.test.ts': `import { spawn } from 'node:child_process'; spawn('sleep', ['60'], { stdio: 'inherit' }); for (;;);`,
    },
    { timeoutMs: 1500 },
  );
  assert.is(failed, 1);
  assert.match(log, /hang\.test\.ts .*: killed after 2 s/);
  assert.ok(performance.now() - start < 10_000);
});

test('keeps the files that a filter names, and repeats what they skipped', async () => {
  const { log, passed } = await run(
    {
      'one.test.ts': `${uvu}console.log('skipped: no browser here'); test('a', () => {}); test.run();`,
      'two.test.ts': `${uvu}test('a', () => {}); test.run();`,
    },
    { filters: ['one'] },
  );
  assert.is(passed, 1);
  assert.match(log, /one\.test\.ts: skipped: no browser here$/);
});

test('the closing line is the one that CI reads', () => {
  assert.is(closingLine({ passed: 3, failed: 1, skipped: 0 }), '3 passed, 1 failed');
  assert.is(closingLine({ passed: 3, failed: 0, skipped: 2 }), '3 passed, 0 failed, 2 skipped');
});

test.run();
