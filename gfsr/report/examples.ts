// The example images of a run as pictures: the image, its mask, and where each arm looks.

import { predictedClasses } from '../../model/metrics.ts';
import type { Dataset, Split } from '../data/dataset.ts';
import type { Image } from '../image/png.ts';
import { rowAt } from '../image/rows.ts';
import { Turns } from '../machine/long-work.ts';
import type { ShownMaps } from '../train/example-images.ts';
import { ARMS, type Arm, type ExperimentResult } from '../train/experiment.ts';
import { drawHeat, drawImage, drawMask, mapAt, pictureAt } from './pictures.ts';

/** An image with its pictures, all of the same size. */
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
  /** Saliency of the true class. */
  readonly heat: Image;
  /** Saliency of the class that was chosen, where that is another one. */
  readonly chosenHeat?: Image;
  readonly predicted: string;
  /** Probability of the predicted class. */
  readonly probability: number;
  readonly right: boolean;
}

/** Draws every example of a result. Each saliency map has its own scale. */
export async function drawExamples(
  result: ExperimentResult,
  dataset: Dataset,
  turns = new Turns(),
): Promise<Example[]> {
  const test = await drawSplit('test', result, dataset, turns);
  return [...test, ...(await drawSplit('train', result, dataset, turns))];
}

/** Draws the surest mistakes of each arm. */
export function drawMistakes(
  { arms }: Pick<ExperimentResult, 'arms'>,
  dataset: Dataset,
  turns = new Turns(),
): Promise<{ readonly arm: Arm; readonly examples: readonly Example[] }[]> {
  const seen = ARMS.flatMap((arm) => {
    const shown = arms[arm]?.examples.mistakes;
    return shown ? [[arm, shown] as const] : [];
  });
  return turns.map(seen, async ([arm, shown]) => {
    const examples = await turns.map(shown.indices.entries(), ([i, index]) => ({
      split: 'test' as const,
      ...drawExample(dataset, dataset.test, index),
      arms: [viewOf(arm, shown, i, dataset, dataset.test)],
    }));
    return { arm, examples };
  });
}

function drawSplit(
  name: Example['split'],
  { arms, masks, examples }: ExperimentResult,
  dataset: Dataset,
  turns: Turns,
): Promise<Example[]> {
  const { [name]: split } = dataset;
  return turns.map(examples[name].entries(), ([i, index]) => ({
    split: name,
    ...drawExample(dataset, split, index),
    ...(name === 'train' &&
      masks && {
        mask: drawMask(pictureAt(dataset, split, index), mapAt(masks.masks, index, masks)),
      }),
    arms: ARMS.flatMap((arm) => {
      const shown = arms[arm]?.examples[name];
      return shown ? [viewOf(arm, shown, i, dataset, split)] : [];
    }),
  }));
}

const drawExample = (dataset: Dataset, split: Split, index: number) => ({
  index,
  label: dataset.classes[split.labels[index]],
  image: drawImage(pictureAt(dataset, split, index)),
});

/** Example i of those shown. */
function viewOf(arm: Arm, shown: ShownMaps, i: number, dataset: Dataset, split: Split): ArmView {
  const { classes } = dataset;
  const index = shown.indices[i];
  const picture = pictureAt(dataset, split, index);
  const probs = rowAt(shown.probs, i, classes.length);
  const [predicted] = predictedClasses(probs, classes.length);
  const right = predicted === split.labels[index];
  return {
    ...{ arm, predicted: classes[predicted], probability: probs[predicted], right },
    heat: drawHeat(picture, mapAt(shown.maps, i, shown)),
    ...(!right && { chosenHeat: drawHeat(picture, mapAt(shown.chosen.maps, i, shown.chosen)) }),
  };
}
