// Settings of the annotations: whose marks, on how many images, of which kind.

import type { ValuesOf } from '../../model/setting.ts';
import type { Declarations } from './declaration.ts';

/** One click, a short scribble, or the whole area outlined. */
export const ANNOTATION_KINDS = ['click', 'scribble', 'mask'] as const;
export type AnnotationKind = (typeof ANNOTATION_KINDS)[number];

/**
 * What is marked: `relevant`, a positive stroke on the real mask; `shortcut`, a negative one on the planted shortcut;
 * `both`; `rim`, negative along the edges of the image, which needs no knowledge of it at all.
 */
export const ANNOTATION_TARGETS = ['relevant', 'shortcut', 'both', 'rim'] as const;
export type AnnotationTarget = (typeof ANNOTATION_TARGETS)[number];

/** The source of annotations that asks nobody. */
export const SIMULATED = 'simulated';

export const annotationSettings = {
  source: {
    kind: 'text',
    default: SIMULATED,
    help: `annotation file (JSON), several of them separated by commas, or "${SIMULATED}"`,
    flag: 'annotations',
    reach: 'marks',
  },
  fraction: {
    kind: 'number',
    least: 0,
    most: 1,
    default: 0.01,
    help: 'simulated: share of the training images that are annotated',
    flag: 'annotated-fraction',
    reach: 'marks',
  },
  kind: {
    kind: 'choice',
    choices: ANNOTATION_KINDS,
    default: 'click',
    help: 'simulated: one click or short scribble per image, or all that is to be marked',
    flag: 'annotation-kind',
    reach: 'marks',
  },
  target: {
    kind: 'choice',
    choices: ['auto', ...ANNOTATION_TARGETS],
    default: 'auto',
    help: 'simulated: mark what a real mask shows, strike out the planted shortcut, both, or strike out the rim of the image; auto = the first that the data has',
    reach: 'marks',
  },
  annotators: {
    kind: 'integer',
    least: 1,
    default: 1,
    help: 'simulated: how many people mark each of these images',
    reach: 'marks',
  },
  annotatorError: {
    kind: 'number',
    least: 0,
    most: 1,
    default: 0,
    help: 'simulated: chance that a person calls relevant on an image what is not, or the other way round',
    reach: 'marks',
  },
} as const satisfies Declarations;

export type AnnotationSettings = ValuesOf<typeof annotationSettings>;
