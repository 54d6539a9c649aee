// A whole data set as files: one of plain data, and one for each array. Images can be read one by one.

import { joinBytes } from '../files/join-bytes.ts';
import { rowAt } from '../image/rows.ts';
import type { Dataset, Split } from './dataset.ts';
import { MaskStack } from './masks.ts';
import { allBytes, type Pixels, StoredPixels } from './pixels.ts';

/** Where files are read by name. */
export interface ReadableFiles {
  read(name: string): Promise<Uint8Array>;
}

/** Where files are written by name. */
export interface WritableFiles {
  write(name: string, content: Uint8Array | string): Promise<void>;
}

/** What of a split is not an array of pixels. */
type Row = Omit<Split, 'images' | 'labels' | 'masks' | 'shortcut'> & {
  readonly labels: readonly number[];
  /** Images with a mask, in the order of the masks. */
  readonly masked?: readonly number[];
  readonly hasShortcut: boolean;
};

/** A data set without its arrays. */
interface Description
  extends Omit<Dataset, 'train' | 'val' | 'test' | 'tests' | 'vals' | 'origin'> {
  readonly origin?: { readonly indexed: readonly string[]; readonly ids: readonly string[] };
  /** Where test images are the validation images. */
  readonly testIsVal: boolean;
  readonly splits: Readonly<Record<string, Row>>;
}

const DESCRIPTION = 'dataset.json';
/** Name of the file with the training images, [N, C, H, W]. */
export const TRAIN_IMAGES = 'train.images';

/** The name of the array `what` of a split. */
const fileOf = (split: string, what: 'images' | 'masks' | 'shortcut'): string => `${split}.${what}`;

/** A data set as its description and its arrays of bytes, by name. */
export function datasetParts(dataset: Dataset): {
  readonly description: string;
  readonly arrays: ReadonlyMap<string, Pixels>;
} {
  const { origin, train, val, test, tests, vals, ...rest } = dataset;
  const rows: Record<string, Row> = {};
  const arrays = new Map<string, Pixels>();
  for (const [key, split] of splitsOf(dataset)) {
    const { images, labels, masks, shortcut, ...plain } = split;
    arrays.set(fileOf(key, 'images'), images);
    if (masks) {
      const stack = masks instanceof MaskStack ? masks.rows : joinBytes([...masks.values()]);
      arrays.set(fileOf(key, 'masks'), stack);
    }
    if (shortcut) arrays.set(fileOf(key, 'shortcut'), shortcut);
    rows[key] = {
      ...plain,
      labels: [...labels],
      ...(masks && { masked: [...masks.keys()] }),
      hasShortcut: shortcut !== undefined,
    };
  }
  const description: Description = {
    ...rest,
    ...(origin && { origin: { indexed: origin.indexed, ids: [...origin.ids] } }),
    testIsVal: test === val,
    splits: rows,
  };
  return { description: JSON.stringify(description), arrays };
}

/** The data set of a description, with the arrays that it names. */
export function datasetFrom(text: string, arrayOf: (name: string) => Pixels): Dataset {
  const { origin, splits: rows, testIsVal, ...rest }: Description = JSON.parse(text);
  const area = rest.height * rest.width;
  const splits = new Map<string, Split>();
  for (const [key, { hasShortcut, masked, labels, ...plain }] of Object.entries(rows)) {
    const split: Split = {
      ...plain,
      images: arrayOf(fileOf(key, 'images')),
      labels: Int32Array.from(labels),
    };
    if (masked) {
      const masks = arrayOf(fileOf(key, 'masks'));
      split.masks =
        masks instanceof StoredPixels
          ? new MaskStack(masked, masks)
          : new Map(masked.map((image, i) => [image, rowAt(masks, i, area)]));
    }
    if (hasShortcut) split.shortcut = arrayOf(fileOf(key, 'shortcut'));
    splits.set(key, split);
  }
  const [train, val] = ['train', 'val'].map((key) => splits.get(key) as Split);
  const test = testIsVal ? val : (splits.get('test') as Split);
  const under = (start: string) =>
    Object.fromEntries(
      [...splits]
        .filter(([key]) => key.startsWith(start))
        .map(([key, split]) => [key.slice(start.length), split]),
    );
  const vals = under('vals.');
  return {
    ...rest,
    ...(origin && { origin: { indexed: origin.indexed, ids: new Set(origin.ids) } }),
    ...{ train, val, test, tests: under('tests.') },
    ...(Object.keys(vals).length > 0 && { vals }),
  };
}

export async function writeDataset(files: WritableFiles, dataset: Dataset): Promise<void> {
  const { description, arrays } = datasetParts(dataset);
  for (const [name, bytes] of arrays) await files.write(name, allBytes(bytes));
  // Last: without it, the folder is no data set.
  await files.write(DESCRIPTION, description);
}

export async function readDataset(files: ReadableFiles): Promise<Dataset> {
  const text = new TextDecoder().decode(await files.read(DESCRIPTION));
  const { splits }: Description = JSON.parse(text);
  const arrays = new Map<string, Uint8Array>();
  for (const [key, { masked, hasShortcut }] of Object.entries(splits)) {
    const names = ['images', ...(masked ? ['masks'] : []), ...(hasShortcut ? ['shortcut'] : [])];
    for (const what of names) {
      const name = `${key}.${what}`;
      arrays.set(name, await files.read(name));
    }
  }
  return datasetFrom(text, (name) => arrays.get(name) as Uint8Array);
}

function splitsOf({ train, val, test, tests, vals = {} }: Dataset): [string, Split][] {
  const under = (start: string, splits: Readonly<Record<string, Split>>) =>
    Object.entries(splits).map(([name, split]): [string, Split] => [`${start}${name}`, split]);
  return [
    ['train', train],
    ['val', val],
    ...(test === val ? [] : [['test', test] as [string, Split]]),
    ...under('tests.', tests),
    ...under('vals.', vals),
  ];
}
