// What marks are bound to: the training images of a data set, without their pixels.

import { type Dataset, placementAt } from '../data/dataset.ts';
import { hashesOf, originOf } from '../data/origin.ts';
import type { Placement, Size } from '../image/placement.ts';

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
  /** Id → `pixelHash` of each known image, where they are known. */
  readonly knownHashes?: ReadonlyMap<string, string>;
  /** Id → [height, width] of the file of validation and test images, where they are known. */
  readonly otherSizes?: ReadonlyMap<string, Size>;
}

/** The training images of a data set as something to mark. It hashes the pixels where the data set has no hashes. */
export function markableImages(dataset: Dataset): MarkableImages {
  const { name, height, width, train, val, test } = dataset;
  const { indexed, ids: known, hashes: knownHashes } = originOf(dataset);
  return {
    ...{ name, height, width, ids: train.ids, hashes: hashesOf(train, dataset), indexed, known },
    ...(knownHashes && { knownHashes }),
    ...(train.placements && { placements: train.placements }),
    otherSizes: new Map(
      [val, test].flatMap((split) =>
        split.ids.map((id, i) => [id, placementAt(split, i, dataset).from] as const),
      ),
    ),
  };
}

/** Tells [height, width] of an image as its file has it, by its id; undefined for one that is not at hand. */
export function sizesOf(images: MarkableImages): (id: string) => Size | undefined {
  const indexOf = new Map(images.ids.map((id, i) => [id, i]));
  return (id) => {
    const index = indexOf.get(id);
    return index === undefined
      ? images.otherSizes?.get(id)
      : placementAt(images, index, images).from;
  };
}
