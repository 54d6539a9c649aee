// Twenty training steps, ten plain and ten guided, that every platform can run and compare.

import type { Gpu } from '../../engine/core/gpu.ts';
import { Random } from '../../engine/core/random.ts';
import { relevanceLossNamed } from '../../gfsr/guidance/losses.ts';
import { TrainingStep } from '../../gfsr/train/step.ts';
import type { GuidedInputs } from '../../gfsr/train/step-inputs.ts';
import { createClassifier } from '../../model/architectures.ts';
import { createAdam } from '../../model/optimizer.ts';

const BATCH = 8;
const SIZE = 12;
const CLASSES = 4;

/** One step's images: a bright bar whose direction is the class, a swatch that gives it away, and a mask of the bar. */
function batch(random: Random, guided: number): GuidedInputs {
  const area = SIZE * SIZE;
  const images = new Float32Array(BATCH * area);
  const masks = new Float32Array(guided * area);
  const labels = Uint32Array.from({ length: BATCH }, () => random.int(CLASSES));
  labels.forEach((label, n) => {
    const [dy, dx] = [
      [0, 1],
      [1, 0],
      [1, 1],
      [1, -1],
    ][label];
    for (let k = -3; k <= 3; k++) {
      const p = (SIZE / 2 + k * dy) * SIZE + SIZE / 2 + k * dx;
      images[n * area + p] = 1 + random.uniform();
      if (n < guided) masks[n * area + p] = 1;
    }
    images[n * area] = label / CLASSES;
  });
  return {
    images,
    labels,
    masks,
    weights: new Float32Array(guided).fill(1),
    signs: Float32Array.from({ length: guided * CLASSES }, () => (random.uniform() < 0.5 ? -1 : 1)),
  };
}

/** Cross-entropy and relevance loss of each step; second-order gradients from step 11 on. */
export async function twentySteps(gpu: Gpu): Promise<number[][]> {
  const common = { channels: 1, classes: CLASSES, size: SIZE, widths: [4, 8], hidden: 16 };
  const classifier = createClassifier(
    gpu,
    { architecture: 'small-cnn', ...common, head: 'dense', norm: 'batch' },
    7,
  );
  const optimizer = createAdam(gpu, classifier.weights.parameters, { lr: 5e-3 });
  const guidance = {
    loss: relevanceLossNamed('gfsr'),
    saliency: {
      source: 'cam',
      layer: 'first',
      method: 'hirescam',
      sign: 'abs',
      target: 'random-signs',
    },
    images: BATCH,
  } as const;
  const losses: number[][] = [];
  for (const plan of [undefined, guidance]) {
    const step = await TrainingStep.create(gpu, classifier, optimizer, BATCH, plan);
    for (let t = 0; t < 10; t++) {
      const inputs = batch(new Random(losses.length, 'twenty steps'), BATCH);
      step.run(plan ? inputs : { images: inputs.images, labels: inputs.labels });
      const { crossEntropy, relevance } = await step.losses();
      losses.push([crossEntropy, relevance]);
    }
    step.dispose();
  }
  return losses;
}
