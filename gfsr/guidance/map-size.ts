// The size of a saliency map, known before anything is computed, and whether the map has positions at all.

import type { Gpu } from '../../engine/core/gpu.ts';
import type { Classifier } from '../../model/classifier.ts';
import { layerName, type SaliencyOptions } from './saliency.ts';

/**
 * Height and width of a saliency map: those of its feature map for `cam`, otherwise those of the image.
 *
 * @throws RangeError if the classifier has no such layer, or the layer's maps [N, K, h, w] have only one position. A
 *   saliency of one position is the same everywhere, so no mask can guide it.
 */
export function mapSize(
  gpu: Gpu,
  classifier: Classifier,
  options: SaliencyOptions,
): readonly [number, number] {
  const { channels, size } = classifier.shape;
  if (options.source !== 'cam') return [size, size];
  const name = layerName(classifier, options.layer);
  const { features } = gpu.trace(() =>
    classifier.forward(gpu.zeros([1, channels, size, size]), { training: false }),
  );
  const shapeOf = (layer: string): readonly number[] => features[layer]?.shape ?? [];
  const hasPositions = ([, , height = 1, width = 1]: readonly number[]) => height * width > 1;
  const shape = shapeOf(name);
  if (hasPositions(shape)) return [shape[2], shape[3]];
  const others = classifier.layers.filter((layer) => hasPositions(shapeOf(layer)));
  const got = features[name] ? `maps [${['N', ...shape.slice(1)].join(', ')}]` : 'no maps';
  const fix =
    others.length > 0
      ? `Choose saliency.layer ${others.join(' or ')}`
      : 'No layer of this classifier has any: pool less';
  throw new RangeError(
    `saliency: layer ${name} has no positions to guide, got ${got}, expected [N, K, h, w] with h·w > 1. ${fix}, or another saliency.source.`,
  );
}
