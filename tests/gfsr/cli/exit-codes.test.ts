// The exit code is 0 only where all work was done and all that was printed has arrived.
import { spawnSync } from 'node:child_process';
import { existsSync, openSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { writeTiny } from '../../support/tiny-data.ts';
import { complaint, gfsr, TINY, tempFolder } from './cli.ts';

const folder = tempFolder();

/** `gfsr gradcheck` of a right function in a module that does something else as well. */
function check(name: string, body: string) {
  const path = join(folder, name);
  const engine = new URL('../../../engine/index.ts', import.meta.url).href;
  writeFileSync(
    path,
    `import { square } from '${engine}';
${body}
export default { inputs: { x: [2] }, f: ({ x }) => square(x) };
`,
  );
  return gfsr(['gradcheck', path]);
}

test('a right function in a module that does nothing else passes', async () => {
  assert.is((await check('right.mts', '')).code, 0);
});

test('a module that ends the process is no success', async () => {
  const outcome = await check('exits.mts', 'process.exit(0);');
  assert.is(outcome.code, 1);
  assert.match(complaint(outcome), /exits\.mts ends the process while it is loaded/);
});

test('a module that waits for ever is no success', async () => {
  const outcome = await check('waits.mts', 'await new Promise(() => {});');
  assert.is(outcome.code, 1);
  assert.match(complaint(outcome), /waits\.mts awaits something at its top level that never comes/);
});

test('a promise that is rejected after the work is a failure', async () => {
  const late = 'setTimeout(() => void Promise.reject(new Error("too late")), 3000);';
  const outcome = await check('late.mts', late);
  assert.is(outcome.code, 1);
  assert.match(complaint(outcome), /too late/);
});

test('an error thrown from a timer is one line', async () => {
  const outcome = await check('timer.mts', 'setTimeout(() => { throw new Error("ticked"); }, 0);');
  assert.is(outcome.code, 1);
  assert.match(complaint(outcome), /ticked/);
});

test('what cannot be printed is a failure', () => {
  if (!existsSync('/dev/full')) return;
  const args = ['--conditions=gfsr-source', '--import', 'tsx', 'gfsr/cli/main.ts', '--help'];
  const stdio: ['ignore', number, 'pipe'] = ['ignore', openSync('/dev/full', 'w'), 'pipe'];
  const cwd = new URL('../../..', import.meta.url).pathname;
  const { status, stderr } = spawnSync(process.execPath, args, { cwd, stdio, encoding: 'utf8' });
  assert.is(status, 1);
  assert.match(stderr, /^gfsr: stdout: cannot be written: .*no space left/);
});

test('a closed terminal saves, as Ctrl-C does', async () => {
  const out = join(folder, 'hung up');
  let sent = false;
  const { code, stderr } = await gfsr(
    ['train', '--data', writeTiny(folder), '--out', out, ...TINY],
    {
      watch: (stdout, child) => {
        if (!sent && /warm-start +epoch 1/.test(stdout)) sent = child.kill('SIGHUP');
      },
    },
  );
  assert.is(code, 130, stderr);
  assert.is(JSON.parse(readFileSync(join(out, 'run.json'), 'utf8')).status, 'interrupted');
});

test.run();
