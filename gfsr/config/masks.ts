// Settings of the masks: how marks spread over segments to every training image.

import type { ValuesOf } from '../../model/setting.ts';
import type { Declarations } from './declaration.ts';

export const maskSettings = {
  segmentation: {
    kind: 'choice',
    choices: ['grid', 'slic'],
    default: 'grid',
    help: 'how images are cut into segments',
    reach: 'guided arm',
    timed: true,
  },
  segments: {
    kind: 'integer',
    least: 0,
    default: 49,
    help: 'segments per image; 0 = by image size',
    reach: 'guided arm',
    timed: true,
  },
  compactness: {
    kind: 'number',
    above: 0,
    default: 10,
    help: 'slic: weight of distance against colour',
    reach: 'guided arm',
  },
  concepts: {
    kind: 'integer',
    least: 2,
    default: 50,
    help: 'clusters of segments',
    reach: 'guided arm',
    timed: true,
  },
  perClass: {
    kind: 'boolean',
    default: false,
    help: 'evidence for each class apart; false pools the classes, for few annotations',
    reach: 'guided arm',
  },
  relevanceNetwork: {
    kind: 'boolean',
    default: true,
    help: 'segment-wise relevance network; false = its closed form',
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
  saturation: {
    kind: 'number',
    least: 0,
    default: 1,
    help: 'relevance of this many times the average counts as full; 0 = masks as they are',
    reach: 'guided arm',
  },
} as const satisfies Declarations;

export type MaskSettings = ValuesOf<typeof maskSettings>;
