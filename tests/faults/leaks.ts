// Training for thousands of steps, and run after run, in one process: nothing that was needed once may stay.

import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { Gpu } from '../../engine/core/gpu.ts';
import { createNodeDevice } from '../../engine/node.ts';
import { defaultConfig, withChanges } from '../../gfsr/config/config.ts';
import { loadDataset } from '../../gfsr/data/load.ts';
import { prepareJob } from '../../gfsr/job/job.ts';
import { runJob } from '../../gfsr/job/run-job.ts';
import { Trainer } from '../../gfsr/train/trainer.ts';
import { tinyRun } from './tiny-run.ts';

/** What may grow. */
interface Usage {
  readonly gpuBytes: number;
  readonly heapBytes: number;
  readonly handles: number;
  readonly listeners: number;
}

const collect = ((): (() => void) => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc');
})();

function usageOf(gpu: Gpu): Usage {
  collect();
  const names = process.eventNames();
  return {
    gpuBytes: gpu.stats.usedBytes,
    heapBytes: process.memoryUsage().heapUsed,
    handles: process.getActiveResourcesInfo().length,
    listeners: names.reduce((sum, name) => sum + process.listenerCount(name), 0),
  };
}

/** Heap that code compiled late, caches of strings and the like may add. */
const HEAP_ROOM = 2 ** 22;

/** Lines about what was used after a tenth of the work and at its end, and whether nothing grew. */
function compare(what: string, early: Usage, late: Usage) {
  const flat =
    late.gpuBytes <= early.gpuBytes &&
    late.handles <= early.handles &&
    late.listeners <= early.listeners &&
    late.heapBytes <= early.heapBytes + HEAP_ROOM;
  const rows = (Object.keys(early) as (keyof Usage)[]).map(
    (key) => `${what}: ${key} ${early[key]} after a tenth, ${late[key]} at the end`,
  );
  return { lines: [...rows, ...(flat ? [] : [`WRONG ${what}: grows`])], flat };
}

/**
 * @param root an empty folder of its own
 * @param work numbers of training steps and of whole runs, each a multiple of 10
 */
export async function leakLines(
  root: string,
  { steps, runs }: { readonly steps: number; readonly runs: number },
): Promise<{ readonly lines: readonly string[]; readonly passed: boolean }> {
  mkdirSync(root, { recursive: true });
  const settings = tinyRun(root);
  const { device, wait, info } = await createNodeDevice();
  const gpu = new Gpu(device, { wait });
  try {
    const trained = await manySteps(gpu, String(settings.data?.source), steps);
    const path = join(root, 'run');
    let early: Usage | undefined;
    for (let run = 1; run <= runs; run++) {
      rmSync(path, { recursive: true, force: true });
      const job = await prepareJob(settings, path);
      await runJob(gpu, job, job.open(info));
      if (run === runs / 10) early = usageOf(gpu);
    }
    const ran = compare(`${runs} runs`, early as Usage, usageOf(gpu));
    return { lines: [...trained.lines, ...ran.lines], passed: trained.flat && ran.flat };
  } finally {
    gpu.destroy();
  }
}

async function manySteps(gpu: Gpu, source: string, steps: number) {
  const dataset = await loadDataset(source);
  const config = withChanges(defaultConfig, {
    ...{ model: { widths: [2, 4], hidden: 4 }, data: { source } },
    train: { batchSize: 4, epochs: Math.ceil(steps / 12) },
    guidance: { loss: 'energy' },
  });
  const trainer = new Trainer(gpu, { dataset, config });
  const { count } = dataset.train;
  const [height, width] = trainer.maskSize;
  const supervision = {
    masks: {
      masks: new Float32Array(count * height * width).fill(0.5),
      weights: new Float32Array(count).fill(1),
      ...{ height, width, annotated: count, segments: 0, meanRelevance: 0.5 },
    },
    lossBalance: 1,
  };
  await trainer.train(steps / 10, supervision);
  const early = usageOf(gpu);
  await trainer.train(steps, supervision);
  const late = usageOf(gpu);
  await trainer.dispose();
  return compare(`${steps} steps`, early, late);
}
