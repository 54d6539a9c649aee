// Classes that people have corrected while marking: they replace those of the data, whose files stay as they are.

import type { Dataset } from '../data/dataset.ts';
import { quoted } from '../text/visible.ts';
import { type AnnotationFile, annotationsByImage, type Stroke } from './annotations.ts';

/** The class that strokes give their image, by the last of them; undefined if none does. */
export const classSaid = (strokes: readonly Stroke[]): string | undefined =>
  strokes.findLast(({ kind }) => kind === 'class')?.label;

/**
 * The data set with the classes that an annotation file gives its training images. Where people differ, the last one in
 * the file counts.
 *
 * @throws RangeError for an unknown image, or a class that the data does not have
 */
export function withClassesOf(dataset: Dataset, file: AnnotationFile | undefined): Dataset {
  const { classes, train } = dataset;
  const labels = train.labels.slice();
  for (const [image, annotations] of file ? annotationsByImage(file, train) : []) {
    const said = classSaid(annotations.flatMap(({ strokes }) => strokes));
    if (said === undefined) continue;
    labels[image] = classes.indexOf(said);
    if (labels[image] < 0) {
      throw new RangeError(
        `annotations: image ${quoted(train.ids[image])} is of an unknown class, got ${quoted(said)}, expected one of ${classes.join(', ')}.`,
      );
    }
  }
  return labels.every((label, i) => label === train.labels[i])
    ? dataset
    : { ...dataset, train: { ...train, labels } };
}
