// `gfsr compare --slurm`, with a stand-in for the cluster, and on a real one of one node where it can be started.
import { spawnSync } from 'node:child_process';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { taskScript } from '../../../gfsr/queue/slurm.ts';
import { cancelledTasks } from '../../faults/cancelled-tasks.ts';
import { recordsIn, writeLab } from '../../faults/lab.ts';
import { whyNoSlurm } from '../../support/slurm.ts';
import { complaint, gfsr, tempFolder } from '../cli/cli.ts';

const folder = tempFolder();
const bin = join(folder, 'bin');
const calls = join(folder, 'calls');
const tasks = join(folder, 'tasks');
const env = { PATH: `${bin}:${process.env.PATH}`, CALLS: calls, TASKS: tasks };

/** Writes a program of the cluster, in the language of the shell. */
function program(name: string, text: string): void {
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, name), `#!/bin/sh\n${text}\n`);
  chmodSync(join(bin, name), 0o755);
}

/** Runs all tasks at once, except task $CANCELLED. */
const SBATCH = `
printf '%s\\n' "$@" > "$CALLS"
for word; do script=$word; case $word in --array=0-*) last=\${word#--array=0-};; esac; done
task=0
while [ $task -le $last ]; do
  if [ "$task" != "$CANCELLED" ]; then
    SLURM_ARRAY_TASK_ID=$task sh "$script" > "$CALLS.$task" 2>&1 || exit 1
  fi
  task=$((task + 1))
done
echo '4711;cluster'`;

test('missing trials are submitted, and the tables are written when none is missing', async () => {
  program('sbatch', SBATCH);
  program('squeue', 'cat "$TASKS" 2> /dev/null || true');
  const lab = writeLab(join(folder, "it's a lab"), 1);
  const out = join(folder, "it's the result");
  const compare = (more: readonly string[] = [], others: Record<string, string> = {}) =>
    gfsr(['compare', '--config', lab, '--out', out, '--slurm', ...more], {
      env: { ...env, ...others },
    });
  const options = ['--partition', 'gpu', '--gres', 'gpu:1', '--time', '01:00:00'];
  const first = await compare(options, { CANCELLED: '1' });
  assert.is(first.code, 0, first.stderr);
  assert.match(first.stdout, /4711: 2 of 2 trials submitted/);
  const words = readFileSync(calls, 'utf8').trim().split('\n');
  for (const word of ['--array=0-1', '--partition=gpu', '--gres=gpu:1', '--time=01:00:00']) {
    assert.ok(words.includes(word), `${word} in ${words.join(' ')}`);
  }
  assert.is(Object.keys(recordsIn(out)).length, 1);

  writeFileSync(tasks, 'RUNNING\nPENDING\n');
  const running = await gfsr(['status', out], { env });
  assert.is(running.code, 0, running.stderr);
  assert.match(running.stdout, /4711: 1 running, 1 waiting\n.*1 of 2 submitted are finished/);
  assert.match(complaint(await compare()), /2 tasks of the job 4711 are still there/);
  writeFileSync(tasks, '');

  const second = await compare();
  assert.match(second.stdout, /4711: 1 of 2 trials submitted/, second.stderr);
  const third = await compare();
  assert.is(third.code, 0, third.stderr);
  assert.match(third.stdout, /report/);
  assert.ok(existsSync(join(out, 'table.csv')));
  const alone = join(folder, 'alone');
  assert.is((await gfsr(['compare', '--config', lab, '--out', alone])).code, 0);
  assert.equal(recordsIn(out), recordsIn(alone));
});

test('options that are none of SLURM are refused, and so is a machine without it', async () => {
  const lab = writeLab(join(folder, 'refused'), 1);
  const compare = (more: readonly string[], path: string = env.PATH) =>
    gfsr(['compare', '--config', lab, '--out', join(folder, 'none'), ...more], {
      env: { ...env, PATH: path },
    });
  const sly = await compare(['--slurm', '--partition', 'gpu; rm -rf .']);
  assert.match(complaint(sly), /--partition: got "gpu; rm -rf \.", expected a value of sbatch/);
  assert.match(complaint(await compare(['--gres', 'gpu:1'])), /--gres: is an option of --slurm/);
  const empty = join(folder, 'empty');
  mkdirSync(empty);
  assert.match(complaint(await compare(['--slurm'], empty)), /sbatch: cannot be started/);
});

test('the script of a task has each path as one word', () => {
  const script = taskScript("/a 'b/$(touch c)", '/d "e`f`');
  const shown = script.replace(/^exec \S+/m, "printf '%s\\n'");
  const { stdout } = spawnSync('sh', ['-c', shown], {
    encoding: 'utf8',
    env: { PATH: process.env.PATH, SLURM_ARRAY_TASK_ID: '7' },
  });
  const words = stdout.trim().split('\n');
  assert.equal(words.slice(-7), [
    "/a 'b/$(touch c)",
    'slurm',
    'task',
    '--list',
    '/d "e`f`',
    '--index',
    '7',
  ]);
});

const skipped = whyNoSlurm();
if (skipped) console.log(`skipped: ${skipped}`);
else {
  test('on a real cluster, a task is cancelled: every trial once, as in one process', async () => {
    await cancelledTasks(join(folder, 'cluster'), { seeds: 2, cancelled: 1 });
  });
}

test.run();
