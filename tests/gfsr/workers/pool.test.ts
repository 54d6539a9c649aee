// `gfsr compare --workers`: the same records as in one process, although workers are killed.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { recordsIn } from '../../faults/lab.ts';
import { tinySettings, writeTiny } from '../../support/tiny-data.ts';
import { complaint, gfsr, tempFolder } from '../cli/cli.ts';

const folder = tempFolder();
const spec = join(folder, 'lab.json');
writeFileSync(
  spec,
  JSON.stringify({
    settings: tinySettings(writeTiny(folder)),
    variants: ['cross-entropy', { name: 'energy', controls: ['oracle'] }],
    ...{ seeds: [0, 1], fractions: [0.1] },
  }),
);
const compare = (out: string, more: readonly string[], options: Parameters<typeof gfsr>[1] = {}) =>
  gfsr(['compare', '--config', spec, '--out', join(folder, out), ...more], options);

const records = (out: string) => recordsIn(join(folder, out));

test('killed workers are replaced, and the records are those of one process', async () => {
  const alone = await compare('alone', []);
  assert.is(alone.code, 0, alone.stderr);
  let kills = 0;
  const together = await compare('together', ['--workers', '2'], {
    watch: (said) => {
      const started = [...said.matchAll(/^worker \d: process (\d+)$/gm)];
      if (started.length <= kills || kills === 2) return;
      process.kill(Number(started[kills++][1]), 'SIGKILL');
    },
  });
  assert.is(together.code, 0, together.stderr);
  assert.is(kills, 2);
  assert.match(together.stdout, /the worker ended with SIGKILL; another worker runs it again/);
  assert.equal(records('together'), records('alone'));
  const tables = ['alone', 'together'].map((out) =>
    readFileSync(join(folder, out, 'table.csv'), 'utf8'),
  );
  assert.is(tables[0], tables[1]);
});

test('Ctrl-C stops all workers, and the same command continues', async () => {
  let pids: number[] = [];
  const stopped = await compare('stopped', ['--workers', '2'], {
    watch: (said, child) => {
      const found = [...said.matchAll(/^worker \d: process (\d+)$/gm)];
      if (found.length === 2 && pids.length < 2) child.kill('SIGINT');
      pids = found.map(([, pid]) => Number(pid));
    },
  });
  assert.is(stopped.code, 130, stopped.stderr);
  assert.match(stopped.stdout, /Run the same command to continue/);
  for (const pid of pids) assert.throws(() => process.kill(pid, 0), /ESRCH/);
  const { code, stderr } = await compare('stopped', ['--workers', '2']);
  assert.is(code, 0, stderr);
  assert.equal(records('stopped'), records('alone'));
});

test('a wrong number of workers is refused', async () => {
  const refused = await compare('none', ['--workers', '0']);
  assert.match(complaint(refused), /--workers: got "0", expected auto or a number from 1 to 256/);
});

test.run();
