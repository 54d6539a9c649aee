// Settings of the saliency that guidance trains and reports show.

import type { ValuesOf } from '../../model/setting.ts';
import type { Declarations } from './declaration.ts';

/**
 * What the map is computed from: `cam`, feature maps at `layer` weighted by `method`; `input-gradient`, ∂score/∂x;
 * `input-x-gradient`, x ⊙ ∂score/∂x (Shrikumar et al. 2016); `integrated-gradients`, x ⊙ the mean gradient along
 * the line from the mean image, which is 0, to x (Sundararajan et al. 2017).
 */
const SALIENCY_SOURCES = [
  'cam',
  'input-gradient',
  'input-x-gradient',
  'integrated-gradients',
] as const;
export type SaliencySource = (typeof SALIENCY_SOURCES)[number];

/** Weights of the feature maps; `gradcam++` as Chattopadhyay et al. 2018. */
const CAM_METHODS = ['gradcam', 'hirescam', 'gradcam++'] as const;
export type CamMethod = (typeof CAM_METHODS)[number];

/**
 * The score that is differentiated: `label`, the true class's logit; `contrast`, that logit less the mean of the
 * others, which like the probabilities does not change if all logits grow alike [ours]; `random-signs`, every logit
 * with a random sign, so that evidence for *any* class counts; `log-probs`, Σ_k log p_k (Ross et al. 2017);
 * `max-logit`, the largest logit (Pahde et al. 2023).
 */
const SALIENCY_TARGETS = ['label', 'contrast', 'random-signs', 'log-probs', 'max-logit'] as const;
export type SaliencyTarget = (typeof SALIENCY_TARGETS)[number];

export const saliencySettings = {
  source: {
    kind: 'choice',
    choices: SALIENCY_SOURCES,
    default: 'cam',
    help: 'what the saliency map is computed from, unless the loss prescribes one of these',
    flag: 'source',
    reach: 'guided arm',
    timed: true,
  },
  layer: {
    kind: 'text',
    default: 'last',
    help: 'cam: feature map whose saliency is guided, or "first" or "last"',
    reach: 'guided arm',
    timed: true,
  },
  method: {
    kind: 'choice',
    choices: CAM_METHODS,
    default: 'gradcam',
    help: 'cam: how the channels are weighted',
    reach: 'guided arm',
    timed: true,
  },
  sign: {
    kind: 'choice',
    choices: ['signed', 'relu', 'abs'],
    default: 'relu',
    help: 'how negative evidence is treated',
    reach: 'guided arm',
    timed: true,
  },
  target: {
    kind: 'choice',
    choices: SALIENCY_TARGETS,
    default: 'label',
    help: 'score that is differentiated: the true logit, that less the mean of the others, ± all logits at random, Σ log p, or the largest logit',
    flag: 'target',
    reach: 'guided arm',
    timed: true,
  },
  integrationSteps: {
    kind: 'integer',
    least: 1,
    most: 1000,
    default: 8,
    help: 'integrated-gradients: number of points on the line from the mean image',
    reach: 'guided arm',
    timed: true,
  },
  detachAlpha: {
    kind: 'boolean',
    default: false,
    help: 'stop gradients at the channel weights (no second order)',
    reach: 'guided arm',
    timed: true,
  },
} as const satisfies Declarations;

export type SaliencySettings = ValuesOf<typeof saliencySettings>;
