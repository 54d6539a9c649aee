// The tables of a comparison as Markdown, CSV, JSON, LaTeX and terminal text, all from the same summary.

import { formatCsv } from '../text/csv.ts';
import { table } from '../text/lines.ts';
import { visible } from '../text/visible.ts';
import { madeWithLine } from './made-with.ts';
import {
  type Cell,
  type Measure,
  rowLabel,
  SIGNIFICANT,
  type Summary,
  tableNote,
} from './summary.ts';

const MINUS = '\u2212';

/** `0.912 ± 0.010`, with `*` if it is better than the reference and `†` if it is worse; a dash if there is no value. */
export function showCell({ mean, sd, test }: Cell, { better }: Measure): string {
  if (!Number.isFinite(mean)) return '–';
  const spread = Number.isFinite(sd) ? ` ± ${sd.toFixed(3)}` : '';
  const sure = test !== undefined && test.holm < SIGNIFICANT;
  const gain = sure && test.difference > 0 === (better === 'higher');
  return `${decimal(mean)}${spread}${sure ? ` ${gain ? '*' : '†'}` : ''}`;
}

/** `+0.031 [+0.012, +0.050] (p 0.004, g 1.92)`: difference, 95 % interval, p after Holm, effect size. */
export function showTest({ test }: Cell): string {
  if (!test || !Number.isFinite(test.difference)) return '–';
  const { difference, half, holm, effect } = test;
  const interval = `[${signed(difference - half)}, ${signed(difference + half)}]`;
  const sizes = [
    `p ${showP(holm)}`,
    ...(Number.isFinite(effect) ? [`g ${real(effect.toFixed(2))}`] : []),
  ];
  return [
    signed(difference),
    ...(Number.isFinite(half) ? [interval] : []),
    ...(Number.isFinite(holm) ? [`(${sizes.join(', ')})`] : []),
  ].join(' ');
}

/** What `showTest` shows, for a heading. */
export const describeDifferences = ({ reference }: Summary): string =>
  `Mean difference from ${reference} over seeds, with its 95 % confidence interval by Student's t (not corrected for several conditions), ` +
  "p after Holm, and the effect size Hedges' g_z (the mean difference over the standard deviation of the differences, corrected for few seeds)";

const showP = (p: number): string => (p < 0.001 ? '< 0.001' : p.toFixed(3));
const real = (text: string): string => text.replace(/^-/, MINUS);
const decimal = (value: number): string => real(value.toFixed(3));
const signed = (value: number): string => `${value > 0 ? '+' : ''}${decimal(value)}`;

/** Name of a column, with the direction that is better. */
export const heading = ({ label, better }: Measure): string =>
  `${label} ${better === 'higher' ? '↑' : '↓'}`;

type Show = (cell: Cell, measure: Measure) => string;

const body = (summary: Summary, show: Show): string[][] =>
  summary.rows.map((row) => [
    rowLabel(row, summary),
    ...summary.columns.map((measure) => show(row.cells[measure.key], measure)),
  ]);

/** The table for a terminal, and what was measured and tested. */
export const describeSummary = (summary: Summary): string[] => [
  ...table([['', ...summary.columns.map(heading)], ...body(summary, showCell)]),
  '',
  tableNote(summary),
];

/** The tables for people, by file name. All except the CSV, which is figures alone, say how they were made. */
export const tableFiles = (summary: Summary, madeWith: Readonly<Record<string, string>>) =>
  new Map([
    ['table.md', `${comparisonMarkdown(summary)}\n${madeWithLine(madeWith)}\n`],
    ['table.csv', comparisonCsv(summary)],
    ['table.tex', `% ${madeWithLine(madeWith)}\n${comparisonLatex(summary)}`],
  ]);

/** Two tables, values and differences, and what was measured and tested. */
export function comparisonMarkdown(summary: Summary): string {
  const { dataset, columns, reference, rows, seeds } = summary;
  const markdown = (show: Show, skip?: string): string[] => {
    const lines = [
      ['', ...columns.map(heading)],
      ['---', ...columns.map(() => '---:')],
      ...body({ ...summary, rows: rows.filter(({ label }) => label !== skip) }, show),
    ];
    return lines.map(([first, ...rest]) => `| ${[plainMarkdown(first), ...rest].join(' | ')} |`);
  };
  return [
    `# Comparison on ${plainMarkdown(dataset)}`,
    '',
    tableNote(summary),
    '',
    ...markdown(showCell),
    ...(seeds.length > 1 && rows.length > 1
      ? [
          '',
          `${plainMarkdown(describeDifferences(summary))}:`,
          '',
          ...markdown(showTest, reference),
        ]
      : []),
    '',
  ].join('\n');
}

/** Text in one line of Markdown: no cell, link, code or HTML begins in it. */
export const plainMarkdown = (text: string): string =>
  visible(text)
    .replace(/[|`[\]\\]/g, '\\$&')
    .replaceAll('<', '&lt;');

/** One row per condition and figure, for all figures, with the value of each seed. */
export function comparisonCsv({ rows, keys, seeds, reference }: Summary): string {
  const test = ['difference', 'ci95_low', 'ci95_high', 't', 'p', 'p_holm', 'hedges_g'];
  return formatCsv([
    [
      'condition',
      'figure',
      'mean',
      'sd',
      'n',
      ...seeds.map((s) => `seed ${s}`),
      'reference',
      ...test,
    ],
    ...rows.flatMap(({ label, cells }) =>
      keys.map((key) => {
        const { mean, sd, count, values, test: t } = cells[key];
        const against = t
          ? [
              ...[reference, t.difference, t.difference - t.half, t.difference + t.half],
              ...[t.t, t.p, t.holm, t.effect],
            ]
          : [];
        return [label, key, mean, sd, count, ...values, ...against];
      }),
    ),
  ]);
}

/** A booktabs table. It needs `\usepackage{booktabs}`. */
export function comparisonLatex(summary: Summary): string {
  const { columns, dataset } = summary;
  const line = (cells: readonly string[]) => `${cells.map(latex).join(' & ')} \\\\`;
  return [
    '\\begin{table}',
    '\\centering',
    `\\caption{Comparison on ${latex(dataset)}. ${latex(tableNote(summary))}}`,
    `\\begin{tabular}{l${'r'.repeat(columns.length)}}`,
    '\\toprule',
    line(['', ...columns.map(heading)]),
    '\\midrule',
    ...body(summary, showCell).map(line),
    '\\bottomrule',
    '\\end{tabular}',
    '\\end{table}',
    '',
  ].join('\n');
}

const LATEX: Readonly<Record<string, string>> = {
  '\\': '\\textbackslash{}',
  '~': '\\textasciitilde{}',
  '^': '\\textasciicircum{}',
  '±': '$\\pm$',
  '·': '$\\cdot$',
  '↑': '$\\uparrow$',
  '↓': '$\\downarrow$',
  '<': '$<$',
  '>': '$>$',
  '*': '$^{*}$',
  '†': '$^{\\dagger}$',
  '–': '--',
  [MINUS]: '$-$',
  λ: '$\\lambda$',
};

const latex = (text: string): string =>
  visible(text).replace(
    /[\\~^±·↑↓<>*†–λ\u2212]|[&%$#_{}]/g,
    (character) => LATEX[character] ?? `\\${character}`,
  );
