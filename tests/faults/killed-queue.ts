// Workers of a queue killed at random moments, and its Redis server restarted: every trial once, with the same bytes.

import type { ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as assert from 'uvu/assert';
import { Random } from '../../engine/core/random.ts';
import { gfsr, type Outcome } from '../gfsr/cli/cli.ts';
import { RedisServer } from '../support/redis.ts';
import { requireSame, runAlone, writeLab } from './lab.ts';

export interface QueueFaults {
  /** Two trials per seed. */
  readonly seeds: number;
  readonly workers: number;
  /** Workers that are killed, each replaced by a new one. */
  readonly kills: number;
  /** Flags of `gfsr compare`, with which the undisturbed run is made. */
  readonly alone?: readonly string[];
}

/** @throws if a trial is lost, doubled or changed */
export async function killedQueue(
  folder: string,
  { seeds, workers, kills, alone = [] }: QueueFaults,
): Promise<void> {
  const lab = writeLab(folder, seeds);
  const whole = await runAlone(lab, alone);
  const redis = await RedisServer.start(folder);
  const store = join(folder, 'store');
  const shared = ['--store', pathToFileURL(store).href];
  const where = ['--redis', redis.address, ...shared];
  try {
    for (const [added, queued] of [
      [2 * seeds, 0],
      [0, 2 * seeds],
    ]) {
      const { stdout, stderr } = await gfsr(['queue', 'push', lab, '--on', 'any', ...where]);
      const said = new RegExp(`${added} trials added, 0 again; ${queued} were there already`);
      assert.match(stdout, said, stderr);
    }
    const random = new Random(seeds, 'kills');
    let left = kills;
    let killed = 0;
    let restart: Promise<void> | undefined;
    const work = async (): Promise<Outcome> => {
      let armed = false;
      const watch = (said: string, child: ChildProcess) => {
        if (armed || left === 0 || !/^trial /m.test(said)) return;
        armed = true;
        left--;
        setTimeout(() => child.kill('SIGKILL'), 500 * random.uniform());
        if (left === kills >> 1) restart = redis.down().then(() => redis.up());
      };
      const args = ['queue', 'work', '--until-empty', '--lease', '5', ...where];
      const outcome = await gfsr(args, { watch });
      if (outcome.signal !== 'SIGKILL') return outcome;
      killed++;
      return work();
    };
    const ends = await Promise.all(Array.from({ length: workers }, work));
    await restart;
    for (const { code, stderr } of ends) assert.is(code, 0, stderr);
    assert.is(killed, kills, 'workers that were killed');
    const status = await gfsr(['queue', 'status', '--redis', redis.address]);
    assert.match(status.stdout, new RegExp(`0 waiting, 0 running, ${2 * seeds} finished`));
    const pulled = join(folder, 'pulled');
    const pull = await gfsr(['queue', 'pull', lab, ...shared, '--out', pulled]);
    assert.is(pull.code, 0, pull.stderr);
    requireSame(pulled, whole, 2 * seeds);
  } finally {
    await redis.down();
  }
}
