// The manifest of a folder: a CSV file that lists images, labels and, if it has the columns, splits, groups and masks.

import { Random } from '../../engine/core/random.ts';
import { checkLimit } from '../files/limits.ts';
import { formatCsv, parseCsv, separatorOf, withoutApostrophe } from '../text/csv.ts';
import { listed, quoted } from '../text/visible.ts';
import type { SplitName } from './dataset.ts';
import { drawSplits } from './draw-splits.ts';

/** An image of the manifest. */
export interface ManifestRow {
  readonly file: string;
  readonly label: string;
  readonly split: SplitName;
  /** Whose image it is: images of one patient stay in one split. */
  readonly group?: string;
  /** File of its mask; '' without one. */
  readonly mask: string;
}

/** Columns that name the group of an image. */
const GROUP_COLUMNS = ['patient', 'group'];
/** Splits belong to the data and not to a run: with every seed the same images are held out. */
const SPLIT_SEED = 0;

/**
 * The rows of a manifest with the columns file,label[,split][,mask][,patient or group], in its order. Without a split
 * column the splits are drawn, the same ones every time.
 *
 * @param name of the data set, for errors
 * @returns the rows, and whether their splits are those of the file
 * @throws RangeError that names the line
 */
export function readManifest(
  text: string,
  name: string,
): { readonly rows: readonly ManifestRow[]; readonly splitsGiven: boolean } {
  const [header, ...body] = parseCsv(text, `${name}: manifest`, separatorOf(text));
  const columns = header?.fields.map((field) => field.trim().toLowerCase()) ?? [];
  const at = findColumns(columns, name);
  if (body.length === 0) throw new RangeError(`${name}: manifest lists no images.`);
  checkLimit('manifestRows', body.length, `${name}: manifest`);
  const rows = body.map(({ line, fields }): ManifestRow => {
    const where = `${name}: manifest line ${line}`;
    if (fields.length !== columns.length) {
      throw new RangeError(`${where}: got ${fields.length} fields, expected ${columns.length}.`);
    }
    const cell = (column: number) => (column < 0 ? '' : withoutApostrophe(fields[column].trim()));
    const [file, label, mask] = [cell(at.file), cell(at.label), cell(at.mask)];
    for (const path of [file, mask]) checkPath(path, where);
    if (file === '' || label === '') throw new RangeError(`${where}: file or label is empty.`);
    const split = at.split < 0 ? 'train' : readSplitName(cell(at.split), where);
    if (at.group < 0) return { file, label, split, mask };
    const group = cell(at.group);
    if (group === '') throw new RangeError(`${where}: ${columns[at.group]} is empty.`);
    return { file, label, split, mask, group };
  });
  if (at.split >= 0) return { rows, splitsGiven: true };
  const splits = drawSplits(rows, new Random(SPLIT_SEED, 'split'));
  return { rows: rows.map((row, i) => ({ ...row, split: splits[i] })), splitsGiven: false };
}

/** Images and their labels, as splits have them. */
interface LabelledImages {
  readonly ids: readonly string[];
  readonly labels: Int32Array;
}

/** Rows as the text of a manifest, which `readManifest` reads as the same rows. */
export function formatManifest(rows: readonly ManifestRow[]): string {
  const hasMasks = rows.some(({ mask }) => mask !== '');
  const hasGroups = rows.some(({ group }) => group !== undefined);
  const columns = ['file', 'label', 'split', hasMasks && 'mask', hasGroups && 'group'];
  const fields = rows.map(({ file, label, split, mask, group }) => [
    ...[file, label, split],
    ...(hasMasks ? [mask] : []),
    ...(hasGroups ? [group] : []),
  ]);
  return formatCsv([columns.filter((column) => column !== false), ...fields]);
}

/**
 * Rows with the labels and splits that their images have. A row without images is left as it is.
 *
 * @param images the data set that was made of the rows, or some of its splits
 * @throws RangeError if images of one file differ in their class, of which a row has only one
 */
export function rowsAsRead(
  rows: readonly ManifestRow[],
  images: { readonly classes: readonly string[] } & Partial<Record<SplitName, LabelledImages>>,
): ManifestRow[] {
  const files = new Set(rows.map(({ file }) => file));
  const known = new Map<string, Pick<ManifestRow, 'label' | 'split'>>();
  const { classes, train, val, test } = images;
  const splits = { train, val, test: test === val ? undefined : test };
  for (const split of ['train', 'val', 'test'] as const) {
    for (const [i, id] of splits[split]?.ids.entries() ?? []) {
      // Images of one file are called `file#part`.
      const file = files.has(id) ? id : id.slice(0, id.lastIndexOf('#'));
      const label = classes[splits[split]?.labels[i] as number];
      const other = known.get(file)?.label ?? label;
      if (other !== label) {
        throw new RangeError(
          `manifest: images of ${quoted(file)} are of several classes, got ${quoted(other)} and ${quoted(label)}, expected one. A manifest has one class per file.`,
        );
      }
      if (!known.has(file)) known.set(file, { label, split });
    }
  }
  return rows.map((row) => ({ ...row, ...known.get(row.file) }));
}

function findColumns(columns: readonly string[], name: string) {
  const groups = GROUP_COLUMNS.filter((column) => columns.includes(column));
  const unique = new Set(columns).size === columns.length;
  if (!columns.includes('file') || !columns.includes('label') || !unique || groups.length > 1) {
    throw new RangeError(
      `${name}: manifest columns, got ${listed(columns) || '(nothing)'}, expected file,label[,split][,mask][,patient or group].`,
    );
  }
  const [file, label, split, mask] = ['file', 'label', 'split', 'mask'].map((column) =>
    columns.indexOf(column),
  );
  return { file, label, split, mask, group: groups.length > 0 ? columns.indexOf(groups[0]) : -1 };
}

function readSplitName(text: string, where: string): SplitName {
  if (text === 'train' || text === 'val' || text === 'test') return text;
  throw new RangeError(`${where}: split, got ${quoted(text)}, expected train, val or test.`);
}

/** A manifest may come from elsewhere: it must not reach files outside its folder. */
function checkPath(path: string, where: string): void {
  if (/^([/\\]|[a-z]:)|(^|[/\\])\.\.([/\\]|$)/i.test(path)) {
    throw new RangeError(
      `${where}: path leaves the folder, got ${quoted(path)}, expected one inside it.`,
    );
  }
}
