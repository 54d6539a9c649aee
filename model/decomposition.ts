// Contextual decomposition: the output of a layer for a part of its input, and for the rest, so that both add up to the
// output for the whole.
//
// Source: Singh, Murdoch & Yu, "Hierarchical interpretations for neural network predictions", ICLR 2019, in the form
// that Rieger et al., "Interpretations are useful: penalizing explanations to align neural networks with prior
// knowledge", ICML 2020, train with.

import type { Tensor } from '../engine/core/tensor.ts';
import { scaleShift } from '../engine/ops/elementwise.ts';
import {
  abs,
  add,
  div,
  maxPool2dGather,
  mul,
  type PoolOptions,
  relu,
  sub,
} from '../engine/ops/index.ts';

/** Two tensors of one shape whose sum is the whole. */
export interface Decomposed {
  readonly part: Tensor;
  readonly rest: Tensor;
}

/**
 * [ours] Avoids 0/0 where neither has a share. Its square must not vanish in float32, as that of the source's 10⁻¹⁹
 * does, because the gradient divides by it.
 */
const EPS = 1e-10;

/**
 * An affine layer f(x) = Wx + b: part' = W·part + b·|W·part|/(|W·part| + |W·rest|), and likewise for the rest: the bias
 * is divided in proportion to their shares.
 *
 * @param layer f, of any shapes, which must be affine
 */
export function decomposeAffine(
  layer: (x: Tensor) => Tensor,
  { part, rest }: Decomposed,
): Decomposed {
  const [, ...each] = part.shape;
  const bias = layer(part.gpu.zeros([1, ...each]));
  const [own, other] = [sub(layer(part), bias), sub(layer(rest), bias)];
  const [share, otherShare] = [abs(own), abs(other)];
  const total = scaleShift(add(share, otherShare), 1, EPS);
  return {
    part: add(own, mul(div(share, total), bias)),
    rest: add(other, mul(div(otherShare, total), bias)),
  };
}

/** part' = ReLU(part), rest' = ReLU(part + rest) − ReLU(part). */
export function decomposeRelu({ part, rest }: Decomposed): Decomposed {
  const own = relu(part);
  return { part: own, rest: sub(relu(add(part, rest)), own) };
}

/** For each window, the value where the whole is largest. */
export function decomposeMaxPool({ part, rest }: Decomposed, options: PoolOptions): Decomposed {
  const whole = add(part, rest);
  return {
    part: maxPool2dGather(part, whole, options),
    rest: maxPool2dGather(rest, whole, options),
  };
}

/** A linear map without a bias acts on both separately. */
export const decomposeLinear = (
  map: (x: Tensor) => Tensor,
  { part, rest }: Decomposed,
): Decomposed => ({
  part: map(part),
  rest: map(rest),
});
