// The figures of a comparison: mean and spread over seeds for every condition, tested against one of them.

import { alignmentNote } from '../report/alignment-note.ts';
import { overlapOf, recordsBySeed, seedNotes, type Trained } from './by-seed.ts';
import {
  FEWEST_PAIRS,
  holm,
  mean,
  type PairedTest,
  pairedTTest,
  standardDeviation,
} from './statistics.ts';
import type { TrialRecord } from './trial-record.ts';
import type { Trial } from './trials.ts';

/** What is measured, and how tables show it. */
export interface Measure {
  /** Key in the `figures` of a record. */
  readonly key: string;
  readonly label: string;
  /** Whether higher or lower is better. */
  readonly better: 'higher' | 'lower';
}

export interface Cell {
  /** By seed; NaN if the trial diverged or the figure is not defined. */
  readonly values: readonly number[];
  /** Over the finite values. */
  readonly mean: number;
  readonly sd: number;
  readonly count: number;
  /** Against the reference; absent in the reference's own row. */
  readonly test?: PairedTest & {
    /** p corrected by Holm over all conditions tested on this measure. */
    readonly holm: number;
  };
}

export interface Row extends Trained {
  readonly label: string;
  /** By the key of the measure. */
  readonly cells: Readonly<Record<string, Cell>>;
}

/** The tables of a comparison: one row per condition, one cell per measure. */
export interface Summary {
  readonly dataset: string;
  readonly seeds: readonly number[];
  /** Parts of the cross-validation, one per seed; 0 if it is none. */
  readonly folds: number;
  /** Test images per training image where the seed draws the splits, for which tests are corrected; otherwise 0. */
  readonly overlap: number;
  /** Label of the row against which the others are tested. */
  readonly reference: string;
  /** The measured figures that get a column. */
  readonly columns: readonly Measure[];
  /** All figures. */
  readonly keys: readonly string[];
  readonly rows: readonly Row[];
  /** At which resolution saliency was measured, and on how many masks; absent if nothing was measured. */
  readonly alignment?: string;
}

const COLUMNS: readonly Measure[] = [
  { key: 'test accuracy', label: 'Accuracy', better: 'higher' },
  { key: 'test auc', label: 'AUC', better: 'higher' },
  { key: 'test balancedAccuracy', label: 'Balanced accuracy', better: 'higher' },
  { key: 'test present accuracy', label: 'Accuracy, shortcut present', better: 'higher' },
  { key: 'test absent accuracy', label: 'Accuracy, shortcut absent', better: 'higher' },
  { key: 'test misleading accuracy', label: 'Accuracy, shortcut misleading', better: 'higher' },
  { key: 'test epg', label: 'Saliency on the mask (EPG)', better: 'higher' },
  { key: 'test epgGain', label: 'EPG − area', better: 'higher' },
  { key: 'test pointingGame', label: 'Pointing game', better: 'higher' },
  { key: 'test shortcutShare', label: 'Saliency on the shortcut', better: 'lower' },
  { key: 'test uselessSaliency', label: 'Empty or constant saliency', better: 'lower' },
];

/**
 * @param records of the trials, in the same order; undefined for a broken trial, one must be there
 * @returns rows in the order of the conditions, tested against the one that is the reference
 */
export function summarise(
  trials: readonly Trial[],
  records: readonly (TrialRecord | undefined)[],
): Summary {
  const finished = records.filter((record) => record !== undefined);
  const conditions = new Map(trials.map(({ condition }) => [condition.label, condition]));
  const labels = [...conditions.keys()];
  const seeds = [...new Set(trials.map(({ seed }) => seed))];
  const { folds } = trials[0].config.data;
  const reference = labels.find((label) => conditions.get(label)?.isReference) ?? labels[0];
  const found = recordsBySeed(trials, records);
  const overlap = overlapOf(finished, 'test');
  const keys = [...new Set(finished.flatMap(({ figures }) => Object.keys(figures)))];
  const valuesOf = (label: string, key: string) => found.get(label)?.valuesOf(key) ?? [];

  const cells = new Map<string, Record<string, Cell>>(labels.map((label) => [label, {}]));
  for (const key of keys) {
    const against = valuesOf(reference, key);
    const tests = labels.map((label) =>
      label === reference ? undefined : pairedTTest(against, valuesOf(label, key), overlap),
    );
    const corrected = holm(tests.map((test) => test?.p ?? Number.NaN));
    labels.forEach((label, i) => {
      const values = valuesOf(label, key);
      const finite = values.filter(Number.isFinite);
      const test = tests[i];
      (cells.get(label) as Record<string, Cell>)[key] = {
        ...{ values, mean: mean(finite), sd: standardDeviation(finite), count: finite.length },
        ...(test && { test: { ...test, holm: corrected[i] } }),
      };
    });
  }
  const alignment = noteOf(finished);
  return {
    dataset: finished[0].dataset.name,
    ...{ seeds, folds, overlap, reference, keys },
    columns: COLUMNS.filter(({ key }) => keys.includes(key)),
    rows: [...found].map(([label, { diverged, broken, trained }]) => ({
      ...{ label, diverged, broken, trained },
      cells: cells.get(label) as Record<string, Cell>,
    })),
    ...(alignment !== undefined && { alignment }),
  };
}

/** The same columns for validation images, on which settings are chosen. */
export const validationColumns = ({ columns, keys }: Summary): Measure[] =>
  columns
    .map((column) => ({ ...column, key: column.key.replace(/^test /, 'val ') }))
    .filter(({ key }) => keys.includes(key));

/** Sizes are the same for all trials; the number of masks may depend on the seed. */
function noteOf(records: readonly TrialRecord[]): string | undefined {
  const resolution = records.find((record) => record.resolution)?.resolution;
  if (!resolution) return undefined;
  const numbers = (key: string) => {
    const all = records.map(({ figures }) => figures[key]).filter(Number.isFinite);
    const [least, most] = [Math.min(...all), Math.max(...all)];
    return least === most ? least : `${least} to ${most}`;
  };
  const aligned = records.some(({ figures }) => 'test masks' in figures);
  const masks = { counted: numbers('test masks'), empty: numbers('test emptyMasks') };
  return alignmentNote(resolution, aligned ? masks : undefined);
}

/** Label of a row, with its notes. */
export function rowLabel(row: Row, { seeds }: Summary): string {
  const notes = seedNotes(row, seeds.length);
  return notes.length > 0 ? `${row.label} (${notes.join('; ')})` : row.label;
}

/** The smallest p, after Holm, that no longer counts as a difference. */
export const SIGNIFICANT = 0.05;

/** What was tested, and how saliency was measured: sentences for every table. */
export const tableNote = (summary: Summary): string =>
  [describeTest(summary), summary.alignment].filter(Boolean).join(' ');

function describeTest({ reference, seeds, folds, overlap }: Summary): string {
  if (seeds.length < FEWEST_PAIRS) {
    return `${seeds.length === 1 ? 'One seed' : 'Two seeds'}: nothing can be said about differences.`;
  }
  const parts =
    folds > 0 ? ` Cross-validation in ${folds} parts: each seed tests another part.` : '';
  const shared =
    overlap > 0
      ? ' The seed draws the splits, so trainings share images, for which test and intervals are corrected (Nadeau and Bengio 2003).'
      : '';
  return (
    `Mean ± standard deviation over ${seeds.length} seeds. Two-sided paired t-test over seeds against ${reference}, ` +
    `corrected by Holm over the conditions of a column; * better, † worse with p < ${SIGNIFICANT}. Test and intervals assume normally ` +
    `distributed differences, which a few seeds cannot confirm.${parts}${shared}`
  );
}
