// Settings of the masks: how marks spread from segment to segment over all training images.

import type { ValuesOf } from '../../model/setting.ts';
import type { Declarations } from './declaration.ts';

export const maskSettings = {
  segmentation: {
    kind: 'choice',
    choices: ['grid', 'slic'],
    default: 'grid',
    help: 'how images are divided into segments',
    reach: 'guided arm',
    timed: true,
  },
  segments: {
    kind: 'integer',
    least: 0,
    default: 0,
    help: 'segments per image; 0 = chosen by image size',
    reach: 'guided arm',
    timed: true,
  },
  compactness: {
    kind: 'number',
    above: 0,
    default: 10,
    help: 'slic: weight of distance relative to colour',
    reach: 'guided arm',
  },
  features: {
    kind: 'choice',
    choices: ['stages', 'last', 'none'],
    default: 'stages',
    help: 'feature maps that describe a segment: those of all stages of the classifier, only the last, or none: only colour, position and size',
    reach: 'guided arm',
    timed: true,
  },
  position: {
    kind: 'choice',
    choices: ['quadratic', 'linear', 'none'],
    default: 'quadratic',
    help: 'what the relevance network knows about the place of a segment: y, x, y² and x² from the centre, or y and x, or nothing',
    reach: 'guided arm',
  },
  concepts: {
    kind: 'integer',
    least: 0,
    default: 50,
    help: 'number of concepts: clusters of similar segments; 0 = none',
    reach: 'guided arm',
    timed: true,
  },
  perClass: {
    kind: 'boolean',
    default: false,
    help: 'separate evidence for each class; false pools all classes, for few annotations',
    reach: 'guided arm',
  },
  relevanceNetwork: {
    kind: 'boolean',
    default: true,
    help: 'use the segment-wise relevance network; false = its closed form',
    reach: 'guided arm',
    timed: true,
  },
  conceptInputs: {
    kind: 'boolean',
    default: false,
    help: 'the relevance network sees the concepts of a segment as well, and is drawn to their evidence where nothing is marked',
    reach: 'guided arm',
    timed: true,
  },
  sigma: {
    kind: 'number',
    least: 0,
    default: 1.2,
    help: 'blur of the soft mask in pixels',
    reach: 'guided arm',
  },
  scale: {
    kind: 'choice',
    choices: ['peaks', 'mean'],
    default: 'peaks',
    help: 'relevance that counts as full: the mean of the maxima of marked images, or the mean of labelled segments',
    reach: 'guided arm',
  },
  saturation: {
    kind: 'number',
    least: 0,
    default: 1,
    help: 'relevance of this many times the scale counts as full; 0 = leave masks as they are',
    reach: 'guided arm',
  },
  gamma: {
    kind: 'number',
    least: 0.1,
    most: 10,
    default: 1,
    help: 'exponent of the scaled relevance; above 1, uncertain relevance counts less and masks are sharper, for small objects',
    reach: 'guided arm',
  },
  fallback: {
    kind: 'choice',
    choices: ['mean', 'none'],
    default: 'mean',
    help: 'where spread masks predict marks that were left out no better than the mean of the other marks: the mean; none = not measured',
    reach: 'guided arm',
    timed: true,
  },
  unmarked: {
    kind: 'number',
    least: 0,
    most: 1,
    default: 0.5,
    help: 'weight of an image that nobody marked, relative to a marked one',
    reach: 'guided arm',
  },
} as const satisfies Declarations;

export type MaskSettings = ValuesOf<typeof maskSettings>;
