// What masks need once per data set, whatever is marked: segments, their descriptors, and concepts.

import { Random } from '../../engine/core/random.ts';
import type { MaskSettings } from '../config/masks.ts';
import { type Dataset, imageAt } from '../data/dataset.ts';
import { scratchBeside } from '../data/pixels.ts';
import { derivedValues, type Scratch, type Values } from '../data/values.ts';
import type { Evaluator } from '../evaluation/evaluator.ts';
import { rowsBetween } from '../image/rows.ts';
import { assignConcepts, type Concepts, fitConceptsInTurns } from './concepts.ts';
import {
  DESCRIPTOR_GROUPS,
  type Descriptors,
  describeBatches,
  describeImages,
} from './descriptors.ts';
import type { Segmentation } from './segmentation.ts';
import { type SegmentSettings, segmenterOf } from './segments.ts';
import { fitStandardization, standardize } from './standardization.ts';
import { inTurns, type MaskTask } from './task.ts';

/** The settings that decide how segments are described and clustered. */
export interface DescribeOptions extends Pick<MaskSettings, 'features' | 'concepts'> {
  readonly seed: number;
}

/** Clusters of segments, and the soft assignment q [rows, K] of each segment to them. */
export interface AssignedConcepts {
  readonly concepts: Concepts;
  readonly q: Values;
}

/** All segments of the training images, as what spreads relevance sees them. */
export interface DescribedSegments {
  readonly rows: number;
  /** Rows of image i: offsets[i] .. offsets[i + 1]; [N + 1]. */
  readonly offsets: Int32Array;
  /** Standardised descriptors h [rows, dims]. */
  readonly h: Values;
  readonly dims: number;
  /** Class of the image of each segment [rows], and the number of classes. */
  readonly classOf: Int32Array;
  readonly numClasses: number;
  /** Absent if there are no concepts. */
  readonly clustering?: AssignedConcepts;
  /** First of the columns y, x of a descriptor. */
  readonly place: number;
  /** Frees what lies on a disk, as the descriptors of images that lie there. Nothing is used after that. */
  close?(): void;
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
  const segment = segmenterOf(train, dataset, options);
  const segmentations: Segmentation[] = [];
  await inTurns(train.count, 'segments', task, (i) => void segmentations.push(segment(i)));
  const segments = await describeSegments(evaluator, dataset, segmentations, options, task);
  return { segmentations, segments };
}

/** Steps 2 and 3 of the method: descriptors of all segments, as z-scores, and concepts unless there are to be none. */
export async function describeSegments(
  evaluator: Evaluator | undefined,
  dataset: TrainingImages,
  segmentations: readonly Segmentation[],
  options: DescribeOptions,
  task: MaskTask = {},
): Promise<DescribedSegments> {
  const { train, classes } = dataset;
  const scratch = scratchBeside(train.images);
  const { close } = scratch;
  try {
    const gathered = new Gathered(scratch, train.count);
    if (options.features === 'none')
      await describeAppearance(dataset, segmentations, gathered, task);
    else
      await describeFeatures(evaluator, dataset, segmentations, options.features, gathered, task);
    const { dims, groups, offsets } = gathered;
    const rows = offsets[train.count];
    const h = standardized({ data: scratch.read(), rows, dims, groups });
    const classOf = classesOf(train.labels, offsets);
    const before = DESCRIPTOR_GROUPS.slice(0, DESCRIPTOR_GROUPS.indexOf('position'));
    const place = before.reduce((sum, group) => sum + groups[group], 0);
    const numClasses = classes.length;
    const segments = {
      rows,
      offsets,
      h,
      dims,
      classOf,
      numClasses,
      place,
      ...(close && { close }),
    };
    if (options.concepts === 0) return segments;
    return { ...segments, clustering: await cluster(segments, options, task) };
  } catch (error) {
    close?.();
    throw error;
  }
}

/** The same segments with other classes [N] of their images. Nothing else that is prepared depends on a class. */
export const withLabels = (
  { segmentations, segments }: PreparedSegments,
  labels: Int32Array,
): PreparedSegments => ({
  segmentations,
  segments: { ...segments, classOf: classesOf(labels, segments.offsets) },
});

function classesOf(labels: Int32Array, offsets: Int32Array): Int32Array {
  const classOf = new Int32Array(offsets[labels.length]);
  labels.forEach((label, i) => {
    classOf.fill(label, offsets[i], offsets[i + 1]);
  });
  return classOf;
}

/** Descriptors as they come, image after image. */
class Gathered {
  readonly #scratch: Scratch;
  readonly offsets: Int32Array;
  dims = 0;
  groups!: Descriptors['groups'];
  #images = 0;

  constructor(scratch: Scratch, images: number) {
    this.#scratch = scratch;
    this.offsets = new Int32Array(images + 1);
  }

  /** Number of images so far. */
  get images(): number {
    return this.#images;
  }

  add({ data, dims, groups, offsets }: Descriptors): void {
    this.dims = dims;
    this.groups = groups;
    this.#scratch.append(data);
    const row = this.offsets[this.#images];
    for (let i = 1; i < offsets.length; i++) this.offsets[++this.#images] = row + offsets[i];
  }
}

/** z-scores: at once in memory, otherwise when they are read. */
function standardized(
  raw: Omit<Descriptors, 'data' | 'offsets'> & { readonly data: Values },
): Values {
  const { data, dims } = raw;
  const fitted = fitStandardization(raw);
  const change = (rows: Float32Array) => standardize({ data: rows, dims }, fitted);
  if (data instanceof Float32Array) return change(data);
  return derivedValues(data, { before: dims, after: dims }, change);
}

async function cluster(
  { h, dims, rows, offsets }: Pick<DescribedSegments, 'h' | 'dims' | 'rows' | 'offsets'>,
  { concepts: clusters, seed }: DescribeOptions,
  task: MaskTask,
): Promise<AssignedConcepts> {
  const random = new Random(seed, 'concepts');
  const concepts = await fitConceptsInTurns(h, { dims, clusters, random }, task);
  if (!(h instanceof Float32Array)) {
    const assign = (own: Float32Array) => assignConcepts(concepts, own);
    return { concepts, q: derivedValues(h, { before: dims, after: clusters }, assign) };
  }
  const q = new Float32Array(rows * clusters);
  await inTurns(offsets.length - 1, 'concepts', task, (i) => {
    const own = rowsBetween(h, offsets[i], offsets[i + 1], dims);
    q.set(assignConcepts(concepts, own), offsets[i] * clusters);
  });
  return { concepts, q };
}

/** Descriptors of colour, position and size alone: no classifier is needed. */
async function describeAppearance(
  { train, channels, height, width }: TrainingImages,
  segmentations: readonly Segmentation[],
  gathered: Gathered,
  task: MaskTask,
): Promise<void> {
  await inTurns(train.count, 'descriptors', task, (i) => {
    const shape = { channels, height, width };
    gathered.add(describeImages(imageAt(train, i), shape, [segmentations[i]]));
  });
}

async function describeFeatures(
  evaluator: Evaluator | undefined,
  dataset: TrainingImages,
  segmentations: readonly Segmentation[],
  features: 'stages' | 'last',
  gathered: Gathered,
  { signal, onProgress }: MaskTask,
): Promise<void> {
  if (!evaluator) {
    throw new RangeError(
      `masks: there is no classifier, but features is ${features}, expected none. Pass an evaluator, or set features to none.`,
    );
  }
  signal?.throwIfAborted();
  const { train } = dataset;
  await describeBatches(evaluator, train, { dataset, segmentations, features }, (part) => {
    gathered.add(part);
    signal?.throwIfAborted();
    onProgress?.('descriptors', gathered.images / train.count);
  });
}
