// Functions of single numbers in float64: activations, and losses of each element.

import { build, type Reference, ravel, unary } from './array64.ts';

/** A series of positive terms, so that nothing cancels: 2/√π·e^(−x²)·Σ 2ⁿ·x^(2n+1)/(2n+1)‼. */
export function erf64(x: number): number {
  if (Math.abs(x) > 6) return Math.sign(x);
  let [term, total] = [x, 0];
  for (let n = 1; Math.abs(term) > 1e-20 * Math.abs(total); n++) {
    total += term;
    term *= (2 * x * x) / (2 * n + 1);
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * total;
}

const softplus64 = (v: number): number => Math.max(v, 0) + Math.log1p(Math.exp(-Math.abs(v)));

export const referencesOfNumbers: Readonly<Record<string, Reference>> = {
  erf: unary(erf64),
  gelu: unary((v) => (v / 2) * (1 + erf64(v / Math.SQRT2))),
  geluTanh: unary(
    (v) => (v / 2) * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3))),
  ),
  silu: unary((v) => v / (1 + Math.exp(-v))),
  softplus: unary(softplus64),
  leakyRelu: unary((v, { a }) => (v > 0 ? v : a * v)),
  clamp: unary((v, { a, b }) => Math.min(Math.max(v, a), b)),
  within: unary((v, { a, b }) => (v >= a && v <= b ? 1 : 0)),
  pow: unary((v, { a }) => v ** a),

  where: ([condition, a, b]) => {
    const shapes = [condition, a, b].map(({ shape }) => shape);
    const rank = Math.max(...shapes.map(({ length }) => length));
    const shape = Array.from({ length: rank }, (_, axis) =>
      Math.max(...shapes.map((s) => s.at(axis - rank) ?? 1)),
    );
    return build(shape, (index) => {
      const [c, u, v] = [condition, a, b].map((x) => x.data[ravel(index, x.shape)]);
      return c === 1 ? u : v;
    });
  },
  binaryCrossEntropy: ([logits, targets]) =>
    build(logits.shape, (index) => {
      const z = logits.data[ravel(index, logits.shape)];
      const t = targets.data[ravel(index, targets.shape)];
      return t * softplus64(-z) + (1 - t) * softplus64(z);
    }),
};
