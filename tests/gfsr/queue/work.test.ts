// `gfsr queue`: trials over a Redis server, with workers that die, and with what can be wrong.
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { reachRedis, withQueue } from '../../../gfsr/queue/redis.ts';
import { killedQueue } from '../../faults/killed-queue.ts';
import { writeLab } from '../../faults/lab.ts';
import { hasRedis, RedisServer } from '../../support/redis.ts';
import { complaint, gfsr, tempFolder } from '../cli/cli.ts';

const folder = tempFolder();
const PASSWORD = 'not for any log';

if (!hasRedis()) console.log('skipped: no redis-server');
else {
  test('workers are killed and Redis restarted: every trial once, as in one process', async () => {
    await killedQueue(join(folder, 'killed'), { seeds: 3, workers: 2, kills: 2 });
  });

  test('what is wrong is said in one line, and nothing is lost', async () => {
    const own = join(folder, 'wrong');
    const lab = writeLab(own, 1);
    const redis = await RedisServer.start(own, ['--requirepass', PASSWORD]);
    const store = pathToFileURL(join(own, 'store')).href;
    const env = { GFSR_REDIS: redis.address, GFSR_STORE: store, GFSR_REDIS_PASSWORD: PASSWORD };
    try {
      const early = await gfsr(['queue', 'pull', lab, '--out', join(own, 'early')], { env });
      assert.match(complaint(early), /none of its 2 trials is finished yet/);
      const pushed = await gfsr(['queue', 'push', lab], { env });
      assert.is(pushed.code, 0, pushed.stderr);
      const status = async () => (await gfsr(['queue', 'status'], { env })).stdout;
      const work = (more: Record<string, string> = {}) =>
        gfsr(['queue', 'work', '--until-empty'], { env: { ...env, ...more } });
      const server = await reachRedis(redis.address, PASSWORD);
      /** Changes all jobs, or the first ones. */
      const change = (changes: object, count?: number) =>
        withQueue(server, async (queue) => {
          const jobs = (await queue.getWaiting()).slice(0, count);
          for (const job of jobs) await job.updateData({ ...job.data, ...changes });
          return jobs;
        });
      const jobs = await change({});
      assert.is(jobs.length, 2);
      const { code, data, origin } = jobs[0].data;
      await change({ adapter: 'any', code: 'other' });
      assert.match(complaint(await work()), /is of code version other .*, this worker is /);
      await change({ code, data: { ...data, sha256: 'ab'.repeat(32) } });
      assert.match(complaint(await work()), /has the fingerprint .* here, expected abab.* Copy/);
      const elsewhere = join(own, 'elsewhere.npz');
      const gone = { ...origin, changes: { data: elsewhere } };
      await change({ data: { ...data, source: elsewhere }, origin: gone });
      assert.match(
        complaint(await work()),
        /no such file .* copy .*elsewhere\.npz of the machine that pushed/,
      );
      assert.match(await status(), /2 waiting, 0 running, 0 finished/);

      await change({ data, origin });
      writeFileSync(join(own, 'store'), 'a file is in the place of the folder');
      assert.match(complaint(await work()), /store: .* cannot be written: /);
      rmSync(join(own, 'store'));
      assert.match(await status(), /2 waiting, 0 running, 0 finished/);

      const digits = join(own, 'digits.json');
      const settings = { data: { source: 'decoy-mnist', limit: 32 } };
      const variants = ['cross-entropy'];
      writeFileSync(digits, JSON.stringify({ settings, variants, seeds: [0] }));
      const builtIn = await gfsr(['queue', 'push', digits, '--with-data'], { env });
      assert.match(builtIn.stdout, /1 trials added/, builtIn.stderr);
      await withQueue(server, async (queue) => {
        for (const job of await queue.getWaiting()) {
          if (job.data.data.source === 'decoy-mnist') await job.remove();
        }
      });

      await change({ seed: 'poison' }, 1);
      // Wrong on every machine: it must not stop one worker after the other.
      const [key, text] = ['ab'.repeat(8), '{ "variants": '];
      const nonsense = { ...jobs[0].data, adapter: 'any', key, origin: { ...origin, text } };
      await withQueue(server, (queue) => queue.add('trial', nonsense, { jobId: key }));
      const { code: exit, stdout } = await work();
      assert.is(exit, 1);
      assert.match(stdout, /FAILED .*seed is "poison", expected number/);
      assert.match(stdout, /FAILED .*\.json: not JSON/);
      assert.match(
        await status(),
        /0 waiting, 0 running, 1 finished\n(.*\n)?.*FAILED .*seed is "poison"/,
      );
      const again = await gfsr(['queue', 'push', lab, '--on', 'any'], { env });
      assert.match(again.stdout, /0 trials added, 1 again; 0 were there already, 1 are finished/);
    } finally {
      await redis.down();
    }
  });
}

test.run();
