// The results of an examination for a person: scores, uncertainty, spread of an ensemble, faithfulness.

import type { Dataset } from '../data/dataset.ts';
import type { Examination } from '../evaluation/examination.ts';
import type { Faithfulness } from '../evaluation/metrics/faithfulness.ts';
import type { RandomisedLayer } from '../evaluation/metrics/parameter-randomisation.ts';
import type { Uncertainty } from '../evaluation/uncertainty/measure.ts';
import type { Spread } from '../evaluation/uncertainty/spread.ts';
import { table } from '../text/lines.ts';
import { describeFindings, describeSplit } from './findings.ts';

/** By the name of what was measured. */
type ByName<T> = Readonly<Record<string, T>>;

/** Tables with one column per classifier. For test images with published scores, and with everything on request. */
export function describeExaminations(
  all: ByName<Examination>,
  split: 'val' | 'test',
  dataset: Dataset,
): string[] {
  const of = <K extends keyof Examination>(key: K) =>
    Object.fromEntries(
      Object.entries(all).flatMap(([name, each]) => (each[key] ? [[name, each[key]]] : [])),
    ) as Record<string, NonNullable<Examination[K]>>;
  if (split === 'val') return describeSplit(of('evaluation'), 'val');
  return [
    ...describeFindings(of('evaluation'), dataset),
    ...describeSpread(of('spread')),
    ...describeUncertainty(of('uncertainty')),
    ...describeFaithfulness(of('faithfulness')),
    ...describeRandomisation(of('randomisation')),
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

function describeSpread(spreads: ByName<Spread>): string[] {
  return columns(spreads, [
    ['entropy of the mean prediction (nats)', (s) => s.total.mean],
    ['… part on which members disagree', (s) => s.disagreement.mean],
    ['errors found by entropy (AUC)', (s) => s.errorsByTotal],
    ['errors found by disagreement (AUC)', (s) => s.errorsByDisagreement],
    ["rank correlation of two members' maps", (s) => s.saliencyAgreement.mean],
  ]);
}

function describeUncertainty(all: ByName<Uncertainty>): string[] {
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
  return columns(all, [
    ['temperature, fitted on val', (u) => u.temperature],
    ['calibration error (ECE) before', (u) => u.before.ece],
    ['calibration error (ECE) after', (u) => u.after.ece],
    ['negative log likelihood before', (u) => u.before.nll],
    ['negative log likelihood after', (u) => u.after.nll],
    ...sets,
  ]);
}

function describeFaithfulness(all: ByName<Faithfulness>): string[] {
  const [first] = Object.values(all);
  if (!first) return [];
  return columns(all, [
    [`deletion AUC ↓ (${first.deletion.count} images)`, (f) => f.deletion.mean],
    ['insertion AUC ↑', (f) => f.insertion.mean],
    ['ROAD, (LeRF − MoRF)/2 ↑', (f) => f.road.mean],
  ]);
}

/** One block per classifier, because their layers may differ. */
function describeRandomisation(all: ByName<readonly RandomisedLayer[]>): string[] {
  return Object.entries(all).flatMap(([name, layers]) => [
    '',
    ...table([
      [`${name}: weights randomised from the output down to`, 'rank correlation', 'SSIM'],
      ...layers.map(({ layer, rankCorrelation, ssim }) => [
        layer,
        decimal(rankCorrelation.mean),
        decimal(ssim.mean),
      ]),
    ]),
  ]);
}

type Row<T> = readonly [string, (value: T) => number | undefined];

/** A table with one column per name, after an empty line. Empty if there are no rows. */
function columns<T>(all: ByName<T>, rows: readonly Row<T>[]): string[] {
  const entries = Object.entries(all);
  if (entries.length === 0) return [];
  return [
    '',
    ...table([
      ['', ...entries.map(([name]) => name)],
      ...rows.map(([label, value]) => [label, ...entries.map(([, each]) => decimal(value(each)))]),
    ]),
  ];
}

const decimal = (value: number | undefined): string =>
  value === undefined || Number.isNaN(value) ? '–' : value.toFixed(3);
