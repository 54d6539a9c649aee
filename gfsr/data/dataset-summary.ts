// A data set in a few lines: number and size of images, classes, masks, shortcuts, and notes.

import { classCounts, type Dataset, type Split, type SplitName } from '../data/dataset.ts';
import { meanMaskOverlap } from '../data/mask-overlap.ts';
import { channelStats } from '../data/normalise.ts';
import { grouped, row, table } from '../text/lines.ts';
import { hasAny } from './pixels.ts';

const SPLITS: readonly SplitName[] = ['train', 'val', 'test'];

/** One line, then the notes. */
export function summariseDataset(dataset: Dataset): string[] {
  const { name, classes, train, val, test, notes } = dataset;
  const tested = test === val ? '' : `, ${grouped(test.count)} test`;
  const counts = `${grouped(train.count)} train, ${grouped(val.count)} val${tested}`;
  return [
    row('data', `${name}: ${imageShape(dataset)}, ${classes.length} classes; ${counts}`),
    ...notes.map((note) => row('', note)),
  ];
}

/** One line per problem that `findProblems` found. */
export const problemLines = (problems: readonly string[]): string[] =>
  problems.map((problem) => row('warning', problem));

/** Everything that is known before training: a table of classes, pixel statistics, masks, shortcuts, notes. */
export function describeDataset(dataset: Dataset): string[] {
  const { name, classes, notes } = dataset;
  const { mean, std } = channelStats(dataset);
  const perClass = SPLITS.map((split) => classCounts(dataset[split], classes.length));
  const decimals = (values: Float32Array) => Array.from(values, (v) => v.toFixed(4)).join(', ');
  const conditions = (splits: object = {}) => Object.keys(splits).join(', ');
  const [tests, vals] = [conditions(dataset.tests), conditions(dataset.vals)];
  const totals = SPLITS.map((split) => grouped(dataset[split].count));
  return [
    row('data', name),
    row('images', `${imageShape(dataset)}, 0 to 255`),
    row('mean', `${decimals(mean)} (train, pixels scaled to 0…1)`),
    row('std', decimals(std)),
    row('masks', SPLITS.map((split) => `${split} ${maskCount(dataset[split])}`).join(', ')),
    ...overlapRow(dataset),
    row('shortcut', SPLITS.map((split) => `${split} ${hasShortcut(dataset[split])}`).join(', ')),
    ...(tests ? [row('tests', tests)] : []),
    ...(vals ? [row('val', `also ${vals}`)] : []),
    ...notes.map((note) => row('note', note)),
    '',
    ...table([
      ['class', ...SPLITS],
      ...classes.map((label, c) => [label, ...perClass.map((counts) => grouped(counts[c]))]),
      ['all', ...totals],
    ]),
  ];
}

/** How alike the places of the masks are; nothing without at least two masks. */
function overlapRow({ train: { masks } }: Dataset): string[] {
  const overlap = meanMaskOverlap(masks ?? new Map());
  if (Number.isNaN(overlap)) return [];
  return [
    row('overlap', `${overlap.toFixed(2)} mean IoU between the masks of two training images`),
  ];
}

function imageShape({ channels, height, width }: Dataset): string {
  return `${height}×${width} ${channels === 1 ? 'grey' : 'RGB'}`;
}

const maskCount = ({ masks }: Split): string => (masks ? grouped(masks.size) : 'none');
const hasShortcut = ({ shortcut }: Split): string =>
  shortcut && hasAny(shortcut) ? 'marked' : 'none';
