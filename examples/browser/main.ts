// A page that trains twice, without and with guidance, and shows where each classifier looks.

import { dataDefaults, imageAt, markPlane, runExperiment, withChanges } from 'gfsr';
import { createBrowserDevice, Gpu } from 'gfsr/engine';
import { shapes, strokeOn } from '../shapes.ts';

const status = document.getElementById('status') as HTMLElement;
const button = document.getElementById('train') as HTMLButtonElement;

/** Draws values from 0 to `most` as grey levels. */
function draw(caption: string, values: ArrayLike<number>, side: number, most: number): void {
  const pixels = new ImageData(side, side);
  for (let p = 0; p < side * side; p++) {
    pixels.data.fill(Math.round((255 * values[p]) / most), 4 * p, 4 * p + 3);
    pixels.data[4 * p + 3] = 255;
  }
  const canvas = document.createElement('canvas');
  canvas.width = canvas.height = side;
  canvas.getContext('2d')?.putImageData(pixels, 0, 0);
  const figure = document.createElement('figure');
  const text = document.createElement('figcaption');
  text.textContent = caption;
  figure.append(canvas, text);
  document.getElementById('maps')?.append(figure);
}

async function train(): Promise<void> {
  const { device, wait } = await createBrowserDevice();
  const gpu = new Gpu(device, { wait });
  const dataset = shapes();
  const { train, test, height, width } = dataset;
  const config = withChanges(dataDefaults(dataset), {
    model: { widths: [8, 16], head: 'dense' },
    train: { epochs: 8, batchSize: 16, lr: 3e-3, augment: 'none', ema: 0 },
    saliency: { layer: 'first', method: 'hirescam', sign: 'abs' },
    guidance: { lambda: 4, balance: 'loss-ratio', warmupEpochs: 1, rampEpochs: 1 },
    // Spread masks are taken as they are: to measure them first takes as long as the training.
    masks: { fallback: 'none' },
  });
  const annotations = new Map(
    Array.from({ length: 16 }, (_, i) => [i, [markPlane([strokeOn(train, i)], height, width)]]),
  );
  const { arms, examples } = await runExperiment(gpu, {
    dataset,
    config,
    annotations,
    onStep: ({ step, total }, arm) => {
      status.textContent = `${arm}: step ${step} of ${total}`;
    },
  });
  draw('test image', imageAt(test, examples.test[0]), width, 255);
  for (const [name, { evaluation, examples: explained }] of Object.entries(arms)) {
    const { maps, width: side } = explained.test;
    const map = maps.subarray(0, side * side);
    draw(`${name}: accuracy ${evaluation.test.accuracy.toFixed(2)}`, map, side, Math.max(...map));
  }
  gpu.destroy();
}

button.addEventListener('click', async () => {
  button.disabled = true;
  try {
    await train();
    status.textContent = 'done';
  } catch (error) {
    status.textContent = (error as Error).message;
  }
});
