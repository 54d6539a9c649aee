// Settings of the annotations: who marks, how many images, and how.

import type { ValuesOf } from '../../model/setting.ts';
import type { Declarations } from './declaration.ts';

/** One click, a stroke through the middle of each part, or the whole area outlined. */
const ANNOTATION_KINDS = ['click', 'scribble', 'mask'] as const;
export type AnnotationKind = (typeof ANNOTATION_KINDS)[number];

/**
 * What is marked: `relevant`, a positive stroke on the real mask; `shortcut`, a negative stroke on the planted
 * shortcut; `both`; `rim`, negative strokes along the edges of the image, which need no knowledge of its content.
 */
const ANNOTATION_TARGETS = ['relevant', 'shortcut', 'both', 'rim'] as const;
export type AnnotationTarget = (typeof ANNOTATION_TARGETS)[number];

/** Source of annotations: simulated people instead of files. */
export const SIMULATED = 'simulated';

export const annotationSettings = {
  source: {
    kind: 'text',
    default: SIMULATED,
    help: `annotation file or folder (GFSR, labelme, COCO, CVAT, Label Studio, YOLO, masks), several of them separated by commas, or "${SIMULATED}"`,
    flag: 'annotations',
    reach: 'marks',
  },
  fraction: {
    kind: 'number',
    least: 0,
    most: 1,
    default: 0.1,
    help: 'simulated: share of the training images that are annotated',
    flag: 'annotated-fraction',
    reach: 'marks',
  },
  kind: {
    kind: 'choice',
    choices: ANNOTATION_KINDS,
    default: 'click',
    help: 'simulated: one click per image, a scribble through the middle of each part of the area, or the whole area as a mask',
    flag: 'annotation-kind',
    reach: 'marks',
  },
  target: {
    kind: 'choice',
    choices: ['auto', ...ANNOTATION_TARGETS],
    default: 'auto',
    help: 'simulated: mark what the real mask shows, strike out the planted shortcut, do both, or strike out the rim of the image; auto = the first of these that the data allows',
    reach: 'marks',
  },
  strikeBackground: {
    kind: 'boolean',
    default: false,
    help: 'simulated: also strike out a piece of the background, with one scribble per image',
    reach: 'marks',
  },
  annotators: {
    kind: 'integer',
    least: 1,
    most: 1000,
    default: 1,
    help: 'simulated: number of people who mark each of these images',
    reach: 'marks',
  },
  annotatorError: {
    kind: 'number',
    least: 0,
    most: 1,
    default: 0,
    help: 'simulated: probability that a person confuses relevant and irrelevant on an image',
    reach: 'marks',
  },
} as const satisfies Declarations;

export type AnnotationSettings = ValuesOf<typeof annotationSettings>;
