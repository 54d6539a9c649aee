// A device that is lost at any moment of a run costs no bit of its result; one that is always lost ends the run.

import { readdirSync, readFileSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { DeviceLostError } from '../../../engine/core/errors.ts';
import { Gpu } from '../../../engine/core/gpu.ts';
import { createNodeDevice } from '../../../engine/node.ts';
import type { ConfigChanges } from '../../../gfsr/config/config.ts';
import { acrossDeviceLosses, MOST_LOSSES } from '../../../gfsr/job/device-loss.ts';
import { prepareJob, resumeJob } from '../../../gfsr/job/job.ts';
import { runJob } from '../../../gfsr/job/run-job.ts';
import { writeTiny } from '../../support/tiny-data.ts';
import { tempFolder } from '../report/synthetic.ts';

const root = tempFolder();
const settings: ConfigChanges = {
  data: { source: writeTiny(root) },
  model: { widths: [2, 4], hidden: 4 },
  train: { epochs: 3, batchSize: 8 },
  guidance: { warmupEpochs: 1 },
  masks: { concepts: 3, segments: 16 },
};

/** Runs the job; device number n, from 0, is lost as soon as it has done `lostAfter[n]` steps. Returns the weights. */
async function run(name: string, lostAfter: readonly number[], losses: number[] = []) {
  const path = join(root, name);
  let devices = 0;
  await acrossDeviceLosses(
    await prepareJob(settings, path),
    async (job, stored) => {
      const { device, wait, info } = await createNodeDevice();
      const gpu = new Gpu(device, { wait });
      const last = lostAfter[devices++];
      let steps = 0;
      try {
        const folder = job.open(info);
        stored(() => {
          folder.close();
          return resumeJob(folder.path);
        });
        return await runJob(gpu, job, folder, {
          onStep: () => {
            if (++steps === last) device.destroy(); // without the knowledge of our own code
          },
        });
      } finally {
        gpu.destroy();
      }
    },
    (count) => losses.push(count),
  );
  return ['cross-entropy', 'guided'].map((arm) =>
    readFileSync(join(path, `${arm}.safetensors`)).toString('base64'),
  );
}

const whole = await run('whole', []);

test('three devices lost, in the warm-up, in the first arm and in the second, give the same bytes', async () => {
  const losses: number[] = [];
  // 6 steps of warm-up, 12 of each arm; a lost device goes back to the last whole epoch.
  assert.equal(await run('three times', [3, 10, 14], losses), whole);
  assert.equal(losses, [1, 2, 3]);
});

test('a fourth loss ends the run, which can still be resumed', async () => {
  const losses: number[] = [];
  try {
    await run('always', [1, 1, 1, 1, 1], losses);
    assert.unreachable();
  } catch (error) {
    assert.instance(error, DeviceLostError);
    assert.match((error as Error).message, /the device is lost/);
  }
  assert.is(losses.length, MOST_LOSSES);
});

test('a finished run names no folder and no host of its machine, except in config.json', () => {
  const run = join(root, 'whole');
  for (const file of readdirSync(run, { recursive: true, encoding: 'utf8' })) {
    if (file === 'config.json' || statSync(join(run, file)).isDirectory()) continue;
    const text = readFileSync(join(run, file), 'latin1');
    assert.not.ok(text.includes(root), `${file} names a folder`);
    if (file.endsWith('.json'))
      assert.not.ok(text.includes(`"${hostname()}"`), `${file} names the host`);
  }
});

test.run();
