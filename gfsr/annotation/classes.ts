// Classes that people have corrected while marking: they replace those of the data, whose files stay as they are.

import type { Dataset } from '../data/dataset.ts';
import { quoted } from '../text/visible.ts';
import { type AnnotationFile, annotationsByImage, type Stroke } from './annotations.ts';

/** What is needed of a data set to correct its classes. */
interface CorrectedImages {
  readonly classes: readonly string[];
  readonly train: { readonly ids: readonly string[]; readonly labels: Int32Array };
}

/** The class that strokes give their image, by the last of them; undefined if none does. */
export const correctedClass = (strokes: readonly Stroke[]): string | undefined =>
  strokes.findLast(({ kind }) => kind === 'class')?.label;

/** The label of an image: as strokes say, or else as given; -1 if they say a class that the data does not have. */
export function correctedLabel(
  strokes: readonly Stroke[],
  given: number,
  classes: readonly string[],
): number {
  const name = correctedClass(strokes);
  return name === undefined ? given : classes.indexOf(name);
}

/**
 * The labels of training images with the classes that an annotation file gives them. Where people differ, the last one
 * in the file counts.
 *
 * @throws RangeError for an unknown image, or a class that the data does not have
 */
export function correctedLabels(
  { classes, train }: CorrectedImages,
  file: AnnotationFile,
): Int32Array {
  const labels = train.labels.slice();
  for (const [image, annotations] of annotationsByImage(file, train)) {
    const strokes = annotations.flatMap((each) => each.strokes);
    labels[image] = correctedLabel(strokes, labels[image], classes);
    if (labels[image] >= 0) continue;
    throw new RangeError(
      `annotations: image ${quoted(train.ids[image])} is of an unknown class, got ${quoted(correctedClass(strokes))}, expected one of ${classes.join(', ')}.`,
    );
  }
  return labels;
}

/** Number of labels that were changed. */
export const countChanged = (before: Int32Array, after: Int32Array): number =>
  after.filter((label, i) => label !== before[i]).length;

/** The data set with `correctedLabels`, or as it is if nothing is corrected. @throws RangeError as they do */
export function withCorrectedClasses(dataset: Dataset, file: AnnotationFile | undefined): Dataset {
  if (!file) return dataset;
  const { train } = dataset;
  const labels = correctedLabels(dataset, file);
  return countChanged(train.labels, labels) === 0
    ? dataset
    : { ...dataset, train: { ...train, labels } };
}
