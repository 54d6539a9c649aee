// The parameter randomisation check: a map that stays the same while the weights it should explain are replaced by
// random ones, layer after layer from the output on, explains something else.
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

/** Maps after one more layer has been randomised, against the trained classifier's; near 0 is how it should be. */
export interface RandomisedLayer {
  /** This layer and all after it have random weights. */
  readonly layer: string;
  /** Spearman's, over the images; one whose map is dead is left out and counted. */
  readonly rankCorrelation: Aggregate;
  readonly ssim: Aggregate;
}

/** Layers from input to output; the blocks of a ResNet stage are one. */
export function layerNames(state: StateDict): string[] {
  return [...new Set([...state.keys()].map(layerOf))];
}

const layerOf = (name: string): string => name.split('.', 1)[0];

/**
 * Randomises one layer after another, the last first, and compares the maps of the true class. The classifier itself
 * is left as it is.
 *
 * @param seed of the random weights
 * @throws TypeError for a classifier that cannot be made a second time
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
      'parameterRandomisation: the classifier has no `recreate`, expected one that makes another like it. Add it.',
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
    for (const layer of layerNames(trained).reverse()) {
      replaced.add(layer);
      const mixed: StateDict = new Map(
        [...trained].map(([name, value]) => [
          name,
          (replaced.has(layerOf(name)) ? random.get(name) : value) ?? value,
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
