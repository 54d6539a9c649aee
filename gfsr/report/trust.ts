// The results of an examination for a person: scores, uncertainty, spread of an ensemble, faithfulness.

import type { Dataset } from '../data/dataset.ts';
import type { Examination, Trust } from '../evaluation/examination.ts';
import type { Faithfulness } from '../evaluation/metrics/faithfulness.ts';
import type { Uncertainty } from '../evaluation/uncertainty/measure.ts';
import type { Spread } from '../evaluation/uncertainty/spread.ts';
import { table } from '../text/lines.ts';
import { describeFindings, describeSplit } from './findings.ts';

/** By the name of what was measured. */
type ByName<T> = Readonly<Record<string, T>>;

/** Figures in rows, with a label each; NaN where one was not measured. */
export interface TrustTable {
  readonly title: string;
  /** How to read it. */
  readonly note: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly [label: string, ...values: number[]])[];
}

/** Tables with one column per classifier. For test images with published scores, and with everything on request. */
export function describeExaminations(
  all: ByName<Examination>,
  split: 'val' | 'test',
  dataset: Dataset,
): string[] {
  const evaluations = Object.fromEntries(
    Object.entries(all).map(([name, { evaluation }]) => [name, evaluation]),
  );
  if (split === 'val') return describeSplit(evaluations, 'val');
  return [
    ...describeFindings(evaluations, dataset),
    ...trustTables(all).flatMap(({ title, columns, rows }) => [
      '',
      ...table([
        [title, ...columns],
        ...rows.map(([label, ...values]) => [label, ...values.map(decimal)]),
      ]),
    ]),
  ];
}

/** Everything that was measured besides the scores. Each classifier has its own table of randomised layers. */
export function trustTables(all: ByName<Trust>): TrustTable[] {
  const of = <K extends keyof Trust>(key: K) =>
    Object.fromEntries(
      Object.entries(all).flatMap(([name, each]) => (each[key] ? [[name, each[key]]] : [])),
    ) as Record<string, NonNullable<Trust[K]>>;
  return [
    ...spreadTable(of('spread')),
    ...uncertaintyTable(of('uncertainty')),
    ...faithfulnessTable(of('faithfulness')),
    ...Object.entries(of('randomisation')).map(
      ([name, layers]): TrustTable => ({
        title: `${name}: weights randomised from the output down to`,
        note: 'Saliency before and after the weights of these layers were replaced by random ones. It should change: maps that stay the same do not depend on what was learnt.',
        columns: ['rank correlation', 'SSIM'],
        rows: layers.map(({ layer, rankCorrelation, ssim }) => [
          ...([layer, rankCorrelation.mean, ssim.mean] as const),
        ]),
      }),
    ),
  ];
}

/** The same as plain data: the figures of one split, and for test images everything else that was measured. */
export const examinationData = (all: ByName<Examination>, split: 'val' | 'test') =>
  Object.fromEntries(
    Object.entries(all).map(([name, { evaluation, ...further }]) => {
      const { mapSize, imageSize } = evaluation;
      const figures = { ...evaluation[split], mapSize, imageSize };
      return [name, split === 'val' ? figures : { ...figures, ...further }];
    }),
  );

function spreadTable(spreads: ByName<Spread>): TrustTable[] {
  const note = 'Over the members of the ensemble: how unsure they are, and how far they disagree.';
  return columns('Spread', note, spreads, [
    ['entropy of the mean prediction (nats)', (s) => s.total.mean],
    ['… part on which members disagree', (s) => s.disagreement.mean],
    ['errors found by entropy (AUC)', (s) => s.errorsByTotal],
    ['errors found by disagreement (AUC)', (s) => s.errorsByDisagreement],
    ["rank correlation of two members' maps", (s) => s.saliencyAgreement.mean],
  ]);
}

function uncertaintyTable(all: ByName<Uncertainty>): TrustTable[] {
  const [first] = Object.values(all);
  if (!first) return [];
  const promised = `${Math.round(100 * (1 - first.alpha))} %`;
  const sets = (['lac', 'aps'] as const).flatMap((score): Row<Uncertainty>[] => [
    ...Object.keys(first.sets[score]).map(
      (on): Row<Uncertainty> => [
        `${score.toUpperCase()} sets for ${promised}: coverage, ${on === 'test' ? 'test' : `shortcut ${on}`}`,
        (u) => u.sets[score][on]?.coverage,
      ],
    ),
    [
      `${score.toUpperCase()} sets: coverage of the worst class, test`,
      (u) => u.sets[score].test.worstClassCoverage,
    ],
    [`${score.toUpperCase()} sets: mean number of classes, test`, (u) => u.sets[score].test.size],
    [`${score.toUpperCase()} sets: share of empty sets, test`, (u) => u.sets[score].test.empty],
  ]);
  const note = `Temperature and sets are fitted on validation images. Each set of classes should hold the true one in ${promised} of the images; LAC and APS are two ways to choose them.`;
  return columns('Uncertainty', note, all, [
    ['temperature, fitted on val', (u) => u.temperature],
    ['calibration error (ECE) before', (u) => u.before.ece],
    ['calibration error (ECE) after', (u) => u.after.ece],
    ['negative log likelihood before', (u) => u.before.nll],
    ['negative log likelihood after', (u) => u.after.nll],
    ...sets,
  ]);
}

function faithfulnessTable(all: ByName<Faithfulness>): TrustTable[] {
  const [first] = Object.values(all);
  if (!first) return [];
  const note =
    'Pixels are removed or added in the order of their saliency. A faithful map makes the probability fall early when the highest are removed (deletion, low is good) and rise early when they are added (insertion, high is good). ROAD compares removing the least salient first with the most salient first.';
  return columns('Faithfulness', note, all, [
    [`deletion AUC ↓ (${first.deletion.count} images)`, (f) => f.deletion.mean],
    ['insertion AUC ↑', (f) => f.insertion.mean],
    ['ROAD, (LeRF − MoRF)/2 ↑', (f) => f.road.mean],
  ]);
}

type Row<T> = readonly [string, (value: T) => number | undefined];

/** A table with one column per name. None if there are no names. */
function columns<T>(
  title: string,
  note: string,
  all: ByName<T>,
  rows: readonly Row<T>[],
): TrustTable[] {
  const entries = Object.entries(all);
  if (entries.length === 0) return [];
  return [
    {
      ...{ title, note, columns: entries.map(([name]) => name) },
      rows: rows.map(([label, value]) => [
        label,
        ...entries.map(([, each]) => value(each) ?? Number.NaN),
      ]),
    },
  ];
}

const decimal = (value: number): string => (Number.isNaN(value) ? '–' : value.toFixed(3));
