// Golden inputs on the device, and the product of gradients with the generator's direction.

import type { Gpu, Tensor } from '../../engine/index.ts';
import * as e from '../../engine/index.ts';
import { goldenValues, type Kind, STREAM } from './formula.ts';

/** A tensor of the formula's values; labels are u32. */
export type FromFormula = (kind: Kind, stream: number, shape: readonly number[]) => Tensor;

export const formulaOn =
  (gpu: Gpu, seed: number): FromFormula =>
  (kind, stream, shape) =>
    gpu.tensor(
      goldenValues(kind, seed, stream, shape),
      shape,
      kind.startsWith('labels') ? 'u32' : 'f32',
    );

/** Σ_k ⟨g_k, v_k⟩, whose gradient is H v where g is the gradient of a number. */
export const turned = (gradients: readonly Tensor[], formula: FromFormula): Tensor =>
  gradients
    .map((g, k) => e.sum(e.mul(g, formula('unit', STREAM.v + k, g.shape))))
    .reduce((a, b) => e.add(a, b));
