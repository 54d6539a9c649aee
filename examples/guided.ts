// Your own images and your own strokes: soft masks, guided training, and where both classifiers look.

import { dataDefaults, markPlane, runExperiment, withChanges } from 'gfsr';
import { Gpu } from 'gfsr/engine';
import { createNodeDevice } from 'gfsr/engine/node';
import { shapes, strokeOn } from './shapes.ts';

const { device, wait } = await createNodeDevice();
const gpu = new Gpu(device, { wait });

const dataset = shapes();
const { train, height, width } = dataset;
const config = withChanges(dataDefaults(dataset), {
  model: { widths: [8, 16], head: 'dense' },
  train: { epochs: 8, batchSize: 16, lr: 3e-3, augment: 'none', ema: 0 },
  saliency: { layer: 'first', method: 'hirescam', sign: 'abs' },
  guidance: { lambda: 4, balance: 'loss-ratio', warmupEpochs: 1, rampEpochs: 1 },
});

// One person marks 16 of 256 images with a stroke each.
const annotations = new Map(
  Array.from({ length: 16 }, (_, i) => [i, [markPlane([strokeOn(train, i)], height, width)]]),
);

const { arms, masks } = await runExperiment(gpu, { dataset, config, annotations });

if (masks) {
  const { masks: values, height: rows, width: columns } = masks;
  // An image that nobody marked: its soft mask comes from the segments that resemble marked ones.
  console.log(`soft mask of ${train.ids[100]}, ${rows} × ${columns}:`);
  const area = rows * columns;
  print(values.subarray(100 * area, 101 * area), rows, columns);
}
for (const [name, { evaluation, examples }] of Object.entries(arms)) {
  const { maps, height: rows, width: columns } = examples.test;
  const share = evaluation.test.shortcut?.share.mean ?? 0;
  console.log(
    `${name}: accuracy ${evaluation.test.accuracy.toFixed(2)}, ${(100 * share).toFixed(0)} % of saliency on the patch:`,
  );
  print(maps, rows, columns);
}
gpu.destroy();

/** A map as text, its largest value darkest. */
function print(map: Float32Array, rows: number, columns: number): void {
  const cells = map.subarray(0, rows * columns);
  const most = Math.max(...cells);
  for (let row = 0; row < rows; row++) {
    const line = cells.subarray(row * columns, (row + 1) * columns);
    console.log(
      Array.from(line, (value) => ' ·+#'[Math.round((3 * value) / most)] ?? ' ').join(''),
    );
  }
}
