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

  /** What the data says, of an image that a person says another class of. */
  correctedFrom(image: number): string | undefined {
    const given = this.#given(image);
    return this.of(image) === given ? undefined : given;
  }

  /** The class of a key from 1 to 9: of that place, or of that name where all names are numbers. */
  byDigit(digit: number): string | undefined {
    const { classes } = this.#dataset;
    const areNumbers = classes.every((name) => /^\d+$/.test(name));
    return areNumbers ? classes.find((name) => Number(name) === digit) : classes[digit - 1];
  }

  /**
   * Says that an image is of a class. What the data says anyway is no correction.
   *
   * @returns what was done, in words
   */
  set(image: number, label: string): string {
    const isGiven = label === this.#given(image);
    const before = this.#marks.latest(image);
    const wanted = isGiven ? undefined : label;
    if (classSaid(before) !== wanted) this.#marks.change(image, withClass(before, wanted));
    return isGiven ? `class ${label}, as in the data` : `class ${label}, corrected`;
  }

  /** `set`, with the class of a key. */
  setByDigit(image: number, digit: number): string {
    const label = this.byDigit(digit);
    return label === undefined ? `there is no class ${digit}` : this.set(image, label);
  }

  #given(image: number): string {
    const { classes, labels } = this.#dataset;
    return classes[labels[image]];
  }
}
