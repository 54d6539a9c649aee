// Relevance losses that compare a saliency map with a mask: each one plain function with a name.

import {
  affine,
  mean,
  mul,
  normalizeMap,
  relevanceLoss,
  reshape,
  square,
  sub,
  sum,
} from '../engine/ops/index.ts';
import type { Tensor } from '../engine/tensor.ts';
import type { SaliencyOptions } from './saliency.ts';

/** What a relevance loss may use, for a batch of N images. */
export interface RelevanceLossInputs {
  /** S [N, h, w]; for the source `input-gradient` the signed gradient [N, C, H, W]. */
  readonly saliency: Tensor;
  /** M in [0, 1], 1 = relevant: [N, h, w], or [N, 1, H, W] for `input-gradient`. */
  readonly mask: Tensor;
  /** [N, classes]. */
  readonly logits: Tensor;
  /** u32 [N]. */
  readonly labels: Tensor;
  /** [N, C, H, W], normalised. */
  readonly image: Tensor;
}

export interface RelevanceLoss {
  /** How settings, tables and reports call it. */
  readonly name: string;
  /** Where the formula comes from. */
  readonly source: string;
  /** The saliency it is defined on, where it is not free. */
  readonly saliency?: Partial<SaliencyOptions>;
  /** The loss of each image: [N]. */
  readonly loss: (inputs: RelevanceLossInputs) => Tensor;
}

const registry = new Map<string, RelevanceLoss>();

/** Every relevance loss by name: the built-in ones, and those that were defined since. */
export const relevanceLosses: ReadonlyMap<string, RelevanceLoss> = registry;

/**
 * Defines a relevance loss: a plain function over tensors, which the tape differentiates. It can be named in
 * the setting `loss` from then on.
 *
 * @throws RangeError if the name is taken or no plain word, or the source is missing; TypeError if `loss` is
 *   no function
 */
export function defineRelevanceLoss(definition: RelevanceLoss): RelevanceLoss {
  const { name, source, loss } = definition;
  if (typeof name !== 'string' || !/^[\w-]+$/.test(name)) {
    throw new RangeError(
      `defineRelevanceLoss: name is ${JSON.stringify(name)}, expected letters, digits, _ and -.`,
    );
  }
  if (registry.has(name)) {
    throw new RangeError(`defineRelevanceLoss: ${name} exists already. Choose another name.`);
  }
  if (typeof source !== 'string' || source.trim() === '') {
    throw new RangeError(
      `defineRelevanceLoss: ${name} has no source. Say where the formula comes from, if only "ours".`,
    );
  }
  if (typeof loss !== 'function') {
    throw new TypeError(
      `defineRelevanceLoss: loss of ${name} is ${typeof loss}, expected a function of tensors.`,
    );
  }
  registry.set(name, definition);
  return definition;
}

/** Whether a setting `loss` means a file that defines one. */
export const isLossFile = (name: string): boolean => /\.m?[jt]s$/.test(name);

const files = new Map<string, RelevanceLoss>();

/** Makes the loss that a file defined known by the file's path. */
export function rememberLossFile(path: string, loss: RelevanceLoss): void {
  files.set(path, loss);
}

/** The loss of that name, or of a file remembered before. @throws RangeError with the names that exist */
export function relevanceLossNamed(name: string): RelevanceLoss {
  const loss = registry.get(name) ?? files.get(name);
  if (loss) return loss;
  throw new RangeError(
    `loss: no relevance loss ${name}, expected ${[...registry.keys()].join(', ')}.`,
  );
}

const perImage = (x: Tensor): Tensor => reshape(x, [x.shape[0], x.size / x.shape[0]]);
const irrelevant = (mask: Tensor): Tensor => affine(mask, -1, 1);

/** ReLU(R* − R), R = ΣMS/ΣS, R* = ΣM²/ΣM. */
defineRelevanceLoss({
  name: 'gfsr',
  source:
    'ours (docs/design.md), after the mask-guided relevance loss of GFSR-Net, arXiv 2510.01919',
  loss: ({ saliency, mask }) => relevanceLoss(saliency, mask),
});

/** 1 − ΣMS⁺/ΣS⁺. */
defineRelevanceLoss({
  name: 'energy',
  source: 'Rao et al., Using Explanations to Guide Models, ICCV 2023',
  loss: ({ saliency, mask }) => relevanceLoss(saliency, mask, { hinge: false }),
});

/** Σ ((1 − M) ⊙ ∂ₓ Σ_k log p_k)². */
defineRelevanceLoss({
  name: 'rrr',
  source: 'Ross et al., Right for the Right Reasons, IJCAI 2017',
  saliency: { source: 'input-gradient', target: 'log-probs' },
  loss: ({ saliency, mask }) => sum(perImage(square(mul(irrelevant(mask), saliency))), [1]),
});

/** Σ ((1 − M) ⊙ Ŝ)², Ŝ = S / max S. */
defineRelevanceLoss({
  name: 'rrr-g',
  source: 'Schramowski et al., Nature Machine Intelligence 2020; Friedrich et al. 2023',
  saliency: { source: 'cam' },
  loss: ({ saliency, mask }) =>
    sum(perImage(square(mul(irrelevant(mask), normalizeMap(saliency)))), [1]),
});

/** mean (Ŝ − M)². */
defineRelevanceLoss({
  name: 'hint',
  source: 'Selvaraju et al., HINT, ICCV 2019, as simplified by Friedrich et al. 2023',
  saliency: { source: 'cam' },
  loss: ({ saliency, mask }) => mean(perImage(square(sub(normalizeMap(saliency), mask))), [1]),
});
