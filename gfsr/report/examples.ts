// The example images of a run as pictures: the image, its mask, and where each arm looks.

import { predictedClasses } from '../../model/metrics.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Image } from '../image/png.ts';
import { rowAt } from '../image/rows.ts';
import { ARMS, type Arm, type ExperimentResult } from '../train/experiment.ts';
import { drawHeat, drawImage, drawMask, mapAt, pictureAt } from './pictures.ts';

/** One example image with its pictures, all of the same size. */
export interface Example {
  readonly split: 'train' | 'test';
  /** Index in its split. */
  readonly index: number;
  readonly label: string;
  readonly image: Image;
  /** The mask that guided training on this image. Only training images have one, and only if anything was annotated. */
  readonly mask?: Image;
  /** In the order cross-entropy, guided. */
  readonly arms: readonly ArmView[];
}

/** What one arm predicts for an example, and where it looks. */
export interface ArmView {
  readonly arm: Arm;
  readonly heat: Image;
  readonly predicted: string;
  /** Probability of the predicted class. */
  readonly probability: number;
  readonly right: boolean;
}

/** Draws every example of a result. Each saliency map has its own scale. */
export function drawExamples(result: ExperimentResult, dataset: Dataset): Example[] {
  return [...drawSplit('test', result, dataset), ...drawSplit('train', result, dataset)];
}

function drawSplit(
  name: Example['split'],
  { arms, masks, examples }: ExperimentResult,
  dataset: Dataset,
): Example[] {
  const { classes, [name]: split } = dataset;
  const { labels } = split;
  return examples[name].map((index, i) => {
    const picture = pictureAt(dataset, split, index);
    const views = ARMS.flatMap((arm): ArmView[] => {
      const explained = arms[arm]?.examples[name];
      if (!explained) return [];
      const probs = rowAt(explained.probs, i, classes.length);
      const [predicted] = predictedClasses(probs, classes.length);
      return [
        {
          arm,
          heat: drawHeat(picture, mapAt(explained.maps, i, explained)),
          predicted: classes[predicted],
          probability: probs[predicted],
          right: predicted === labels[index],
        },
      ];
    });
    return {
      split: name,
      index,
      label: classes[labels[index]],
      image: drawImage(picture),
      ...(name === 'train' &&
        masks && { mask: drawMask(picture, mapAt(masks.masks, index, masks)) }),
      arms: views,
    };
  });
}
