// What a queue on a Redis server costs per trial: empty jobs, pushed and taken one by one. See docs/scaling.md.
// Usage: node --conditions=gfsr-source --import tsx bench/queue-overhead.ts redis://127.0.0.1:6379 [10000]

import { openWorker, reachRedis, withQueue } from '../gfsr/queue/redis.ts';

const [address, count = '10000'] = process.argv.slice(2);
const jobs = Number(count);
const server = await reachRedis(address, process.env.GFSR_REDIS_PASSWORD);
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
