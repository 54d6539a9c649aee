// A self-contained page about a comparison: its tables, and where every condition looks on the same images.

import type { Dataset } from '../data/dataset.ts';
import { rowAt } from '../image/rows.ts';
import { percent } from '../report/finding.ts';
import { type Html, html, type Value } from '../report/html.ts';
import { page, softwareBadge, wideTable } from '../report/page.ts';
import { drawHeat, drawImage, pictureAt } from '../report/pictures.ts';
import { heatScale, tile } from '../report/report-gallery.ts';
import { countOfSeeds } from '../text/lines.ts';
import { seedNotes } from './by-seed.ts';
import { describeDifferences, heading, showCell, showTest } from './comparison-tables.ts';
import { madeWithLine, madeWithOf } from './made-with.ts';
import { FEWEST_PAIRS } from './statistics.ts';
import { type Cell, type Measure, type Summary, tableNote, validationColumns } from './summary.ts';
import type { TrialRecord } from './trial-record.ts';
import type { Trial } from './trials.ts';

/** One row of pictures per image, however many conditions there are. */
const LAB_STYLE = `
.lab { display: block } .lab .card { grid-template-columns: repeat(auto-fill, minmax(132px, 1fr)); margin-bottom: 16px }
.lab-figures th[scope=row] { min-width: 120px; max-width: 260px; overflow-wrap: anywhere } .lab-figures thead th { font-size: 13px; max-width: 130px }
.lab-figures { font-size: 15px } .lab-figures .way { display: inline }
@media print { .lab .card { grid-template-columns: repeat(auto-fill, minmax(72px, 1fr)); margin-bottom: 4pt } .lab-figures .n { white-space: normal } .lab-figures th[scope=row] { min-width: 0 } }
`;

/** Columns that are read together, and fit on a page side by side. */
const TOPICS: readonly (readonly [title: string, keys: RegExp])[] = [
  ['how much is right', /^\w+ (accuracy|auc|balancedAccuracy)$/],
  ['with the shortcut changed', /^\w+ (present|absent|misleading) accuracy$/],
  ['where the saliency lies', /^\w+ (epg|epgGain|pointingGame|shortcutShare|uselessSaliency)$/],
];

/**
 * @param trials all trials, with `records` in the same order
 * @param dataset of the first seed, whose images are shown
 */
export function renderComparisonReport(
  summary: Summary,
  trials: readonly Trial[],
  records: readonly TrialRecord[],
  dataset: Dataset,
): string {
  const { rows, seeds, reference } = summary;
  const title = `${rows.length} trainings on ${summary.dataset}, ${countOfSeeds(seeds.length)}`;
  const software = records.some(({ isSoftware }) => isSoftware);
  const others = { ...summary, rows: rows.filter(({ label }) => label !== reference) };
  return page(
    title,
    html`<header><p class="eyebrow">GFSR · comparison · ${dataset.name}</p><h1>${title}</h1>
<p class="lead">The same initial weights and batches for every training of a seed. ${tableNote(summary)}</p>
${dataset.notes.length > 0 && html`<p class="note">${dataset.notes.join(' ')}</p>`}
${software && softwareBadge}</header>
<section><h2>Figures</h2>
<p class="note">Test images. ↑ higher is better, ↓ lower. cross-entropy is training without guidance. ${summary.columns.some(({ key }) => key.endsWith(' epg')) && EPG}</p>
${tables('Test images', summary, summary.columns, valueCell)}</section>
${
  seeds.length > 1 &&
  others.rows.length > 0 &&
  html`<section><h2>Differences from ${reference}</h2>
<p class="note">${describeDifferences(summary)}.${seeds.length < FEWEST_PAIRS && ` From ${seeds.length} seeds there is neither an interval nor a p.`}</p>
${tables(`Differences from ${reference}, test images`, others, summary.columns, testCell)}</section>`
}
<section><h2>Validation</h2>
<p class="note">The same on validation images, which still carry any planted shortcut. Choose settings by these figures, and look at those of test images once.</p>
${tables('Validation images', summary, validationColumns(summary), valueCell)}</section>
${gallery(trials, records, dataset)}
${provenance(trials, records)}
<section><h2>The figures as files</h2><p class="note">Beside this page: <code>table.csv</code> has every figure of every training and seed, <code>table.json</code> the same for programs, <code>table.md</code> and <code>table.tex</code> the tables of this page.</p></section>`,
    LAB_STYLE,
  ).text;
}

const EPG =
  'EPG (energy pointing game) is the share of all saliency that lies on the region that matters, its mask: at 1 nothing else played a part. EPG − area subtracts what saliency spread evenly over the image would reach.';

type ShowCell = (cell: Cell, measure: Measure) => Value;

const valueCell: ShowCell = (cell, measure) => showCell(cell, measure);

/** The difference, and below it its interval and test: in one line they would not fit on a page. */
const testCell: ShowCell = (cell) => {
  const [difference, ...rest] = showTest(cell).split(/ (?=[[(])/);
  return html`${difference}${rest.map((part) => html`<small>${part}</small>`)}`;
};

/** One table per topic. */
function tables(
  caption: string,
  summary: Summary,
  columns: readonly Measure[],
  show: ShowCell,
): Html[] {
  return TOPICS.flatMap(([topic, keys]) => {
    const own = columns.filter(({ key }) => keys.test(key));
    return own.length > 0 ? [table(`${caption}: ${topic}`, summary, own, show)] : [];
  });
}

const table = (caption: string, summary: Summary, columns: readonly Measure[], show: ShowCell) =>
  wideTable(
    'lab-figures',
    caption,
    html`<thead><tr><th scope="col">Training</th>${columns.map((column) => html`<th class="n" scope="col">${heading(column)}</th>`)}</tr></thead>
<tbody>${summary.rows.map(
      (row) =>
        html`<tr><th scope="row">${row.label}${seedNotes(row, summary.seeds.length).map((note) => html` <b class="tag">${note}</b>`)}</th>${columns.map((measure) => html`<td class="n">${show(row.cells[measure.key], measure)}</td>`)}</tr>`,
    )}</tbody>`,
  );

/** The images on which all trials of the first seed were measured, one card per image. */
function gallery(
  trials: readonly Trial[],
  records: readonly TrialRecord[],
  dataset: Dataset,
): Html | undefined {
  const { test, classes } = dataset;
  const [{ seed }] = trials;
  const shown = records.flatMap(({ examples, seed: own }, i) =>
    examples && own === seed ? [{ examples, label: trials[i].condition.label }] : [],
  );
  if (shown.length === 0) return undefined;
  const cards = shown[0].examples.indices.map((index, i) => {
    const picture = pictureAt(dataset, test, index);
    const label = classes[test.labels[index]];
    const views = shown.map(({ examples, label: condition }) => {
      const { height: h, width: w, maps, predicted, probabilities } = examples;
      const bytes = rowAt(Buffer.from(maps, 'base64'), i, h * w);
      const heat = drawHeat(picture, { values: Float32Array.from(bytes), height: h, width: w });
      const right = predicted[i] === test.labels[index];
      const said = classes[predicted[i]];
      return tile(
        heat,
        `test image ${index} under the saliency of ${condition}, which predicts ${said}`,
        html`<span class="${right ? 'good' : 'bad'}">${right ? '✓' : '✗'} <b>${said}</b></span> <span class="p">${percent(probabilities[i])}</span>`,
        condition,
      );
    });
    const alt = `test image ${index}, class ${label}`;
    return html`<li class="card">${tile(drawImage(picture), alt, html`<b>${label}</b>`, 'image')}${views}</li>`;
  });
  return html`<section><h2>Where they look</h2>
<p class="note">Test images with seed ${seed}: the first few of every class, not picked by result. Saliency is of the true class and taken in the same way from every classifier; every map has its own scale, ${heatScale()}.</p>
<ul class="gallery lab">${cards}</ul></section>`;
}

function provenance(trials: readonly Trial[], records: readonly TrialRecord[]): Html {
  const each = (value: (record: TrialRecord) => string) =>
    [...new Set(records.map(value))].join(', ');
  const seconds = records.reduce((sum, record) => sum + record.seconds, 0);
  const facts: readonly [string, string][] = [
    ['Trials', `${records.length}, ${(seconds / 60).toFixed(1)} minutes in total`],
    ['Seeds', [...new Set(records.map(({ seed }) => seed))].join(', ')],
    ['Annotated', `${each(({ annotated }) => String(annotated))} training images`],
    ['Adapter', each(({ adapter, isSoftware }) => `${adapter}${isSoftware ? ' (software)' : ''}`)],
    ['Version', `gfsr ${each(({ gfsr, commit }) => `${gfsr}${commit ? ` (${commit})` : ''}`)}`],
    ['Code and data', madeWithLine(madeWithOf(records))],
    ['Finished', records.map(({ finished }) => finished).sort()[records.length - 1]],
  ];
  const { evaluation } = trials[0];
  return html`<section><h2>How it was made</h2><dl class="facts">${facts.map(([name, fact]) => html`<dt>${name}</dt><dd>${fact}</dd>`)}</dl>
<details><summary>The shared settings</summary><table class="settings"><caption>Settings that all trainings share</caption><tbody>${Object.entries(
    evaluation,
  ).map(
    ([name, value]) => html`<tr><th scope="row">${name}</th><td>${String(value)}</td></tr>`,
  )}</tbody></table></details></section>`;
}
