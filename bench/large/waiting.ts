// How long the adapter waits for data in a step: the time of steps with new batches, against that of steps that repeat
// one batch, which needs no reading, no augmentation and no normalisation.
//
//   node --conditions=gfsr-source --import tsx bench/large/waiting.ts --architecture small-cnn --batch 16 --steps 12

import { parseArgs } from 'node:util';
import { Gpu } from '../../engine/core/gpu.ts';
import { createNodeDevice } from '../../engine/node.ts';
import { parseConfig } from '../../gfsr/config/parse.ts';
import { datasetOf } from '../../gfsr/data/load.ts';
import { Trainer } from '../../gfsr/train/trainer.ts';
import { TrainingBatches } from '../../gfsr/train/training-batches.ts';
import { ARCHITECTURES } from '../../model/architectures.ts';

/** Steps that compile kernels and fill the queue. */
const COLD = 3;

const text = (value: string) => ({ type: 'string', default: value }) as const;
const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    ...{ architecture: text('small-cnn'), batch: text('16'), steps: text('12') },
    ...{ augment: text('flip-shift-rotate-zoom-light'), rounds: text('3') },
  },
});
const [batchSize, steps] = [Number(values.batch), Number(values.steps)];
const architecture = ARCHITECTURES.find((name) => name === values.architecture) ?? 'small-cnn';
const config = parseConfig({
  data: { source: positionals[0], cache: 'always' },
  model: { architecture, ...(architecture !== 'small-cnn' && { stem: 'large' }) },
  train: { batchSize, epochs: 1, augment: values.augment },
});
const dataset = await datasetOf(config, console.log);
const { device, wait, memory } = await createNodeDevice();
const gpu = new Gpu(device, { wait, memory });

const { plain } = TrainingBatches.prototype;
let host = 0;
const rates: Record<'new' | 'same', number[]> = { new: [], same: [] };
for (let round = 0; round < Number(values.rounds); round++) {
  for (const kind of ['new', 'same'] as const) rates[kind].push(await secondsPerStep(kind));
}
const middle = (of: number[]) => of.sort((a, b) => a - b)[of.length >> 1];
const [made, repeated] = [middle(rates.new), middle(rates.same)];
const share = (part: number, of: number) => `${((100 * Math.max(0, part)) / of).toFixed(1)} %`;
console.log(
  `${architecture}, batch ${batchSize}, ${dataset.height} px: ${made.toFixed(3)} s per step, ` +
    `${repeated.toFixed(3)} s with one batch repeated: the adapter waits ${share(made - repeated, made)} of a step. ` +
    `Making a batch takes ${host.toFixed(3)} s, ${share(host, Math.min(made, repeated))}: more it cannot wait`,
);
gpu.destroy();

async function secondsPerStep(kind: 'new' | 'same'): Promise<number> {
  let kept: ReturnType<typeof plain> | undefined;
  let [calls, spent, began] = [0, 0, 0];
  TrainingBatches.prototype.plain = function (indices, stream) {
    const start = performance.now();
    if (calls++ === COLD) [began, spent] = [start, 0];
    const batch = kind === 'new' || !kept ? plain.call(this, indices, stream) : kept;
    kept ??= batch;
    spent += performance.now() - start;
    return batch;
  };
  const trainer = new Trainer(gpu, { dataset, config });
  await trainer.train(COLD + steps);
  const seconds = (performance.now() - began) / 1000 / steps;
  if (kind === 'new') host = spent / 1000 / steps;
  await trainer.dispose();
  return seconds;
}
