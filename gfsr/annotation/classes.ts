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
export const classSaid = (strokes: readonly Stroke[]): string | undefined =>
  strokes.findLast(({ kind }) => kind === 'class')?.label;

/** The label of an image: as strokes say, or else as given; -1 if they say a class that is none of these. */
export function labelBy(
  strokes: readonly Stroke[],
  given: number,
  classes: readonly string[],
): number {
  const said = classSaid(strokes);
  return said === undefined ? given : classes.indexOf(said);
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
    labels[image] = labelBy(strokes, labels[image], classes);
    if (labels[image] >= 0) continue;
    throw new RangeError(
      `annotations: image ${quoted(train.ids[image])} is of an unknown class, got ${quoted(classSaid(strokes))}, expected one of ${classes.join(', ')}.`,
    );
  }
  return labels;
}

/** The data set with `correctedLabels`, or as it is if nothing is corrected. @throws RangeError as they do */
export function withClassesOf(dataset: Dataset, file: AnnotationFile | undefined): Dataset {
  if (!file) return dataset;
  const { train } = dataset;
  const labels = correctedLabels(dataset, file);
  return labels.every((label, i) => label === train.labels[i])
    ? dataset
    : { ...dataset, train: { ...train, labels } };
}
