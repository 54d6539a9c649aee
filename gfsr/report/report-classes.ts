// Which classes are taken for which, and how well each class and each group of images is recognised.

import type { Dataset } from '../data/dataset.ts';
import type { ClassScores, Share } from '../evaluation/metrics/class-scores.ts';
import { ARMS } from '../train/experiment.ts';
import type { ArmAnalysis, MaskedMean, TestAnalysis } from './analysis.ts';
import { count, percent } from './finding.ts';
import { type Html, html } from './html.ts';
import { wideTable } from './page.ts';
import { ARM_NAMES } from './report-table.ts';

/** Columns of more classes are headed by numbers, so that they stay narrow. */
const MOST_NAMED = 4;
/** A matrix of more classes would be no help: the most frequent confusions are listed instead. */
const MOST_CLASSES = 12;
const LISTED_CONFUSIONS = 15;
/** A group of fewer images says next to nothing, so it is only named. */
const LEAST_IMAGES = 10;
const SHOWN_GROUPS = 20;

const trainedArms = ({ arms }: TestAnalysis) =>
  ARMS.flatMap((arm) => (arms[arm] ? [{ arm, found: arms[arm] }] : []));

/** Confusion matrices and the table of classes. */
export function classSection(analysis: TestAnalysis, { classes, test }: Dataset): Html {
  const trained = trainedArms(analysis);
  const isSmall = classes.length <= MOST_CLASSES;
  const table = classTable(analysis, classes);
  return html`<section><h2>Class by class</h2>
<p class="note">${count(test.count)} test images. Rows are the true classes, columns what the classifier says; the diagonal is right.${!isSmall && ` With ${classes.length} classes, the most frequent confusions are listed; confusion.csv has all.`}</p>
<div class="matrices">${trained.map(({ arm, found }) =>
    isSmall
      ? confusionTable(`Confusion matrix, ${ARM_NAMES[arm].toLowerCase()}`, found, classes)
      : confusionList(`Most frequent confusions, ${ARM_NAMES[arm].toLowerCase()}`, found, classes),
  )}</div>
<p class="note">Sensitivity (recall): of the images of a class, how many are found. Specificity: of all other images, how many are not called so. PPV and NPV (predictive values): of the images called so, and of those not called so, how many are right; they hold for classes as frequent as here. Below each figure its 95 % interval (Wilson).${trained.some(({ found }) => found.epg) && ' On the mask: mean share of the saliency (EPG), with its bootstrap interval.'}</p>
${isSmall ? table : html`<details><summary>All ${classes.length} classes</summary>${table}</details>`}</section>`;
}

function confusionTable(caption: string, { confusion }: ArmAnalysis, classes: readonly string[]) {
  const isNumbered = classes.length > MOST_NAMED;
  const rows = classes.map((name, truth) => {
    const counts = classes.map((_, said) => confusion[truth * classes.length + said]);
    const total = counts.reduce((a, b) => a + b, 0);
    return html`<tr><th scope="row">${isNumbered && `${truth + 1}. `}${name}</th>${counts.map(
      (n, said) =>
        html`<td class="n${said === truth ? ' diagonal' : ''}" style="--share:${(n / Math.max(1, total)).toFixed(3)}">${count(n)}</td>`,
    )}</tr>`;
  });
  return wideTable(
    'confusion',
    caption,
    html`<thead><tr><th scope="col">True class</th>${classes.map((name, c) => html`<th scope="col" class="n" abbr="${name}">${isNumbered ? `${c + 1}.` : name}</th>`)}</tr></thead><tbody>${rows}</tbody>`,
  );
}

function confusionList(caption: string, { confusion }: ArmAnalysis, classes: readonly string[]) {
  const confused = Array.from(confusion, (images, at) => ({
    images,
    truth: Math.floor(at / classes.length),
    said: at % classes.length,
  }))
    .filter(({ images, truth, said }) => images > 0 && truth !== said)
    .sort((a, b) => b.images - a.images)
    .slice(0, LISTED_CONFUSIONS);
  return wideTable(
    'confused',
    caption,
    html`<thead><tr><th scope="col">True class</th><th scope="col">Taken for</th><th scope="col" class="n">Images</th></tr></thead><tbody>${confused.map(
      ({ images, truth, said }) =>
        html`<tr><th scope="row">${classes[truth]}</th><td>${classes[said]}</td><td class="n">${count(images)}</td></tr>`,
    )}</tbody>`,
  );
}

const ON_MASK = 'On the mask';

const SCORES: readonly [keyof ClassScores, string][] = [
  ['sensitivity', 'Sensitivity'],
  ['specificity', 'Specificity'],
  ['ppv', 'PPV'],
  ['npv', 'NPV'],
];

function classTable(analysis: TestAnalysis, classes: readonly string[]): Html {
  const trained = trainedArms(analysis);
  const isAligned = trained.some(({ found }) => found.epg);
  const labels = [...SCORES.map(([, label]) => label), ...(isAligned ? [ON_MASK] : [])];
  const bodies = trained.map(
    ({
      arm,
      found,
    }) => html`<tbody><tr><th scope="rowgroup" colspan="${labels.length + 2}">${ARM_NAMES[arm]}</th></tr>
${found.classes.map(
  (scores, c) =>
    html`<tr><th scope="row">${classes[c]}</th><td class="n">${count(scores.sensitivity.of)}</td>${SCORES.map(([key]) => shareCell(scores[key]))}${found.epg && shareCell(found.epg[c])}</tr>`,
)}</tbody>`,
  );
  return wideTable(
    'classes',
    'What is found of each class, and on what evidence, test images',
    html`<thead><tr><th scope="col">Class</th><th scope="col" class="n">Images</th>${labels.map((label) => html`<th scope="col" class="n">${label}</th>`)}</tr></thead>${bodies}`,
  );
}

const shareCell = ({ value, low, high }: Share | MaskedMean): Html =>
  html`<td class="n">${percent(value)}${Number.isFinite(value) && html`<small>${(100 * low).toFixed(0)} to ${(100 * high).toFixed(0)}</small>`}</td>`;

/** Accuracy and sensitivity by group; empty where the data names none. */
export function groupSection(analysis: TestAnalysis, { classes, test }: Dataset): Html | undefined {
  const trained = trainedArms(analysis);
  const [first] = trained;
  const all = first?.found.groups;
  if (!all || !test.groups) return undefined;
  const large = all.filter(({ accuracy }) => accuracy.of >= LEAST_IMAGES);
  const small = all.slice(large.length);
  const shown = large.slice(0, SHOWN_GROUPS);
  const { positive } = analysis;
  const sensitivity = positive !== undefined;
  const head = html`<thead><tr><th scope="col">Group</th><th scope="col" class="n">Images</th>${trained.map(({ arm }) => html`<th scope="col" class="n">Accuracy, ${ARM_NAMES[arm].toLowerCase()}</th>${sensitivity && html`<th scope="col" class="n">Sensitivity for ${classes[positive]}, ${ARM_NAMES[arm].toLowerCase()}</th>`}`)}</tr></thead>`;
  const rows = shown.map(
    ({ group, accuracy }, i) =>
      html`<tr><th scope="row">${group}</th><td class="n">${count(accuracy.of)}</td>${trained.map(
        ({ found }) => {
          const own = found.groups?.[i];
          return (
            own &&
            html`${shareCell(own.accuracy)}${sensitivity && shareCell(own.sensitivity[positive])}`
          );
        },
      )}</tr>`,
  );
  const named = small
    .slice(-8)
    .map(({ group, accuracy }) => `${group} (${accuracy.of})`)
    .join(', ');
  return html`<section><h2>Group by group</h2>
<p class="note">The data names ${count(all.length)} groups of test images. A gap between groups means something only where their intervals are apart.${large.length > shown.length && ` The ${SHOWN_GROUPS} largest are shown; groups.csv has all.`}${small.length > 0 && ` ${count(small.length)} ${small.length === 1 ? 'group has' : 'groups have'} fewer than ${LEAST_IMAGES} images, too few to say anything. The smallest: ${named}.`}</p>
${shown.length > 0 && wideTable('classes', 'Accuracy by group, test images', html`${head}<tbody>${rows}</tbody>`)}</section>`;
}
