// Measures what the studio's demo shows: accuracy with the square misleading, without and with guidance, by seed.
//
//   node --conditions=gfsr-source --import tsx bench/demo.ts --seeds 0,1,2,3,4
//
// It trains as the page does without a graphics card, on data, marks and weights that are drawn by the seed. Validation
// images are measured, by which the size of the demo was chosen. --write measures test images instead, once the size is
// chosen, and keeps the result as what the page shows beside the demo.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadDataset } from '../gfsr/data/load.ts';
import type { TrainingProgress } from '../gfsr/job/training.ts';
import type { Task } from '../gfsr/serve/serve-calls.ts';
import type { Confusions } from '../gfsr/serve/train-calls.ts';
import { openTrainings } from '../gfsr/serve/training-host.ts';
import { toJson } from '../gfsr/text/json.ts';
import type { Arm } from '../gfsr/train/experiment.ts';
import { DEMO_DATA } from '../studio/demo/demo.ts';
import { demoMarks } from '../studio/demo/demo-files.ts';

const { values } = parseArgs({
  options: {
    limit: { type: 'string', default: `${DEMO_DATA.limit}` },
    seeds: { type: 'string', default: '0,1,2,3,4' },
    write: { type: 'boolean', default: false },
  },
});

const place = { kind: 'server' } as const;
const task: Task<TrainingProgress> = { signal: new AbortController().signal, report: () => {} };

const seeds = [];
let machine = '';
for (const seed of values.seeds.split(',').map(Number)) seeds.push(await measure(seed));
if (values.write) {
  writeFileSync(new URL('../studio/demo/result.json', import.meta.url), toJson({ machine, seeds }));
}

async function measure(seed: number) {
  const data = { ...DEMO_DATA, limit: Number(values.limit) };
  const dataset = await loadDataset(data.source, { ...data, seed });
  const folder = mkdtempSync(join(tmpdir(), 'gfsr-demo-'));
  const settings = { data, train: { seed } };
  const { handlers, close } = await openTrainings(join(folder, 'run'), dataset, settings);
  const device = await handlers.device(undefined, task);
  if ('name' in device) {
    const card = device.isSoftware ? 'without a graphics card' : `with ${device.name}`;
    machine = `${availableParallelism()} cores ${card}`;
  }
  const request = {
    ...{ place, annotations: demoMarks(dataset, seed), isResumed: false, isQuick: true },
  };
  const began = performance.now();
  await handlers.train(request, task);
  const seconds = Math.round((performance.now() - began) / 1000);
  if (values.write) await handlers.openTest(place, task);
  await close();
  const read = (name: string) => JSON.parse(readFileSync(join(folder, 'run', name), 'utf8'));
  const confusions: Confusions = values.write
    ? read('confusion-test.json').confusions
    : read('confusion-validation.json');
  rmSync(folder, { recursive: true });
  const [plain, guided] = (['cross-entropy', 'guided'] as const).map((arm) =>
    accuracy(confusions, arm),
  );
  console.log(`seed ${seed}: misleading ${plain} → ${guided}, ${seconds} s`);
  return { seed, 'cross-entropy': plain, guided };
}

function accuracy(confusions: Confusions, arm: Arm): number {
  const counts = confusions.misleading[arm] ?? [];
  const classes = Math.sqrt(counts.length);
  const right = counts.reduce((sum, n, i) => sum + (i % (classes + 1) === 0 ? n : 0), 0);
  return Number((right / counts.reduce((a, b) => a + b, 0)).toFixed(4));
}
