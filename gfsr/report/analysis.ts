// What the test images say about the arms of a run, image by image: curves, classes, groups, and differences in pairs.

import { type CalibrationBins, calibrationBins } from '../../model/calibration.ts';
import { confusionMatrix, predictedClasses } from '../../model/metrics.ts';
import type { Dataset } from '../data/dataset.ts';
import type { ImageResults } from '../evaluation/evaluate.ts';
import {
  type Interval,
  percentiles,
  RESAMPLES,
  resamples,
  type Units,
  unitsOf,
  weightedMean,
} from '../evaluation/metrics/bootstrap.ts';
import {
  type ClassScores,
  classScores,
  type GroupScores,
  groupScores,
} from '../evaluation/metrics/class-scores.ts';
import {
  detectionCurves,
  meanCurves,
  POINTS,
  type Ranked,
  rankClass,
} from '../evaluation/metrics/detection-curves.ts';
import { gains, swapTest } from '../evaluation/metrics/swap-test.ts';
import { Turns } from '../machine/long-work.ts';
import { ARMS, type Arm, type ExperimentResult } from '../train/experiment.ts';

/** A figure with its 95 % interval. */
export interface Estimate extends Interval {
  readonly value: number;
}

/** A mean over images with a mask. */
export interface MaskedMean extends Estimate {
  readonly images: number;
}

/** A curve at 0, 0.01, … 1 with its 95 % band, [POINTS] each. */
export interface Band {
  readonly value: Float64Array;
  readonly low: Float64Array;
  readonly high: Float64Array;
}

/** One arm on the test images. */
export interface ArmAnalysis {
  /** Chosen class of each image. */
  readonly predicted: Int32Array;
  /** Counts [classes, classes]: row = true class, column = chosen one. */
  readonly confusion: Int32Array;
  readonly classes: readonly ClassScores[];
  /** By class, share of the saliency on the mask (EPG), NaN without one; absent if no test image has a mask. */
  readonly epg?: readonly MaskedMean[];
  readonly calibration: CalibrationBins;
  /** Absent where the data names no groups. */
  readonly groups?: readonly GroupScores[];
  /** Sensitivity by the share of false alarms; for more than two classes, the mean over them. */
  readonly roc: Band;
  /** Precision by sensitivity, likewise. */
  readonly precision: Band;
  readonly averagePrecision: Estimate;
}

/** Figures of which differences are tested. */
export type DifferenceMetric = 'accuracy' | 'auc' | 'epg';

/** What guidance changed: guided minus cross-entropy, on the same images. */
export interface Difference extends Estimate {
  /** `test`, or the name of a condition. */
  readonly on: string;
  readonly metric: DifferenceMetric;
  /** For accuracies: by `swapTest`, which swaps the units of the intervals. */
  readonly p?: number;
}

export interface TestAnalysis {
  readonly arms: Readonly<Partial<Record<Arm, ArmAnalysis>>>;
  /** Empty unless both arms were trained. */
  readonly differences: readonly Difference[];
  /** What was drawn for the intervals, and swapped for the tests. */
  readonly units: Units;
  /** The class that curves are about, of two; undefined for the mean over more. */
  readonly positive?: number;
}

/** Everything that is computed from predictions on test images. Intervals are those of `resamples`. */
export async function analyseTest(
  { arms }: Pick<ExperimentResult, 'arms'>,
  dataset: Dataset,
  turns = new Turns(),
): Promise<TestAnalysis> {
  const { test, classes } = dataset;
  const units = unitsOf(test.count, test.groups);
  const positive = classes.length === 2 ? 1 : undefined;
  const shown = positive === undefined ? classes.map((_, c) => c) : [positive];
  const trained = ARMS.flatMap((arm) => (arms[arm] ? [[arm, arms[arm].images] as const] : []));
  const seen = trained.map(([, images]) => new ArmInSamples(images, dataset, shown));
  let at = 0;
  for (const drawn of resamples(units)) {
    for (const arm of seen) arm.measure(drawn, at);
    at++;
    await turns.give();
  }
  return {
    arms: Object.fromEntries(
      trained.map(([arm, { probs }], i) => {
        const { labels, groups } = test;
        const count = classes.length;
        const predicted = predictedClasses(probs, count);
        const confusion = confusionMatrix(predicted, labels, count);
        return [
          arm,
          {
            ...{ predicted, confusion, classes: classScores(confusion, count) },
            calibration: calibrationBins(probs, labels, count),
            ...(groups && { groups: groupScores(groups, predicted, labels, count) }),
            ...seen[i].intervals(),
          },
        ];
      }),
    ),
    differences: seen.length === 2 ? differences(seen[0], seen[1], test.labels, units) : [],
    units,
    ...(positive !== undefined && { positive }),
  };
}

/** One figure of an arm: its value on all images, and in each resample. */
interface Sampled {
  readonly on: string;
  readonly metric: DifferenceMetric;
  readonly value: number;
  readonly samples: Float64Array;
  /** Chosen classes, for accuracies. */
  readonly predicted?: Int32Array;
}

/** An arm and what it measures in every resample. */
class ArmInSamples {
  readonly figures: readonly Sampled[];
  readonly #perImage: readonly (Float64Array | undefined)[];
  /** By class; `values` are NaN for images of other classes and those without a mask. */
  readonly #epg: readonly (Sampled & { readonly values: Float64Array })[];
  readonly #ranked: readonly Ranked[];
  readonly #whole: ReturnType<typeof meanCurves>;
  readonly #roc = new Float64Array(POINTS * RESAMPLES);
  readonly #precision = new Float64Array(POINTS * RESAMPLES);
  readonly #averagePrecision = new Float64Array(RESAMPLES);

  constructor(
    { probs, conditions, epg }: ImageResults,
    dataset: Dataset,
    shown: readonly number[],
  ) {
    const { test, classes } = dataset;
    const { labels } = test;
    const all = new Float64Array(test.count).fill(1);
    this.#ranked = shown.map((c) => rankClass(probs, labels, classes.length, c));
    this.#whole = meanCurves(this.#ranked.map((ranked) => detectionCurves(ranked, all)));
    const mean = (on: string, metric: DifferenceMetric, values: Float64Array) => ({
      ...{ on, metric, values, value: weightedMean(values, all) },
      samples: new Float64Array(RESAMPLES),
    });
    const measured = [
      ...Object.entries({ test: probs, ...conditions }).flatMap(([on, each]) => {
        if (each.length !== probs.length) return []; // other images: nothing to pair
        const predicted = predictedClasses(each, classes.length);
        const right = Float64Array.from(predicted, (c, i) => Number(c === labels[i]));
        return [{ ...mean(on, 'accuracy', right), predicted }];
      }),
      { ...mean('test', 'auc', all), value: this.#whole.auc, values: undefined },
      ...(epg ? [mean('test', 'epg', epg)] : []),
    ];
    this.#epg = classes.flatMap((_, c) => {
      const values = epg?.map((share, i) => (labels[i] === c ? share : Number.NaN));
      return values ? [{ ...mean('test', 'epg', values), values }] : [];
    });
    this.figures = measured;
    this.#perImage = measured.map(({ values }) => values);
  }

  /** Measures resample `at`. */
  measure(drawn: Float64Array, at: number): void {
    const curves = meanCurves(this.#ranked.map((ranked) => detectionCurves(ranked, drawn)));
    for (const [i, { samples }] of this.figures.entries()) {
      const values = this.#perImage[i];
      samples[at] = values ? weightedMean(values, drawn) : curves.auc;
    }
    for (const { values, samples } of this.#epg) samples[at] = weightedMean(values, drawn);
    this.#averagePrecision[at] = curves.averagePrecision;
    for (let p = 0; p < POINTS; p++) {
      this.#roc[p * RESAMPLES + at] = curves.sensitivity[p];
      this.#precision[p * RESAMPLES + at] = curves.precision[p];
    }
  }

  intervals(): Pick<ArmAnalysis, 'roc' | 'precision' | 'averagePrecision' | 'epg'> {
    const { sensitivity, precision, averagePrecision } = this.#whole;
    const spread = percentiles(this.#averagePrecision);
    return {
      roc: band(sensitivity, this.#roc),
      precision: band(precision, this.#precision),
      averagePrecision: { value: averagePrecision, ...spread },
      ...(this.#epg.length > 0 && {
        epg: this.#epg.map(({ value, values, samples }) => ({
          images: values.filter((share) => !Number.isNaN(share)).length,
          value,
          ...percentiles(samples),
        })),
      }),
    };
  }
}

/** @param samples [POINTS, RESAMPLES] */
function band(value: Float64Array, samples: Float64Array): Band {
  const intervals = Array.from(value, (_, p) =>
    percentiles(samples.subarray(p * RESAMPLES, (p + 1) * RESAMPLES)),
  );
  const side = (of: (interval: Interval) => number) => Float64Array.from(intervals, of);
  return { value, low: side(({ low }) => low), high: side(({ high }) => high) };
}

function differences(
  plain: ArmInSamples,
  guided: ArmInSamples,
  labels: Int32Array,
  units: Units,
): Difference[] {
  return plain.figures.map(({ on, metric, value, samples, predicted }, i) => {
    const other = guided.figures[i];
    const isTested = predicted !== undefined && other.predicted !== undefined;
    return {
      ...{ on, metric, value: other.value - value },
      ...percentiles(samples.map((sample, at) => other.samples[at] - sample)),
      ...(isTested && { p: swapTest(gains(predicted, other.predicted, labels, units)) }),
    };
  });
}

/** The difference of a figure; undefined if it was not measured, or for one arm alone. */
export const differenceOf = (
  { differences }: TestAnalysis,
  metric: DifferenceMetric,
  on = 'test',
): Difference | undefined =>
  differences.find((difference) => difference.metric === metric && difference.on === on);
