// Folders of images by class, with or without folders of splits above them, as the manifest that they stand for.

import { formatCsv } from '../text/csv.ts';
import { listed } from '../text/visible.ts';
import type { SplitName } from './dataset.ts';
import { isImageName } from './formats/read-images.ts';

/** Names that people give to the folders of splits. */
const SPLITS = new Map<string, SplitName>([
  ['train', 'train'],
  ['training', 'train'],
  ['val', 'val'],
  ['valid', 'val'],
  ['validation', 'val'],
  ['test', 'test'],
  ['testing', 'test'],
]);

/**
 * Text of a manifest for images at `class/…/image` or `split/class/…/image`. A class is called like its folder; what is
 * in folders inside it belongs to it. Hidden files and files of other kinds are left out.
 *
 * @param files paths inside the folder, with `/`
 * @param name of the folder, for messages
 * @throws RangeError if there are no images, or some of them are in no folder of a class
 */
export function classFolderManifest(files: readonly string[], name: string): string {
  const images = files.filter((file) => isImageName(file) && !isHidden(file)).sort();
  const paths = images.map((file) => file.split('/'));
  const tops = new Set(paths.filter(({ length }) => length > 1).map(([top]) => top));
  const splitOf = (top: string) => SPLITS.get(top.toLowerCase());
  const bySplit = tops.size > 0 && [...tops].every((top) => splitOf(top) !== undefined);
  const loose = paths.filter(({ length }) => length < (bySplit ? 3 : 2));
  if (images.length === 0 || loose.length > 0) {
    const got =
      images.length === 0
        ? 'no images'
        : `images outside of the folders of classes: ${listed(loose.map((path) => path.join('/')))}`;
    throw new RangeError(
      `${name}: got ${got}, expected a manifest.csv, or one folder of images per class, in folders train, val and test ` +
        'if the splits are made.',
    );
  }
  const rows = paths.map((path) =>
    bySplit ? [path.join('/'), path[1], splitOf(path[0]) as SplitName] : [path.join('/'), path[0]],
  );
  const header = bySplit ? ['file', 'label', 'split'] : ['file', 'label'];
  return formatCsv([header, ...rows]);
}

const isHidden = (file: string): boolean =>
  file.split('/').some((part) => part.startsWith('.') || part === '__MACOSX');
