// Tasks of a SLURM array cancelled at random moments: the same command submits what is missing, with the same bytes.

import { join } from 'node:path';
import { setTimeout as after } from 'node:timers/promises';
import * as assert from 'uvu/assert';
import { Random } from '../../engine/core/random.ts';
import { gfsr } from '../gfsr/cli/cli.ts';
import { SlurmCluster } from '../support/slurm.ts';
import { recordsIn, requireSame, runAlone, writeLab } from './lab.ts';

export interface ClusterFaults {
  /** Two trials per seed. */
  readonly seeds: number;
  /** Running tasks that are cancelled with `scancel`. */
  readonly cancelled: number;
}

/** @throws if a trial is lost, doubled or changed */
export async function cancelledTasks(
  folder: string,
  { seeds, cancelled }: ClusterFaults,
): Promise<void> {
  const count = 2 * seeds;
  const lab = writeLab(folder, seeds);
  const whole = await runAlone(lab);
  const out = join(folder, 'out');
  const cluster = await SlurmCluster.start(join(folder, 'slurm'));
  const { env } = cluster;
  const random = new Random(seeds, 'cancel');
  const options = ['--partition', 'test', '--gres', 'gpu:1', '--time', '00:10:00'];
  const compare = async () => {
    const args = ['compare', '--config', lab, '--out', out, '--slurm', ...options];
    const { code, stdout, stderr } = await gfsr(args, { env });
    assert.is(code, 0, stderr);
    return stdout;
  };
  try {
    assert.match(await compare(), new RegExp(`${count} of ${count} trials submitted`));
    await cancelAtRandom(cluster, cancelled, random);
    const status = await gfsr(['status', out], { env });
    const left = count - Object.keys(recordsIn(out)).length;
    assert.ok(left > 0 && left <= cancelled, `${left} trials are missing`);
    assert.match(status.stdout, new RegExp(`${count - left} of ${count} submitted are finished`));
    assert.is(status.code, 1);
    assert.match(await compare(), new RegExp(`${left} of ${count} trials submitted`));
    await cancelAtRandom(cluster, cancelled, random); // as many as there were

    assert.match(await compare(), /report/);
    requireSame(out, whole, count);
  } finally {
    await cluster.stop();
  }
}

/** Waits until all tasks have ended, and cancels running ones meanwhile, until there are `count` in all. */
async function cancelAtRandom(cluster: SlurmCluster, count: number, random: Random): Promise<void> {
  const tasks = (...more: string[]) =>
    cluster
      .run('squeue', ['-h', '-r', '-o', '%i', ...more])
      .split('\n')
      .filter(Boolean);
  const gone = () => tasks('-t', 'CANCELLED').length;
  while (tasks().length > 0) {
    await after(1000 * random.uniform());
    const running = tasks('-t', 'RUNNING');
    if (running.length === 0 || gone() >= count) continue;
    cluster.run('scancel', [running[Math.floor(running.length * random.uniform())]]);
  }
  assert.is(gone(), count, 'tasks that were cancelled');
}
