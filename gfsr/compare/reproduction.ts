// Several comparisons as one Markdown page: every seed, the published figures, and how each was made.

import { join } from 'node:path';
import { publishedScores } from '../data/catalog.ts';
import { writeAtomically } from '../files/atomic-file.ts';
import { wrapped } from '../text/lines.ts';
import { comparisonMarkdown } from './comparison-tables.ts';
import { rowLabel, type Summary } from './summary.ts';
import type { TrialRecord } from './trial-record.ts';

/** Width of the page's paragraphs. */
const COLUMNS = 140;

/** A comparison that was run to its end. */
export interface ReproducedPart {
  /** Its name on the command line. */
  readonly name: string;
  readonly title: string;
  readonly notes: readonly string[];
  /** One sentence on the data: the number of images, and whether the file is the published one. */
  readonly data: string;
  readonly summary: Summary;
  readonly records: readonly TrialRecord[];
}

export interface ReproductionContext {
  /** The command line that made it. */
  readonly command: string;
  readonly quick: boolean;
  /** The comparisons that could not be run, and why. */
  readonly missing: readonly string[];
}

/** Writes `results.md`, about the comparisons run so far, into a folder. Returns its path. */
export function writeReproduction(
  folder: string,
  parts: readonly ReproducedPart[],
  context: ReproductionContext,
): string {
  const path = join(folder, 'results.md');
  writeAtomically(path, reproductionMarkdown(parts, context));
  return path;
}

/**
 * The page as Markdown, as in `docs/results.md`: one section per comparison, with tests of its differences and the
 * figures of every seed.
 */
export function reproductionMarkdown(
  parts: readonly ReproducedPart[],
  { command, quick, missing }: ReproductionContext,
): string {
  return [
    '# Reproduction',
    '',
    `Made by \`${command}\`.`,
    ...(quick
      ? [
          '',
          '**Quick size: few images and epochs. It shows that everything runs; its figures mean nothing.**',
        ]
      : []),
    ...missing.flatMap((line) => ['', `Not run: ${line}`]),
    ...parts.flatMap((part) => ['', ...section(part)]),
    '',
  ].join('\n');
}

function section({ name, title, notes, data, summary, records }: ReproducedPart): string[] {
  const table = comparisonMarkdown(summary).split('\n').slice(2);
  return [
    `## ${title}`,
    '',
    ...wrapped([data, ...notes].join(' '), COLUMNS),
    '',
    ...wrapped(provenance(records), COLUMNS),
    `To repeat: \`npm run reproduce -- ${name}\`.`,
    '',
    ...table.flatMap((line) => (line.startsWith('|') ? [line] : wrapped(line, COLUMNS))),
    ...everySeed(summary),
    '',
    ...published(summary.dataset),
  ];
}

function provenance(records: readonly TrialRecord[]): string {
  const each = (value: (record: TrialRecord) => string) =>
    [...new Set(records.map(value))].join(', ');
  const minutes = records.reduce((sum, { seconds }) => sum + seconds, 0) / 60;
  const made = each(({ gfsr, commit }) => (commit ? `commit ${commit}` : `gfsr ${gfsr}`));
  const adapter = each((record) => `${record.adapter}${record.isSoftware ? ' (software)' : ''}`);
  const last = records.map(({ finished }) => finished).sort()[records.length - 1];
  const annotated = records.map((record) => record.annotated).filter((n) => n > 0);
  const images = [...new Set(annotated)].join(' or ');
  return (
    `${records.length} trainings, ${minutes.toFixed(1)} minutes in total, on ${adapter}; ${made}; finished ${last.slice(0, 10)}.` +
    (images ? ` Guided by marks on ${images} training images.` : '')
  );
}

/** One row per condition and seed, in the columns of the summary. */
function everySeed(summary: Summary): string[] {
  const { seeds, columns, rows } = summary;
  const lines = rows.flatMap((row) =>
    seeds.flatMap((seed, i) => {
      const values = columns.map(({ key }) => row.cells[key].values[i]);
      if (values.every(Number.isNaN)) return [];
      const shown = values.map((value) => (Number.isFinite(value) ? value.toFixed(4) : '–'));
      return [`| ${[row.label, String(seed), ...shown].join(' | ')} |`];
    }),
  );
  const lost = rows.filter(({ diverged, broken }) => diverged.length + broken.length > 0);
  return [
    '<details><summary>Every seed</summary>',
    '',
    `| | seed | ${columns.map(({ label }) => label).join(' | ')} |`,
    `| --- | ---: | ${columns.map(() => '---:').join(' | ')} |`,
    ...lines,
    '',
    ...(lost.length > 0
      ? [`Without figures: ${lost.map((row) => rowLabel(row, summary)).join(', ')}.`, '']
      : []),
    '</details>',
  ];
}

function published(dataset: string): string[] {
  const scores = publishedScores(dataset);
  if (scores.length === 0) return [];
  const show = (value: number | undefined) => (value === undefined ? '–' : value.toFixed(3));
  return [
    'Published, for comparison (protocols differ):',
    '',
    '| | Accuracy | Worst class | AUC | Source |',
    '| --- | ---: | ---: | ---: | --- |',
    ...scores.map(
      ({ method, accuracy, worst, auc, source }) =>
        `| ${method} | ${show(accuracy)} | ${show(worst)} | ${show(auc)} | ${source} |`,
    ),
  ];
}
