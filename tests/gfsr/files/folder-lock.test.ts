// A folder has one process at a time; a dead one does not keep it, and a live one is not robbed.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import fs, {
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { lockFolder } from '../../../gfsr/files/folder-lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'gfsr-lock-'));
const file = join(folder, 'lock.json');
test.after(() => rmSync(folder, { recursive: true, force: true }));

/** A process that has the folder until it is killed. */
const holder = () =>
  spawn(
    process.execPath,
    [
      ...['--import', 'tsx', '--input-type=module', '--eval'],
      `import { lockFolder } from './gfsr/files/folder-lock.ts';
       try { lockFolder(process.argv[1]); console.log('held'); setInterval(() => {}, 1000); }
       catch (error) { console.log(error.message); }`,
      folder,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
const said = async (child: ReturnType<typeof holder>) =>
  String((await once(child.stdout, 'data'))[0]).trim();

test('a live process keeps others out, and its death lets them in', async () => {
  const child = holder();
  assert.is(await said(child), 'held');
  assert.throws(
    () => lockFolder(folder),
    new RegExp(
      `in use by process ${child.pid} on .* since .*Z\\. Wait until it is done, or choose another`,
    ),
  );
  child.kill('SIGKILL');
  await once(child, 'exit');
  const lock = lockFolder(folder);
  assert.is(JSON.parse(readFileSync(file, 'utf8')).pid, process.pid);
  lock.release();
  assert.equal(readdirSync(folder), []);
  lock.release();
});

test('of several that find a dead lock at once, one gets it', async () => {
  const { pid } = spawnSync(process.execPath, ['--eval', '']);
  const dead = { pid, host: hostname(), born: '1', since: '2026-01-01T00:00:00.000Z' };
  writeFileSync(file, JSON.stringify(dead));
  const children = Array.from({ length: 4 }, holder);
  const answers = await Promise.all(children.map(said));
  assert.is(answers.filter((answer) => answer === 'held').length, 1, answers.join('\n'));
  const ends = children.map((child) => child.exitCode ?? once(child, 'exit'));
  for (const child of children) child.kill('SIGKILL');
  await Promise.all(ends);
  rmSync(file);
});

test('another machine is believed, a number that another process has now is not, nor half a file', () => {
  const since = '2026-01-01T00:00:00.000Z';
  writeFileSync(file, JSON.stringify({ pid: 1, host: 'elsewhere', born: null, since }));
  assert.throws(
    () => lockFolder(folder),
    /in use by process 1 on elsewhere since 2026-01-01.* If that machine or container is gone, delete .*lock\.json\./,
  );
  const wrong = [
    JSON.stringify({ pid: process.pid, host: hostname(), born: '1', since }),
    '{"pid":',
  ];
  for (const text of existsSync('/proc/self/stat') ? wrong : wrong.slice(1)) {
    writeFileSync(file, text);
    lockFolder(folder).release();
  }
});

test('a lock that could not be removed is named, and held by nobody', () => {
  const { rmSync: remove } = fs;
  const lock = lockFolder(folder);
  fs.rmSync = () => {
    throw Object.assign(new Error('EIO: i/o error, rm'), { code: 'EIO', syscall: 'rm' });
  };
  syncBuiltinESMExports();
  try {
    assert.throws(() => lock.release(), /^cannot remove ".*lock\.json": i\/o error/);
  } finally {
    fs.rmSync = remove;
    syncBuiltinESMExports();
  }
  assert.ok(existsSync(file));
  lockFolder(folder).release();
  assert.not(existsSync(file));
});

test.run();
