// Losses and similarities, as compositions of ops.

import { formatShape, sameShape, type Tensor } from '../core/tensor.ts';
import { clamp, softplus } from './activations.ts';
import { sum } from './broadcast.ts';
import {
  add,
  div,
  log,
  mul,
  neg,
  reluInputGrad,
  scaleShift,
  sqrt,
  square,
  sub,
} from './elementwise.ts';

/** The smallest normal float32. Below it, logarithms are meaningless. */
const LEAST = 2 ** -126;

function needRows(name: string, a: Tensor, b: Tensor): void {
  if (a.rank !== 2 || !sameShape(a.shape, b.shape)) {
    throw new RangeError(
      `${name}: shapes ${formatShape(a.shape)} and ${formatShape(b.shape)}, expected [N, D] twice.`,
    );
  }
}

/**
 * y = a·b/(max(‖a‖, eps)·max(‖b‖, eps)), row by row. Where a norm is at most eps, y and its first and second
 * derivatives are 0; PyTorch has derivatives of 1/eps there, which say nothing of a direction that a row does not have.
 *
 * @param a [N, D]
 * @param b [N, D]
 * @param eps at least 10⁻¹², so that the cube of its inverse is a float32
 * @returns [N]
 * @throws RangeError if the shapes do not fit
 */
export function cosineSimilarity(a: Tensor, b: Tensor, eps = 1e-8): Tensor {
  needRows('cosineSimilarity', a, b);
  const least = eps ** 2;
  const dot = sum(mul(a, b), [1]);
  const [squaresA, squaresB] = [a, b].map((x) => sum(square(x), [1]));
  const length = (squares: Tensor) => sqrt(clamp(squares, least, Number.POSITIVE_INFINITY));
  const cosine = div(dot, mul(length(squaresA), length(squaresB)));
  const whereLong = (y: Tensor, squares: Tensor) =>
    reluInputGrad(y, scaleShift(squares, 1, -least));
  return whereLong(whereLong(cosine, squaresA), squaresB);
}

/**
 * KL(q ‖ p) = Σ_k q_k·(ln q_k − ln p_k), row by row. Terms with q_k = 0 are 0, and so is their gradient.
 *
 * @param logP ln p, for example from `logSoftmax` [N, D]
 * @param q probabilities [N, D]
 * @returns [N]
 * @throws RangeError if the shapes do not fit
 */
export function klDivergence(logP: Tensor, q: Tensor): Tensor {
  needRows('klDivergence', logP, q);
  const logQ = log(clamp(q, LEAST, Number.POSITIVE_INFINITY));
  return sum(reluInputGrad(mul(q, sub(logQ, logP)), q), [1]);
}

/**
 * −t·ln σ(z) − (1 − t)·ln(1 − σ(z)) for each element, from logits z so that nothing overflows or cancels.
 *
 * @param logits z, any shape
 * @param targets t in [0, 1], same shape
 * @returns the same shape
 * @throws RangeError if the shapes differ
 */
export function binaryCrossEntropy(logits: Tensor, targets: Tensor): Tensor {
  if (!sameShape(logits.shape, targets.shape)) {
    throw new RangeError(
      `binaryCrossEntropy: targets have shape ${formatShape(targets.shape)}, expected ${formatShape(logits.shape)}.`,
    );
  }
  const missed = mul(targets, softplus(neg(logits)));
  return add(missed, mul(scaleShift(targets, -1, 1), softplus(logits)));
}
