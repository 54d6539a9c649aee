// Workers of a queue killed at random moments, and its Redis server restarted: every trial once, with the same bytes.

import type { ChildProcess } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import * as assert from 'uvu/assert';
import { Random } from '../../engine/core/random.ts';
import { gfsr, type Outcome } from '../gfsr/cli/cli.ts';
import { RedisServer } from '../support/redis.ts';
import { writeTiny } from '../support/tiny-data.ts';

export interface QueueFaults {
  /** Two trials per seed. */
  readonly seeds: number;
  readonly workers: number;
  /** Workers that are killed, each replaced by a new one. */
  readonly kills: number;
  /** Flags of `gfsr compare`, with which the undisturbed run is made. */
  readonly alone?: readonly string[];
}

/** Two trainings per seed, both as small as can be. */
export function writeLab(folder: string, seeds: number): string {
  mkdirSync(folder, { recursive: true });
  const path = join(folder, 'lab.json');
  const settings = {
    data: { source: writeTiny(folder) },
    model: { widths: [2], hidden: 4 },
    train: { batchSize: 16, epochs: 1 },
    guidance: { warmupEpochs: 1, rampEpochs: 0 },
  };
  const variants = [
    'cross-entropy',
    { name: 'slow', guidance: { loss: 'cross-entropy' }, train: { lr: 1e-4 } },
  ];
  writeFileSync(
    path,
    JSON.stringify({ settings, variants, seeds: Array.from({ length: seeds }, (_, i) => i) }),
  );
  return path;
}

/** Records by file name, without what differs from run to run. */
export const recordsIn = (folder: string): Record<string, unknown> =>
  Object.fromEntries(
    readdirSync(join(folder, 'trials'))
      .sort()
      .map((name) => {
        const text = readFileSync(join(folder, 'trials', name), 'utf8');
        const { finished, seconds, checksum, ...same } = JSON.parse(text);
        assert.ok(finished && seconds && checksum, name);
        return [name, same];
      }),
  );

/** @throws if a trial is lost, doubled or changed */
export async function killedQueue(
  folder: string,
  { seeds, workers, kills, alone = [] }: QueueFaults,
): Promise<void> {
  const lab = writeLab(folder, seeds);
  const whole = join(folder, 'alone');
  const undisturbed = await gfsr(['compare', '--config', lab, '--out', whole, ...alone]);
  assert.is(undisturbed.code, 0, undisturbed.stderr);
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
    let started = 0;
    let restart: Promise<void> | undefined;
    const work = async (): Promise<Outcome> => {
      let armed = false;
      const watch = (said: string, child: ChildProcess) => {
        if (armed || left === 0 || !/^trial /m.test(said)) return;
        armed = true;
        left--;
        setTimeout(() => child.kill('SIGKILL'), 1000 * random.uniform());
        if (left === kills >> 1) restart = redis.down().then(() => redis.up());
      };
      started++;
      const args = ['queue', 'work', '--until-empty', '--lease', '5', ...where];
      const outcome = await gfsr(args, { watch });
      return outcome.signal === 'SIGKILL' ? work() : outcome;
    };
    const ends = await Promise.all(Array.from({ length: workers }, work));
    await restart;
    for (const { code, stderr } of ends) assert.is(code, 0, stderr);
    assert.is(left, 0, `${kills - left} of ${kills} kills, ${started} workers`);
    const status = await gfsr(['queue', 'status', '--redis', redis.address]);
    assert.match(status.stdout, new RegExp(`0 waiting, 0 running, ${2 * seeds} finished`));
    const pulled = join(folder, 'pulled');
    const pull = await gfsr(['queue', 'pull', lab, ...shared, '--out', pulled]);
    assert.is(pull.code, 0, pull.stderr);
    assert.is(Object.keys(recordsIn(pulled)).length, 2 * seeds);
    assert.equal(recordsIn(pulled), recordsIn(whole));
    const table = (path: string) => readFileSync(join(path, 'table.csv'), 'utf8');
    assert.is(table(pulled), table(whole));
  } finally {
    await redis.down();
  }
}
