// Your own relevance loss: gfsr gradcheck examples/my-loss.ts, then gfsr train --loss examples/my-loss.ts

import { defineRelevanceLoss } from 'gfsr';
import { mul, normalizeMap, scaleShift, square, sum } from 'gfsr/engine';

export default defineRelevanceLoss({
  name: 'outside',
  source: 'an example: saliency outside the mask, squared',
  loss: ({ saliency, mask }) =>
    sum(square(mul(normalizeMap(saliency), scaleShift(mask, -1, 1))), [1, 2]),
});
