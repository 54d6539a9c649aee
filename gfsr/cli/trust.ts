// Whether predictions and maps can be trusted, for a person: uncertainty, spread of an ensemble, faithfulness.

import { predictedClasses, rocAuc } from '../../model/metrics.ts';
import type { Dataset } from '../data/dataset.ts';
import { type Aggregate, aggregate } from '../evaluation/metrics/alignment.ts';
import type { Faithfulness } from '../evaluation/metrics/faithfulness.ts';
import type { RandomisedLayer } from '../evaluation/metrics/parameter-randomisation.ts';
import {
  type Ensemble,
  predictionSpread,
  saliencySpread,
} from '../evaluation/uncertainty/ensemble.ts';
import type { Uncertainty } from '../evaluation/uncertainty/measure.ts';
import type { SaliencyOptions } from '../guidance/saliency.ts';
import { table } from '../text/lines.ts';

/** By the name of what was measured. */
type ByName<T> = Readonly<Record<string, T>>;

/** How far the members of an ensemble are apart on test images. */
export interface Spread {
  /** Entropy of the mean prediction, in nats. */
  readonly total: Aggregate;
  /** The part of it that is disagreement. */
  readonly disagreement: Aggregate;
  /** AUC of total and disagreement as detectors of wrong answers; NaN where all are right or wrong. */
  readonly errorsByTotal: number;
  readonly errorsByDisagreement: number;
  /** Mean rank correlation of two members' maps. */
  readonly saliencyAgreement: Aggregate;
}

export async function measureSpread(
  ensemble: Ensemble,
  { test, classes }: Dataset,
  options: SaliencyOptions,
): Promise<Spread> {
  const members = await ensemble.explainEach(test, options);
  const each = members.map(({ probs }) => probs);
  const { total, disagreement } = predictionSpread(each, classes.length);
  const { probs } = await ensemble.predict(test);
  const predicted = predictedClasses(probs, classes.length);
  const wrong = Array.from(predicted, (c, i) => c !== test.labels[i]);
  return {
    total: aggregate(total),
    disagreement: aggregate(disagreement),
    errorsByTotal: rocAuc(total, wrong),
    errorsByDisagreement: rocAuc(disagreement, wrong),
    saliencyAgreement: aggregate(saliencySpread(members).agreement),
  };
}

export function describeSpread(spreads: ByName<Spread>): string[] {
  return columns(spreads, [
    ['entropy of the mean prediction (nats)', (s) => s.total.mean],
    ['… of which the members disagree on', (s) => s.disagreement.mean],
    ['wrong answers found by entropy (AUC)', (s) => s.errorsByTotal],
    ['wrong answers found by disagreement (AUC)', (s) => s.errorsByDisagreement],
    ["rank correlation of two members' maps", (s) => s.saliencyAgreement.mean],
  ]);
}

export function describeUncertainty(all: ByName<Uncertainty>): string[] {
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
    [`${score.toUpperCase()} sets: share of empty ones, test`, (u) => u.sets[score].test.empty],
  ]);
  return columns(all, [
    ['temperature, fit on val', (u) => u.temperature],
    ['calibration error (ECE) before', (u) => u.before.ece],
    ['calibration error (ECE) after', (u) => u.after.ece],
    ['negative log likelihood before', (u) => u.before.nll],
    ['negative log likelihood after', (u) => u.after.nll],
    ...sets,
  ]);
}

export function describeFaithfulness(all: ByName<Faithfulness>): string[] {
  const [first] = Object.values(all);
  if (!first) return [];
  return columns(all, [
    [`deletion AUC ↓ (${first.deletion.count} images)`, (f) => f.deletion.mean],
    ['insertion AUC ↑', (f) => f.insertion.mean],
    ['ROAD, (LeRF − MoRF)/2 ↑', (f) => f.road.mean],
  ]);
}

/** One block a classifier, for their layers may differ. */
export function describeRandomisation(all: ByName<readonly RandomisedLayer[]>): string[] {
  return Object.entries(all).flatMap(([name, layers]) => [
    '',
    ...table([
      [`${name}: random weights from the output down to`, 'rank correlation', 'SSIM'],
      ...layers.map(({ layer, rankCorrelation, ssim }) => [
        layer,
        decimal(rankCorrelation.mean),
        decimal(ssim.mean),
      ]),
    ]),
  ]);
}

type Row<T> = readonly [string, (value: T) => number | undefined];

/** A table with a column for each name, after an empty line; nothing where there are none. */
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
