// What marks are bound to: the training images of a data set, without their pixels.

import type { Dataset } from '../data/dataset.ts';
import { hashesOf, originOf } from '../data/origin.ts';
import type { Placement } from '../image/placement.ts';

/** The training images of a data set, as far as marks on them need to know. */
export interface MarkableImages {
  /** Of the data set. */
  readonly name: string;
  readonly height: number;
  readonly width: number;
  /** [N], of the training images. */
  readonly ids: readonly string[];
  /** [N], `pixelHash` of each image as its file has it. */
  readonly hashes: readonly string[];
  /** [N], where the image of the file lies in the image; absent if they are the same. */
  readonly placements?: readonly Placement[];
  /** Ids that an index in an annotation file counts. */
  readonly indexed: readonly string[];
  /** Ids of all images of all splits. */
  readonly known: ReadonlySet<string>;
}

/** The training images of a data set as something to mark. It hashes the pixels where the data set has no hashes. */
export function markableImages(dataset: Dataset): MarkableImages {
  const { name, height, width, train } = dataset;
  const { indexed, ids: known } = originOf(dataset);
  return {
    ...{ name, height, width, ids: train.ids, hashes: hashesOf(train, dataset), indexed, known },
    ...(train.placements && { placements: train.placements }),
  };
}
