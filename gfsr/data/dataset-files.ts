// A whole data set as files: one of plain data, and one for each array. Images can be read one by one.

import * as v from 'valibot';
import { joinBytes } from '../files/join-bytes.ts';
import { rowAt } from '../image/rows.ts';
import { parseJson } from '../text/json.ts';
import { cut } from '../text/visible.ts';
import { checkDataset, type Dataset, type Split } from './dataset.ts';
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

const whole = v.pipe(v.number(), v.integer(), v.minValue(0));
const texts = v.array(v.string());
const size = v.tuple([v.number(), v.number()]);

/** What of a split is not an array of pixels. */
const rowSchema = v.object({
  count: whole,
  labels: v.array(whole),
  ids: texts,
  groups: v.optional(texts),
  hashes: v.optional(texts),
  placements: v.optional(v.array(v.object({ from: size, scaled: size, at: size }))),
  /** Images with a mask, in the order of the masks. */
  masked: v.optional(v.array(whole)),
  hasShortcut: v.boolean(),
});

/** A data set without its arrays. */
const descriptionSchema = v.object({
  name: v.string(),
  classes: texts,
  channels: whole,
  height: whole,
  width: whole,
  notes: texts,
  origin: v.optional(v.object({ indexed: texts, ids: texts })),
  /** Where test images are the validation images. */
  testIsVal: v.boolean(),
  splits: v.record(v.string(), rowSchema),
});

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
  const rows: Record<string, object> = {};
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
  const description = {
    ...rest,
    ...(origin && { origin: { indexed: origin.indexed, ids: [...origin.ids] } }),
    testIsVal: test === val,
    splits: rows,
  };
  return { description: JSON.stringify(description), arrays };
}

/** @throws RangeError naming the first place that is wrong */
function parseDescription(text: string, where = DESCRIPTION) {
  const result = v.safeParse(descriptionSchema, parseJson(text, where));
  const refuse = (what: string): never => {
    throw new RangeError(`${where}: ${what}. The file is damaged or of another version.`);
  };
  if (!result.success) {
    const [issue] = result.issues;
    const place = v.getDotPath(issue) ?? 'content';
    return refuse(`${place} is ${cut(issue.received, 120)}, expected ${issue.expected}`);
  }
  const { splits, testIsVal } = result.output;
  for (const name of ['train', 'val', ...(testIsVal ? [] : ['test'])]) {
    if (!(name in splits)) refuse(`splits.${name} is missing`);
  }
  for (const [name, { count, masked = [] }] of Object.entries(splits)) {
    const unknown = masked.find((image) => image >= count);
    if (unknown !== undefined) refuse(`splits.${name} has a mask of image ${unknown} of ${count}`);
  }
  return result.output;
}

/**
 * The data set of a description, with the arrays that it names.
 *
 * @param where the description is
 * @throws RangeError naming the first place of the description that is wrong, or that does not fit its arrays
 */
export const datasetFrom = (
  text: string,
  arrayOf: (name: string) => Pixels,
  where?: string,
): Dataset => described(parseDescription(text, where), arrayOf);

function described(
  { origin, splits: rows, testIsVal, ...rest }: ReturnType<typeof parseDescription>,
  arrayOf: (name: string) => Pixels,
): Dataset {
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
  return checkDataset({
    ...rest,
    ...(origin && { origin: { indexed: origin.indexed, ids: new Set(origin.ids) } }),
    ...{ train, val, test, tests: under('tests.') },
    ...(Object.keys(vals).length > 0 && { vals }),
  });
}

export async function writeDataset(files: WritableFiles, dataset: Dataset): Promise<void> {
  const { description, arrays } = datasetParts(dataset);
  for (const [name, bytes] of arrays) await files.write(name, allBytes(bytes));
  // Last: without it, the folder is no data set.
  await files.write(DESCRIPTION, description);
}

/** @throws RangeError naming the first place that is wrong */
export async function readDataset(files: ReadableFiles): Promise<Dataset> {
  const text = new TextDecoder().decode(await files.read(DESCRIPTION));
  const description = parseDescription(text);
  const arrays = new Map<string, Uint8Array>();
  for (const [key, { masked, hasShortcut }] of Object.entries(description.splits)) {
    const names = ['images', ...(masked ? ['masks'] : []), ...(hasShortcut ? ['shortcut'] : [])];
    for (const what of names) {
      const name = `${key}.${what}`;
      arrays.set(name, await files.read(name));
    }
  }
  return described(description, (name) => arrays.get(name) as Uint8Array);
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
