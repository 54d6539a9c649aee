// Names of files for pictures of images, one for each image of a data set.

import { asFileName } from '../text/file-name.ts';
import type { Dataset, SplitName } from './dataset.ts';

/**
 * File names, without an ending, for the images of a split at `indices`: their ids. Where the ids of several images of
 * the data set give the same name, split and index follow. So pictures do not overwrite each other, in later calls
 * either.
 */
export function pictureNames(
  { train, val, test }: Pick<Dataset, SplitName>,
  name: SplitName,
  indices: readonly number[],
): string[] {
  const shared = new Map<string, number>();
  for (const { ids } of new Set([train, val, test])) {
    for (const id of ids) shared.set(keyOf(id), (shared.get(keyOf(id)) ?? 0) + 1);
  }
  const { ids } = { train, val, test }[name];
  return indices.map((i) => {
    const isShared = (shared.get(keyOf(ids[i])) as number) > 1;
    return `${asFileName(ids[i])}${isShared ? `-${name}-${i}` : ''}`;
  });
}

/** The same for names that some disks take for one. */
const keyOf = (id: string): string => asFileName(id).normalize().toLowerCase();
