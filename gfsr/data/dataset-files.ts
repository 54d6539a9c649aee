// A whole data set as files: one of plain data, and one for each array. Images can be read one by one.

import { joinBytes } from '../files/join-bytes.ts';
import type { Dataset, Split } from './dataset.ts';

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

export async function writeDataset(files: WritableFiles, dataset: Dataset): Promise<void> {
  const { origin, train, val, test, tests, vals, ...rest } = dataset;
  const rows: Record<string, Row> = {};
  for (const [key, split] of splitsOf(dataset)) {
    const { images, labels, masks, shortcut, ...plain } = split;
    await files.write(`${key}.images`, images);
    if (masks) await files.write(`${key}.masks`, joinBytes([...masks.values()]));
    if (shortcut) await files.write(`${key}.shortcut`, shortcut);
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
  // Last: without it, the folder is no data set.
  await files.write(DESCRIPTION, JSON.stringify(description));
}

export async function readDataset(files: ReadableFiles): Promise<Dataset> {
  const text = new TextDecoder().decode(await files.read(DESCRIPTION));
  const { origin, splits: rows, testIsVal, ...rest }: Description = JSON.parse(text);
  const area = rest.height * rest.width;
  const splits = new Map<string, Split>();
  for (const [key, { hasShortcut, masked, labels, ...plain }] of Object.entries(rows)) {
    const split: Split = {
      ...plain,
      images: await files.read(`${key}.images`),
      labels: Int32Array.from(labels),
    };
    if (masked) {
      const masks = await files.read(`${key}.masks`);
      split.masks = new Map(
        masked.map((image, i) => [image, masks.subarray(i * area, (i + 1) * area)]),
      );
    }
    if (hasShortcut) split.shortcut = await files.read(`${key}.shortcut`);
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
