// Of which class each image is: as the data says, or as the person who marks has corrected it.

import { classSaid, labelBy } from '../../gfsr/annotation/classes.ts';
import type { MarkedDataset } from '../storage/project.ts';
import type { Marks } from './marks.ts';
import { withClass } from './strokes.ts';

/** The classes of the images of one data set. A correction is a stroke: saved, and taken back, like any mark. */
export class ImageClasses {
  readonly #dataset: Pick<MarkedDataset, 'classes' | 'labels'>;
  readonly #marks: Marks;

  constructor(dataset: Pick<MarkedDataset, 'classes' | 'labels'>, marks: Marks) {
    this.#dataset = dataset;
    this.#marks = marks;
  }

  /** As it is seen. */
  of(image: number): string {
    return classSaid(this.#marks.of(image)) ?? this.#given(image);
  }

  /** Labels of all images, as they are seen. */
  get labels(): number[] {
    const { classes, labels } = this.#dataset;
    return labels.map((given, image) => labelBy(this.#marks.of(image), given, classes));
  }

  /**
   * Says that an image is of a class, counted from 0. What the data says anyway is no correction.
   *
   * @returns what was done, in words
   */
  set(image: number, number: number): string {
    const label = this.#dataset.classes[number];
    if (label === undefined) return `there is no class ${number + 1}`;
    const isGiven = label === this.#given(image);
    const before = this.#marks.latest(image);
    const wanted = isGiven ? undefined : label;
    if (classSaid(before) !== wanted) this.#marks.change(image, withClass(before, wanted));
    return isGiven ? `class ${label}, as in the data` : `class ${label}, corrected`;
  }

  #given(image: number): string {
    const { classes, labels } = this.#dataset;
    return classes[labels[image]];
  }
}
