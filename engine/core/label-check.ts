// Checks labels against the number of classes. This happens on the host, because a kernel cannot throw.

import type { Tensor } from './tensor.ts';

/**
 * Checks the labels that the host wrote, now and, within a capture, before each run of the program. Labels that a
 * kernel wrote are unknown to the host.
 *
 * @throws RangeError for a label that is not below `classes`
 */
export function checkLabels(where: string, labels: Tensor, classes: number): void {
  labels.gpu.beforeEachRun(() => {
    const { largest } = labels;
    if (largest && largest.value >= classes) {
      throw new RangeError(
        `${where}: label ${largest.at} is ${largest.value}, expected 0 to ${classes - 1} for ${classes} classes.`,
      );
    }
  });
}
