// Explains single decisions of a classifier: each image beside the heat map of where the classifier looks.

import type { Gpu } from '../../engine/core/gpu.ts';
import { predictedClasses } from '../../model/metrics.ts';
import type { SaliencySettings } from '../config/saliency.ts';
import type { Split } from '../data/dataset.ts';
import { Evaluator } from '../evaluation/evaluator.ts';
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
    const { probs } = await evaluator.predict(split, indices);
    const predicted = predictedClasses(probs, classes.length);
    const labels = split.labels.slice();
    indices.forEach((image, i) => {
      labels[image] = target ?? predicted[i];
    });
    const options = { ...saliency, target: 'label' } as const;
    const { maps, height, width } = await evaluator.explain({ ...split, labels }, options, indices);
    const { channels, size } = classifier.shape;
    return indices.map((index, i) => {
      const picture = pictureAt({ channels, height: size, width: size }, split, index);
      const map = mapAt(maps, i, { height, width });
      return {
        index,
        predicted: predicted[i],
        probability: probs[i * classes.length + predicted[i]],
        explained: labels[index],
        picture: beside([drawImage(picture), drawHeat(picture, map)]),
      };
    });
  } finally {
    await evaluator.dispose();
  }
}
