// What a run found, as lines for a person: both arms side by side, reliance on the shortcut, published scores.

import type { ClassificationScores } from '../../model/scores.ts';
import { publishedScores } from '../data/catalog.ts';
import type { Dataset } from '../data/dataset.ts';
import type { Evaluation, SplitEvaluation } from '../evaluation/evaluate.ts';
import { row, table } from '../text/lines.ts';
import { describeAlignment } from './alignment-note.ts';

/** By arm, or by the name of what was evaluated. */
export type Evaluations = Readonly<Record<string, Evaluation>>;

const SCORES: Readonly<Record<keyof ClassificationScores, string>> = {
  accuracy: 'accuracy',
  balancedAccuracy: 'balanced accuracy',
  macroF1: 'macro F1',
  auc: 'macro AUC',
  worstClassAccuracy: 'accuracy of the worst class',
  ece: 'calibration error (ECE)',
};

/** Alignment metrics that are shown here. The report has all of them. */
const ALIGNMENT: Readonly<Record<string, string>> = {
  epg: 'saliency on the real mask (EPG)',
  iou: 'IoU with the real mask',
  pointingGame: 'pointing game',
};

type Row = readonly [string, (evaluation: Evaluation) => number | undefined];

/** The table of all arms on test images, a sentence on the shortcut, and published scores, as lines. */
export const describeFindings = (evaluations: Evaluations, dataset: Dataset): string[] => [
  ...describeSplit(evaluations, 'test'),
  ...shortcutSentences(evaluations),
  ...publishedLines(dataset.name),
];

/** The table of all arms on one split, and at which resolution saliency was compared. */
export function describeSplit(evaluations: Evaluations, split: 'val' | 'test'): string[] {
  const [first] = Object.values(evaluations);
  const lines = columns(evaluations, splitRows(split, first));
  return first ? [...lines, '', describeAlignment(first, split)] : lines;
}

function columns(evaluations: Evaluations, rows: readonly Row[]): string[] {
  const arms = Object.entries(evaluations);
  return table([
    ['', ...arms.map(([arm]) => arm)],
    ...rows.map(([label, value]) => [
      label,
      ...arms.map(([, evaluation]) => decimal(value(evaluation))),
    ]),
  ]);
}

/** Scores, conditions of the shortcut, and figures of the saliency. */
function splitRows(split: 'val' | 'test', sample: Evaluation): Row[] {
  const { conditions, alignment, shortcut } = sample[split];
  const row = (label: string, value: (e: SplitEvaluation) => number | undefined): Row => [
    label,
    (evaluation) => value(evaluation[split]),
  ];
  return [
    ...Object.entries(SCORES).map(([score, label]) =>
      row(`${split} ${label}`, (e) => e[score as keyof ClassificationScores]),
    ),
    ...Object.keys(conditions).map((name) =>
      row(`${split} accuracy, shortcut ${name}`, (e) => e.conditions[name]?.accuracy),
    ),
    ...(shortcut
      ? [
          row('share of saliency on the shortcut', (e) => e.shortcut?.share.mean),
          row('… over its share of the area', (e) => e.shortcut?.lift.mean),
        ]
      : []),
    ...Object.entries(ALIGNMENT)
      .filter(([metric]) => alignment?.[metric])
      .map(([metric, label]) => row(label, (e) => e.alignment?.[metric].mean)),
    row(
      'images whose saliency is empty or constant',
      ({ uninformative: { empty, constant } }) => empty + constant,
    ),
  ];
}

function shortcutSentences({ guided, 'cross-entropy': plain }: Evaluations): string[] {
  const [a, b] = [plain?.test.conditions.misleading, guided?.test.conditions.misleading];
  const [from, to] = [plain?.test.shortcut?.share.mean, guided?.test.shortcut?.share.mean];
  if (!a || !b || from === undefined || to === undefined) return [];
  return [
    '',
    `With the shortcut misleading, cross-entropy alone gets ${percent(a.accuracy)} right, guided training ${percent(b.accuracy)}.`,
    `Without guidance, ${percent(from)} of the saliency lies on the shortcut; with guidance, ${percent(to)}.`,
  ];
}

/** The number of published scores shown here. The report has all of them. */
function publishedLines(datasetName: string): string[] {
  const all = publishedScores(datasetName);
  const lines = all.slice(0, MOST_PUBLISHED).map(({ method, accuracy, auc, source }) => {
    const known = [
      ...(accuracy === undefined ? [] : [`accuracy ${decimal(accuracy)}`]),
      ...(auc === undefined ? [] : [`AUC ${decimal(auc)}`]),
    ];
    return row('published', `${method}: ${known.join(', ')} (${source})`);
  });
  return lines.length > 0 ? ['', ...lines] : [];
}

const MOST_PUBLISHED = 2;

const decimal = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value) ? '–' : value.toFixed(3);

const percent = (value: number): string => `${(100 * value).toFixed(1)} %`;
