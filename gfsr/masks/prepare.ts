// What masks need once per data set, whatever is marked: segments, their descriptors, and concepts.

import { Random } from '../../engine/core/random.ts';
import type { MaskSettings } from '../config/masks.ts';
import { type Dataset, imageAt } from '../data/dataset.ts';
import type { Evaluator } from '../evaluation/evaluator.ts';
import { rowsBetween } from '../image/rows.ts';
import { assignConcepts, type Concepts, fitConceptsInTurns } from './concepts.ts';
import {
  concatDescriptors,
  DESCRIPTOR_GROUPS,
  type Descriptors,
  describeImages,
  describeSplit,
} from './descriptors.ts';
import type { Segmentation } from './segmentation.ts';
import { type SegmentSettings, segmenter } from './segments.ts';
import { fitStandardization, standardize } from './standardization.ts';
import { inTurns, type MaskTask } from './task.ts';

/** The settings that decide how segments are described and clustered. */
export interface DescribeOptions extends Pick<MaskSettings, 'features' | 'concepts'> {
  readonly seed: number;
}

/** Clusters of segments, and the soft assignment q [rows, K] of each segment to them. */
export interface AssignedConcepts {
  readonly concepts: Concepts;
  readonly q: Float32Array;
}

/** All segments of the training images, as what spreads relevance sees them. */
export interface DescribedSegments {
  readonly rows: number;
  /** Rows of image i: offsets[i] .. offsets[i + 1]; [N + 1]. */
  readonly offsets: Int32Array;
  /** Standardised descriptors h [rows, dims]. */
  readonly h: Float32Array;
  readonly dims: number;
  /** Class of the image of each segment [rows], and the number of classes. */
  readonly classOf: Int32Array;
  readonly numClasses: number;
  /** Absent if there are no concepts. */
  readonly clustering?: AssignedConcepts;
  /** First of the columns y, x of a descriptor. */
  readonly place: number;
}

/** What is needed of a data set. */
type TrainingImages = Pick<Dataset, 'train' | 'classes' | 'channels' | 'height' | 'width'>;

/** A data set that is ready for marks: see `spreadMarks`. */
export interface PreparedSegments {
  /** One per training image. */
  readonly segmentations: readonly Segmentation[];
  readonly segments: DescribedSegments;
}

/**
 * Steps 1 to 3 of the method, once per data set: segments of all training images, their descriptors as z-scores, and
 * concepts unless there are to be none. The thread stays free for other events meanwhile.
 *
 * @param evaluator of the classifier whose feature maps describe segments; not used with `features: 'none'`
 * @throws RangeError if feature maps are wanted without an evaluator; the reason of the task's signal if it is aborted
 */
export async function prepareSegments(
  evaluator: Evaluator | undefined,
  dataset: TrainingImages,
  options: DescribeOptions & SegmentSettings,
  task: MaskTask = {},
): Promise<PreparedSegments> {
  const { train } = dataset;
  const divide = segmenter(dataset, options);
  const segmentations: Segmentation[] = [];
  await inTurns(train.count, 'segments', task, (i) => {
    segmentations.push(divide(imageAt(train, i)));
  });
  const segments = await describeSegments(evaluator, dataset, segmentations, options, task);
  return { segmentations, segments };
}

/** Steps 2 and 3 of the method: descriptors of all segments, as z-scores, and concepts unless there are to be none. */
export async function describeSegments(
  evaluator: Evaluator | undefined,
  dataset: TrainingImages,
  segmentations: readonly Segmentation[],
  { features, concepts: clusters, seed }: DescribeOptions,
  task: MaskTask = {},
): Promise<DescribedSegments> {
  const { train, classes } = dataset;
  const descriptors =
    features === 'none'
      ? await describeAppearance(dataset, segmentations, task)
      : await describeFeatures(evaluator, dataset, segmentations, features, task);
  const { rows, dims, offsets, groups } = descriptors;
  const h = standardize(descriptors, fitStandardization(descriptors));
  const classOf = new Int32Array(rows);
  train.labels.forEach((label, i) => {
    classOf.fill(label, offsets[i], offsets[i + 1]);
  });
  const before = DESCRIPTOR_GROUPS.slice(0, DESCRIPTOR_GROUPS.indexOf('position'));
  const place = before.reduce((sum, group) => sum + groups[group], 0);
  const segments = { rows, offsets, h, dims, classOf, numClasses: classes.length, place };
  if (clusters === 0) return segments;
  const random = new Random(seed, 'concepts');
  const concepts = await fitConceptsInTurns(h, { dims, clusters, random }, task.signal);
  const q = new Float32Array(rows * clusters);
  await inTurns(train.count, 'concepts', task, (i) => {
    const own = rowsBetween(h, offsets[i], offsets[i + 1], dims);
    q.set(assignConcepts(concepts, own), offsets[i] * clusters);
  });
  return { ...segments, clustering: { concepts, q } };
}

/** Descriptors of colour, position and size alone: no classifier is needed. */
async function describeAppearance(
  { train, channels, height, width }: TrainingImages,
  segmentations: readonly Segmentation[],
  task: MaskTask,
): Promise<Descriptors> {
  const parts: Descriptors[] = [];
  await inTurns(train.count, 'descriptors', task, (i) => {
    const shape = { channels, height, width };
    parts.push(describeImages(imageAt(train, i), shape, [segmentations[i]]));
  });
  return concatDescriptors(parts);
}

async function describeFeatures(
  evaluator: Evaluator | undefined,
  dataset: TrainingImages,
  segmentations: readonly Segmentation[],
  features: 'stages' | 'last',
  { signal, onProgress }: MaskTask,
): Promise<Descriptors> {
  if (!evaluator) {
    throw new RangeError(
      `masks: there is no classifier, but features is ${features}, expected none. Pass an evaluator, or set features to none.`,
    );
  }
  signal?.throwIfAborted();
  const descriptors = await describeSplit(
    evaluator,
    dataset.train,
    dataset,
    segmentations,
    features,
    (done) => {
      signal?.throwIfAborted();
      onProgress?.('descriptors', done / dataset.train.count);
    },
  );
  return descriptors;
}
