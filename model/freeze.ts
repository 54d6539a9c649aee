// Freezes the first layers of a classifier, so that training leaves them as they are and costs nothing for them.

import { dependsOn } from '../engine/autodiff/grad.ts';
import type { Classifier } from './classifier.ts';

/**
 * Freezes every weight from which a feature map is computed: it no longer requires a gradient, so no backward pass is
 * made for it, and `weights.trained` leaves it out. A frozen batch normalisation also keeps its running statistics, and
 * uses them in training.
 *
 * @param layer name of the last frozen feature map, such as `layer2`
 * @returns names of the frozen weights
 * @throws RangeError if the classifier has no such feature map
 */
export function freeze(classifier: Classifier, layer: string): string[] {
  const { weights, layers, shape } = classifier;
  if (!layers.includes(layer)) {
    throw new RangeError(`freeze: no layer ${layer}, expected one of ${layers.join(', ')}.`);
  }
  const { channels, size } = shape;
  const { gpu } = weights;
  const frozen = gpu.trace(() => {
    const x = gpu.zeros([1, channels, size, size]);
    const map = classifier.forward(x, { training: false, features: [layer] }).features[layer];
    return [...weights.parameters].filter(([, parameter]) => dependsOn(map, parameter));
  });
  for (const [, parameter] of frozen) parameter.requiresGrad = false;
  return frozen.map(([name]) => name);
}
