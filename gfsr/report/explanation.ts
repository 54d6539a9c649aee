// Explains single decisions of a classifier: each image beside the heat map of where the classifier looks.

import type { Gpu } from '../../engine/core/gpu.ts';
import type { SaliencySettings } from '../config/saliency.ts';
import type { Split } from '../data/dataset.ts';
import { Evaluator } from '../evaluation/evaluator.ts';
import { explainClasses } from '../evaluation/explain-classes.ts';
import type { Image } from '../image/png.ts';
import type { LoadedModel } from '../store/model-file.ts';
import { beside, drawHeat, drawImage, mapAt, pictureAt } from './pictures.ts';

/** An explained image. Classes are numbers. */
export interface Explained {
  /** Index in its split. */
  readonly index: number;
  readonly predicted: number;
  /** Probability of the predicted class. */
  readonly probability: number;
  /** The class whose evidence is drawn. */
  readonly explained: number;
  /** The image, and the saliency over it. */
  readonly picture: Image;
}

/** Which maps `explainImages` draws. */
export interface ExplainOptions {
  readonly indices: readonly number[];
  /** Default: the saliency of the settings that trained the classifier. */
  readonly saliency?: SaliencySettings;
  /** Number of the class to explain. Default: the predicted class of each image. */
  readonly target?: number;
}

/** Images processed at once. */
const BATCH = 16;

/**
 * Predicts and explains images of a split. Their size and colours must be those of the classifier's training images.
 */
export async function explainImages(
  gpu: Gpu,
  { classifier, stats, classes, config }: LoadedModel,
  split: Split,
  { indices, saliency = config.saliency, target }: ExplainOptions,
): Promise<Explained[]> {
  const batch = Math.min(indices.length, BATCH);
  const evaluator = new Evaluator(gpu, classifier, stats, { batch });
  try {
    const { probs, predicted, explained, maps, height, width } = await explainClasses(
      evaluator,
      split,
      saliency,
      classes.length,
      { indices, target },
    );
    const { channels, size } = classifier.shape;
    return indices.map((index, i) => {
      const picture = pictureAt({ channels, height: size, width: size }, split, index);
      const map = mapAt(maps, i, { height, width });
      return {
        index,
        predicted: predicted[i],
        probability: probs[i * classes.length + predicted[i]],
        explained: explained[i],
        picture: beside([drawImage(picture), drawHeat(picture, map)]),
      };
    });
  } finally {
    await evaluator.dispose();
  }
}
