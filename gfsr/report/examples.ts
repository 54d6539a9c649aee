// The example images of a run as pictures: the image, its mask, and where each arm looks.

import type { Dataset } from '../data/dataset.ts';
import { predictedClasses } from '../evaluation/metrics/classification.ts';
import type { Image } from '../image/png.ts';
import { ARMS, type Arm, type ExperimentResult } from '../train/experiment.ts';
import { drawHeat, drawImage, drawMask } from './pictures.ts';

/** One example image with its pictures, all of one size. */
export interface Example {
  readonly split: 'train' | 'test';
  /** In its split. */
  readonly index: number;
  readonly label: string;
  readonly image: Image;
  /** What guided training on this image; of train images, where anything was annotated. */
  readonly mask?: Image;
  /** In the order cross-entropy, guided. */
  readonly arms: readonly ArmView[];
}

/** What one arm makes of an example. */
export interface ArmView {
  readonly arm: Arm;
  readonly heat: Image;
  readonly predicted: string;
  /** Of the predicted class. */
  readonly probability: number;
  readonly right: boolean;
}

/** Draws every example of a result; each saliency map has its own scale. */
export function drawExamples(result: ExperimentResult, dataset: Dataset): Example[] {
  return [...drawSplit('test', result, dataset), ...drawSplit('train', result, dataset)];
}

function drawSplit(
  name: Example['split'],
  { arms, masks, examples }: ExperimentResult,
  dataset: Dataset,
): Example[] {
  const { classes, channels, height, width } = dataset;
  const { images, labels } = dataset[name];
  const size = channels * height * width;
  return examples[name].map((index, i) => {
    const pixels = images.subarray(index * size, (index + 1) * size);
    const picture = { pixels, channels, height, width };
    const views = ARMS.flatMap((arm): ArmView[] => {
      const explained = arms[arm]?.examples[name];
      if (!explained) return [];
      const probs = explained.probs.subarray(i * classes.length, (i + 1) * classes.length);
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

function mapAt(
  maps: Float32Array,
  i: number,
  { height, width }: { readonly height: number; readonly width: number },
) {
  const area = height * width;
  return { values: maps.subarray(i * area, (i + 1) * area), height, width };
}
