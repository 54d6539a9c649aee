// Measures how well marks spread over a data set, by the network with and without concepts and by other inputs.
//
//   node --conditions=gfsr-source --import tsx bench/mask-quality.ts --side 64 busi.npz leeds-butterfly.npz
//
// Relevance is scored on marks that were left out, and on the real masks of training images that nobody marked.
// Validation and test images are not looked at.

import { parseArgs } from 'node:util';
import { Gpu } from '../engine/core/gpu.ts';
import { createNodeDevice } from '../engine/node.ts';
import { readAnnotations } from '../gfsr/annotation/annotation-source.ts';
import { type Config, withChanges } from '../gfsr/config/config.ts';
import { dataDefaults } from '../gfsr/data/defaults.ts';
import { loadDataset } from '../gfsr/data/load.ts';
import { gatherEvidence } from '../gfsr/masks/evidence.ts';
import { type DescribedSegments, describeSegments } from '../gfsr/masks/prepare.ts';
import { segmentImages } from '../gfsr/masks/segments.ts';
import { spreadRelevance } from '../gfsr/masks/spread.ts';
import {
  markedMean,
  type RelevanceScore,
  scoreRelevance,
  spreadQuality,
} from '../gfsr/masks/spread-quality.ts';
import { Trainer } from '../gfsr/train/trainer.ts';
import { realRelevance } from './real-relevance.ts';

/** What differs from the defaults; those with the same features share their descriptors and clusters. */
const WAYS: Readonly<Record<string, Partial<Config['masks']>>> = {
  'the default': {},
  'with concepts': { conceptInputs: true },
  'closed form': { relevanceNetwork: false },
  'y and x only': { position: 'linear' },
  'without position': { position: 'none' },
  'last map only': { features: 'last' },
  'no maps': { features: 'none' },
  'no maps, closed form': { features: 'none', relevanceNetwork: false },
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    side: { type: 'string', default: '64' },
    seeds: { type: 'string', default: '0' },
    kind: { type: 'string', default: 'scribble' },
  },
});

const { device, wait } = await createNodeDevice();
const gpu = new Gpu(device, { wait });
try {
  for (const path of positionals) {
    for (const seed of values.seeds.split(',').map(Number)) await measure(path, seed);
  }
} finally {
  gpu.destroy();
}

/** Warms up as a run does, marks a tenth of the images, and prints one line per way. */
async function measure(path: string, seed: number): Promise<void> {
  const dataset = await loadDataset(path, { side: Number(values.side), seed });
  const kind = values.kind as Config['annotation']['kind'];
  const own = { train: { seed }, annotation: { kind, target: 'relevant', fraction: 0.1 } } as const;
  const config = withChanges(dataDefaults(dataset, own), own);
  const { annotations } = await readAnnotations(dataset, config);
  const trainer = new Trainer(gpu, { dataset, config });
  await trainer.train(config.guidance.warmupEpochs * trainer.stepsPerEpoch);
  const segmentations = segmentImages(dataset.train, dataset, config.masks);
  const unmarked = [...(dataset.train.masks?.keys() ?? [])].filter((i) => !annotations.has(i));
  const described = new Map<string, DescribedSegments>();
  for (const [name, changes] of Object.entries(WAYS)) {
    const options = { ...config.masks, ...changes, seed };
    const segments =
      described.get(options.features) ??
      (await describeSegments(trainer.evaluator, dataset, segmentations, options));
    described.set(options.features, segments);
    const labels = gatherEvidence(segmentations, annotations, segments);
    const quality = await spreadQuality(
      gpu,
      { segments, segmentations, annotations, labels },
      options,
    );
    const { relevance } = await spreadRelevance(gpu, segments, labels, options);
    const real = realRelevance(dataset, unmarked, { segmentations, segments });
    print([dataset.name, seed, name], [quality?.spread, scoreRelevance(relevance, real)]);
    if (name !== 'the default') continue;
    const mean = markedMean({ segments, segmentations, annotations, labels });
    print([dataset.name, seed, 'mean of the marks'], [quality?.mean, scoreRelevance(mean, real)]);
  }
  await trainer.dispose();
}

function print(what: readonly unknown[], scores: readonly (RelevanceScore | undefined)[]): void {
  const figures = scores.flatMap((score) => [score?.auc ?? Number.NaN, score?.brier ?? Number.NaN]);
  console.log([...what, ...figures.map((figure) => figure.toFixed(3))].join('\t'));
}
