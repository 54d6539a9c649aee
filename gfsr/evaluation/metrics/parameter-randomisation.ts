// The parameter randomisation check. Random weights replace those of one layer after another, from the output on. A map
// that stays the same does not explain the weights.
//
// Source: Adebayo et al., "Sanity Checks for Saliency Maps", NeurIPS 2018 (cascading randomisation).

import type { Gpu } from '../../../engine/core/gpu.ts';
import type { Classifier } from '../../../model/classifier.ts';
import type { StateDict } from '../../../model/weights.ts';
import type { Split } from '../../data/dataset.ts';
import type { ChannelStats } from '../../data/normalise.ts';
import type { SaliencyOptions } from '../../guidance/saliency.ts';
import { rowsOf } from '../../image/rows.ts';
import { Evaluator, type Explanations } from '../evaluator.ts';
import { type Aggregate, aggregate } from './alignment.ts';
import { rankCorrelation, structuralSimilarity } from './map-similarity.ts';

/** Maps after one more layer has been randomised, compared with those of the trained classifier. Near 0 is good. */
export interface RandomisedLayer {
  /** This layer and all later ones have random weights. */
  readonly layer: string;
  /** Spearman's, over the images. Images with a dead map are counted and left out. */
  readonly rankCorrelation: Aggregate;
  readonly ssim: Aggregate;
}

/** Layers from input to output. What makes a named feature map counts as one: a ResNet's stage, a MobileNet's block. */
export function layerNames({ weights, layers }: Pick<Classifier, 'weights' | 'layers'>): string[] {
  const tensors = [...weights.parameters, ...weights.buffers];
  return [...new Set(tensors.map(([name]) => layerOf(name, layers)))];
}

/** The layer of a weight: that of its feature map, or else its name without the last part. */
const layerOf = (name: string, layers: readonly string[]): string =>
  layers.find((layer) => name.startsWith(`${layer}.`)) ?? name.replace(/\.[^.]*$/, '');

/**
 * Randomises one layer after another, the last first, and compares the maps of the true class. The classifier itself is
 * not changed.
 *
 * @param seed of the random weights
 * @throws TypeError for a classifier without `recreate`
 */
export async function parameterRandomisation(
  gpu: Gpu,
  classifier: Classifier,
  stats: ChannelStats,
  split: Split,
  indices: ArrayLike<number>,
  options: SaliencyOptions,
  seed: number | string = 0,
): Promise<RandomisedLayer[]> {
  const trained = await classifier.weights.state();
  if (!classifier.recreate) {
    throw new TypeError(
      'parameterRandomisation: the classifier has no `recreate`, expected a function that makes another like it. Add it.',
    );
  }
  const copy = classifier.recreate(`randomised ${seed}`);
  const evaluator = new Evaluator(gpu, copy, stats);
  try {
    const random = await copy.weights.state();
    const explain = async (state: StateDict): Promise<Explanations> => {
      copy.weights.load(state);
      return evaluator.explain(split, options, indices);
    };
    const original = await explain(trained);
    const replaced = new Set<string>();
    const layers: RandomisedLayer[] = [];
    for (const layer of layerNames(classifier).reverse()) {
      replaced.add(layer);
      const mixed: StateDict = new Map(
        [...trained].map(([name, value]) => [
          name,
          (replaced.has(layerOf(name, classifier.layers)) ? random.get(name) : value) ?? value,
        ]),
      );
      layers.push({ layer, ...compare(original, await explain(mixed)) });
    }
    return layers;
  } finally {
    await evaluator.dispose();
    copy.weights.dispose();
  }
}

function compare(a: Explanations, b: Explanations): Omit<RandomisedLayer, 'layer'> {
  const { height, width } = a;
  const [first, second] = [a, b].map(({ maps }) => rowsOf(maps, height * width));
  const pairs = first.map((map, i) => [map, second[i]]);
  return {
    rankCorrelation: aggregate(pairs.map(([p, q]) => rankCorrelation(p, q))),
    ssim: aggregate(pairs.map(([p, q]) => structuralSimilarity(p, q, [height, width]))),
  };
}
