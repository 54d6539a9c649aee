// ROC, precision–recall and calibration of the arms as charts, with the intervals of their areas.

import type { CalibrationBins } from '../../model/calibration.ts';
import type { Dataset } from '../data/dataset.ts';
import { BOOTSTRAP_SEED, RESAMPLES } from '../evaluation/metrics/bootstrap.ts';
import { share } from '../evaluation/metrics/class-scores.ts';
import { POINTS } from '../evaluation/metrics/detection-curves.ts';
import { ARMS, type Arm, type ExperimentResult } from '../train/experiment.ts';
import type { ArmAnalysis, Band, TestAnalysis } from './analysis.ts';
import { count, percent } from './finding.ts';
import { type Html, html } from './html.ts';
import { ARM_NAMES, legend } from './report-table.ts';
import { type SquarePoint, squareChart } from './square-chart.ts';

/** Points of a curve that are drawn: every second one keeps the page small. */
const EVERY = 2;

export function curveSection(
  analysis: TestAnalysis,
  { arms }: Pick<ExperimentResult, 'arms'>,
  { classes }: Dataset,
): Html {
  const { units, positive } = analysis;
  const trained = ARMS.flatMap((arm) => {
    const [found, result] = [analysis.arms[arm], arms[arm]];
    return found && result ? [{ arm, found, scores: result.evaluation.test }] : [];
  });
  const draw = (points: (found: ArmAnalysis) => readonly SquarePoint[], dots = false) =>
    trained.map(({ arm, found }) => ({ arm, points: points(found), dots }));
  const say = (value: (one: (typeof trained)[number]) => string) =>
    trained.map((one) => `${ARM_NAMES[one.arm].toLowerCase()} ${value(one)}`).join(', ');
  const decimal = (value: number) => (Number.isFinite(value) ? value.toFixed(3) : '–');
  const about =
    positive === undefined
      ? `Each class is told from all others; the curves are means over the ${classes.length} classes.`
      : `The curves are about finding ${classes[positive]}.`;
  const drawn =
    units.kind === 'groups'
      ? `${count(units.count)} groups of images`
      : `${count(units.count)} images`;
  return html`<section><h2>At every threshold</h2>
<p class="note">${about} A classifier gives each image a probability; wherever the line between yes and no is drawn, it finds some share of the true cases (sensitivity) at the price of some false alarms. The bands hold 95 % of ${count(RESAMPLES)} draws of the ${drawn} (bootstrap, seed ${BOOTSTRAP_SEED}; both arms on the same draws). Calibration: of the images with about the same confidence, as many should be right; bars are 95 % intervals.</p>
${legend(trained.map(({ arm }) => arm))}
<div class="charts three">
${squareChart({
  title: 'ROC curve',
  ...{ x: 'False alarms (1 − specificity)', y: 'True cases found (sensitivity)', diagonal: true },
  lines: draw(({ roc }) => bandPoints(roc)),
  alt: `area under the curve (AUC) ${say(({ scores }) => decimal(scores.auc))}`,
})}
${squareChart({
  title: 'Precision and recall',
  ...{ x: 'True cases found (recall)', y: 'Of those called so, right (precision)' },
  lines: draw(({ precision }) => bandPoints(precision)),
  alt: `average precision ${say(({ found }) => decimal(found.averagePrecision.value))}`,
})}
${squareChart({
  title: 'Calibration',
  ...{ x: 'Confidence', y: 'Right', diagonal: true },
  lines: draw(({ calibration }) => calibrationPoints(calibration), true),
  alt: `calibration error (ECE) ${say(({ scores }) => decimal(scores.ece))}`,
})}</div>
<p class="note">Average precision: ${trained.map(
    (
      {
        arm,
        found: {
          averagePrecision: { value, low, high },
        },
      },
      i,
    ) =>
      html`${i > 0 && '; '}${ARM_NAMES[arm as Arm].toLowerCase()} ${decimal(value)} (${decimal(low)} to ${decimal(high)})`,
  )}. Calibration error (ECE): ${say(({ scores }) => percent(scores.ece))}.</p></section>`;
}

const bandPoints = ({ value, low, high }: Band): SquarePoint[] =>
  Array.from(value, (y, p) => ({ x: p / (POINTS - 1), y, low: low[p], high: high[p] })).filter(
    (_, p) => p % EVERY === 0,
  );

/** Bins without images are left out. */
const calibrationPoints = ({ count: n, right, confidence }: CalibrationBins): SquarePoint[] =>
  Array.from(n, (images, bin) => {
    const { value, low, high } = share(right[bin], images);
    return { x: confidence[bin] / images, y: value, low, high };
  }).filter(({ y }) => Number.isFinite(y));
