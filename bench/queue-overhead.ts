// What a queue on a Redis server costs per trial, beyond the trial itself. See docs/scaling.md.
// Usage: node --conditions=gfsr-source --import tsx bench/queue-overhead.ts redis://127.0.0.1:6379 10000|trials
// 10000: that number of empty jobs, pushed and taken one by one. trials: of the trials that one worker has finished.

import { openWorker, type RedisServer, reachRedis, withQueue } from '../gfsr/queue/redis.ts';

const [address, what = '10000'] = process.argv.slice(2);
const server = await reachRedis(address, process.env.GFSR_REDIS_PASSWORD);
if (what === 'trials') await finishedTrials(server);
else await emptyJobs(server, Number(what));

async function emptyJobs(server: RedisServer, jobs: number): Promise<void> {
  const ms = (since: number): string => ((performance.now() - since) / jobs).toFixed(3);
  await withQueue(server, async (queue) => {
    if ((await queue.count()) > 0) throw new Error('queue-overhead: there are jobs in this queue.');
    const before = performance.now();
    for (let i = 0; i < jobs; i++) {
      await queue.add('trial', { text: 'x'.repeat(1000) }, { jobId: `empty-${i}` });
    }
    console.log(`push: ${ms(before)} ms per job`);
  });
  let [done, begun] = [0, performance.now()];
  const worker = await openWorker(server, {
    ...{ lease: 30, deaths: 1 },
    process: async () => {
      if (done === 0) begun = performance.now();
      if (++done === jobs) void worker.close();
    },
  });
  await worker.run();
  await worker.close();
  console.log(`take and complete: ${ms(begun)} ms per job, one worker`);
  await withQueue(server, async (queue) => {
    for (let i = 0; i < jobs; i++) await queue.remove(`empty-${i}`);
  });
}

/** Time from the end of one trial to the end of the next, without what its record says that it took itself. */
async function finishedTrials(server: RedisServer): Promise<void> {
  const jobs = await withQueue(server, (queue) => queue.getCompleted());
  const ends = jobs
    .map(({ finishedOn = 0, returnvalue }) => ({ at: finishedOn / 1000, own: returnvalue.seconds }))
    .sort((a, b) => a.at - b.at);
  const beyond = ends.slice(1).map(({ at, own }, i) => at - ends[i].at - own);
  beyond.sort((a, b) => a - b);
  const mean = beyond.reduce((sum, seconds) => sum + seconds, 0) / beyond.length;
  const [median, most] = [beyond[beyond.length >> 1], beyond[beyond.length - 1]];
  const figures = [mean, median, most].map((seconds) => `${seconds.toFixed(3)} s`);
  console.log(
    `${beyond.length} trials, beyond themselves: mean, median, most: ${figures.join(', ')}`,
  );
}
