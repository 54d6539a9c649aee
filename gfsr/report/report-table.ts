// The tables of the report: all arms side by side, and published scores.

import type { ClassificationScores } from '../../model/scores.ts';
import { publishedScores } from '../data/catalog.ts';
import type { Evaluation, SplitEvaluation } from '../evaluation/evaluate.ts';
import { ARMS, type Arm, type ExperimentResult } from '../train/experiment.ts';
import { describeAlignment } from './alignment-note.ts';
import {
  type Difference,
  type DifferenceMetric,
  differenceOf,
  type TestAnalysis,
} from './analysis.ts';
import { percent, points, showP, signed, times } from './finding.ts';
import { type Html, html } from './html.ts';
import { wideTable } from './page.ts';

export const ARM_NAMES: Readonly<Record<Arm, string>> = {
  'cross-entropy': 'Without guidance',
  guided: 'With guidance',
};

/** Which line is which arm. */
export const legend = (arms: readonly Arm[]): Html =>
  html`<p class="legend">${arms.map((arm) => html`<span class="${arm}">${ARM_NAMES[arm]}</span>`)}</p>`;

type Split = 'val' | 'test';

const SPLITS: Readonly<Record<Split, string>> = { val: 'Validation images', test: 'Test images' };

type Kind = 'percent' | 'decimal' | 'times';

type Range = readonly [number, number];

interface Row {
  readonly label: string;
  readonly kind: Kind;
  /** Lower is better. */
  readonly lower?: boolean;
  readonly value: (evaluation: Evaluation) => number | undefined;
  /** 95 % interval of the value. */
  readonly interval?: (evaluation: Evaluation) => Range | undefined;
  /** Of both arms, in pairs. */
  readonly difference?: Difference;
}

interface Group {
  readonly title: string;
  readonly rows: readonly Row[];
}

const SCORES: readonly [keyof ClassificationScores, string, Kind, boolean?][] = [
  ['accuracy', 'Accuracy', 'percent'],
  ['balancedAccuracy', 'Balanced accuracy', 'percent'],
  ['worstClassAccuracy', 'Accuracy of the worst class', 'percent'],
  ['macroF1', 'Macro F1', 'decimal'],
  ['auc', 'Macro AUC', 'decimal'],
  ['ece', 'Calibration error (ECE)', 'decimal', true],
];

const ALIGNMENT: readonly [string, string, Kind][] = [
  ['epg', 'Share of saliency on the mask (EPG)', 'percent'],
  ['epgGain', 'EPG − share of the area', 'percent'],
  ['iou', 'Intersection over union (IoU)', 'decimal'],
  ['pointingGame', 'Highest point on the mask (pointing game)', 'percent'],
];

/** The main table: test scores, conditions, the shortcut, agreement with masks. Below it the same for validation. */
export function resultsTable(
  { arms }: Pick<ExperimentResult, 'arms'>,
  analysis: TestAnalysis,
): Html {
  const evaluations = ARMS.flatMap((arm) =>
    arms[arm] ? [[arm, arms[arm].evaluation] as const] : [],
  );
  if (evaluations.length === 0) return html`<p>No arm was evaluated.</p>`;
  const [, sample] = evaluations[0];
  const note = (split: Split) => html`<p class="note">${describeAlignment(sample, split)}</p>`;
  const all = (['test', 'val'] as const).flatMap((split) =>
    Object.keys(sample[split].conditions).map((name) => ({
      title: `${SPLITS[split]}, shortcut ${name}`,
      rows: scoreRows((e) => e[split].conditions[name]),
    })),
  );
  return html`${table('Scores and saliency, test images', splitGroups('test', sample, analysis), evaluations)}${note('test')}
${sample.val !== sample.test && html`<details><summary>The same on validation images, for choosing settings</summary>${table('Scores and saliency, validation images', splitGroups('val', sample), evaluations)}${note('val')}</details>`}
${all.length > 0 && html`<details><summary>Every score under each condition</summary>${table('Scores under each condition of the shortcut', all, evaluations)}</details>`}`;
}

/** The rows of one split. `sample` says what was measured; `analysis` has differences of test images. */
function splitGroups(split: Split, sample: Evaluation, analysis?: TestAnalysis): Group[] {
  const { conditions, shortcut, alignment } = sample[split];
  const from = (rows: readonly SplitRow[]): Row[] =>
    rows.map(({ value, interval, ...row }) => ({
      ...row,
      value: (e) => value(e[split]),
      ...(interval && { interval: (e) => e[split].intervals[interval] }),
    }));
  const differs = (metric: string, on?: string) =>
    analysis && { difference: differenceOf(analysis, metric as DifferenceMetric, on) };
  const scores = scoreRows((e) => e[split]).map((row) => ({
    ...row,
    interval: (e: Evaluation) => e[split].intervals[row.score],
    ...differs(row.score),
  }));
  return [
    { title: SPLITS[split], rows: scores },
    {
      title: 'Accuracy on the same images with the shortcut changed',
      rows: Object.keys(conditions).map((name) => ({
        label: `Shortcut ${name}`,
        kind: 'percent' as const,
        value: (e: Evaluation) => e[split].conditions[name]?.accuracy,
        ...differs('accuracy', name),
      })),
    },
    { title: 'Reliance on the shortcut', rows: shortcut ? from(SHORTCUT) : [] },
    {
      title: 'Agreement with real masks',
      rows: from(
        ALIGNMENT.filter(([metric]) => alignment?.[metric]).map(([metric, label, kind]) => ({
          ...{ label, kind, ...differs(metric) },
          value: (e) => e.alignment?.[metric]?.mean,
          interval: metric,
        })),
      ),
    },
    { title: 'Images whose saliency says nothing', rows: from(UNINFORMATIVE) },
  ];
}

/** Published scores of the data set; empty if none are known. */
export function publishedTable(dataset: string): Html | undefined {
  const scores = publishedScores(dataset);
  if (scores.length === 0) return undefined;
  const withAuc = scores.some(({ auc }) => auc !== undefined);
  return html`<h3>Published, to stand beside</h3>
${wideTable(
  'published',
  `Published scores on ${dataset}`,
  html`<thead><tr><th scope="col">Method</th><th scope="col" class="n">Accuracy</th>${withAuc && html`<th scope="col" class="n">AUC</th>`}<th scope="col">Source</th></tr></thead><tbody>
${scores.map(
  ({ method, accuracy, auc, source }) =>
    html`<tr><th scope="row">${method}</th><td class="n">${accuracy === undefined ? '–' : percent(accuracy)}</td>${withAuc && html`<td class="n">${auc === undefined ? '–' : auc.toFixed(3)}</td>`}<td>${source}</td></tr>`,
)}</tbody>`,
)}
<p class="note">Protocols differ; compare with care.</p>`;
}

type SplitRow = Omit<Row, 'value' | 'interval'> & {
  readonly value: (evaluation: SplitEvaluation) => number | undefined;
  /** Its name among the intervals. */
  readonly interval?: string;
};

const SHORTCUT: readonly SplitRow[] = [
  {
    label: 'Share of saliency on the shortcut',
    kind: 'percent',
    lower: true,
    value: (e) => e.shortcut?.share.mean,
    interval: 'shortcutShare',
  },
  {
    label: '… relative to its share of the area (1 = chance)',
    kind: 'times',
    lower: true,
    value: (e) => e.shortcut?.lift.mean,
  },
];

const UNINFORMATIVE: readonly SplitRow[] = [
  {
    label: 'Zero everywhere',
    kind: 'percent',
    lower: true,
    value: (e) => e.uninformative.empty,
  },
  {
    label: 'The same everywhere, but not zero',
    kind: 'percent',
    lower: true,
    value: (e) => e.uninformative.constant,
  },
];

function scoreRows(
  of: (evaluation: Evaluation) => ClassificationScores | undefined,
): (Row & { readonly score: keyof ClassificationScores })[] {
  return SCORES.map(([score, label, kind, lower]) => ({
    score,
    label,
    kind,
    lower,
    value: (evaluation) => of(evaluation)?.[score],
  }));
}

function table(
  caption: string,
  groups: readonly Group[],
  arms: readonly (readonly [Arm, Evaluation])[],
): Html {
  const both = arms.length === 2;
  return html`<table class="results"><caption>${caption}</caption><thead><tr><th scope="col">Figure</th>${arms.map(([arm]) => html`<th scope="col" class="n ${arm}">${ARM_NAMES[arm]}</th>`)}${both && html`<th scope="col" class="n">Change</th>`}</tr></thead>
${groups
  .filter(({ rows }) => rows.length > 0)
  .map(
    ({
      title,
      rows,
    }) => html`<tbody><tr><th scope="rowgroup" colspan="${arms.length + 1 + Number(both)}">${title}</th></tr>
${rows.map((row) =>
  tableRow(
    row,
    arms.map(([, evaluation]) => row.value(evaluation) ?? Number.NaN),
    arms.map(([, evaluation]) => row.interval?.(evaluation)),
  ),
)}</tbody>`,
  )}</table>`;
}

function tableRow(
  { label, kind, lower = false, difference }: Row,
  values: readonly number[],
  intervals: readonly (Range | undefined)[],
): Html {
  const shown = values.map((value) => format(value, kind));
  const [a, b] = values;
  const change = values.length === 2 ? b - a : Number.NaN;
  const better = shown[0] === shown[1] || Number.isNaN(change) ? -1 : Number(change > 0 !== lower);
  return html`<tr><th scope="row">${label}\u00a0<span class="way">${lower ? '↓' : '↑'}</span></th>
${shown.map((text, i) => html`<td class="n">${i === better ? html`<b>${text}</b>` : text}${rangeNote(intervals[i], kind)}</td>`)}
${values.length === 2 && html`<td class="n ${better === 1 ? 'good' : better === 0 ? 'bad' : ''}">${formatChange(change, kind)}${difference && changeNote(difference, kind)}</td>`}</tr>`;
}

/** The interval of a change, and how likely one as large is by chance. */
function changeNote({ low, high, p }: Difference, kind: Kind): Html | undefined {
  if (!Number.isFinite(low)) return undefined;
  return html`<small>${formatChange(low, kind)} to ${formatChange(high, kind)}${p !== undefined && `, p ${showP(p)}`}</small>`;
}

/** The interval of a value, in its unit. */
function rangeNote(interval: Range | undefined, kind: Kind): Html | undefined {
  if (!interval?.every(Number.isFinite)) return undefined;
  const [low, high] = interval.map((value) =>
    kind === 'percent' ? (100 * value).toFixed(1) : value.toFixed(3),
  );
  return html`<small>${low} to ${high}</small>`;
}

function format(value: number, kind: Kind): string {
  if (!Number.isFinite(value)) return '–';
  if (kind === 'percent') return percent(value);
  return kind === 'times' ? times(value) : value.toFixed(3);
}

function formatChange(change: number, kind: Kind): string {
  if (kind === 'percent') return points(change);
  return signed(change, kind === 'times' ? 1 : 3);
}
