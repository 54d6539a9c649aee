// The class of each image: that of the data, or the one to which the person who marks has corrected it.

import { correctedClass, correctedLabel } from '../../gfsr/annotation/classes.ts';
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

  /** The class of an image, as it is seen. */
  of(image: number): string {
    return correctedClass(this.#marks.of(image)) ?? this.#given(image);
  }

  /** Labels of all images, as they are seen. */
  get labels(): number[] {
    const { classes, labels } = this.#dataset;
    return labels.map((given, image) => correctedLabel(this.#marks.of(image), given, classes));
  }

  /** The class in the data of an image whose class was corrected; otherwise undefined. */
  correctedFrom(image: number): string | undefined {
    const given = this.#given(image);
    return this.of(image) === given ? undefined : given;
  }

  /** The class that a key from 1 to 9 stands for: by its place in the list, or by its name if all names are numbers. */
  byDigit(digit: number): string | undefined {
    const { classes } = this.#dataset;
    const areNumbers = classes.every((name) => /^\d+$/.test(name));
    return areNumbers ? classes.find((name) => Number(name) === digit) : classes[digit - 1];
  }

  /**
   * Corrects the class of an image. The class that it has in the data takes a correction back.
   *
   * @returns what was done, in words
   */
  set(image: number, label: string): string {
    const isGiven = label === this.#given(image);
    const before = this.#marks.latest(image);
    const wanted = isGiven ? undefined : label;
    if (correctedClass(before) !== wanted) this.#marks.change(image, withClass(before, wanted));
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
