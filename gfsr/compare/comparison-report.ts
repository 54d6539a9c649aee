// A self-contained page about a comparison: its tables, and where every condition looks on the same images.

import type { Dataset } from '../data/dataset.ts';
import type { Image } from '../image/png.ts';
import { encodePng } from '../image/png-encode.ts';
import { rowAt } from '../image/rows.ts';
import { percent } from '../report/finding.ts';
import { Html, html } from '../report/html.ts';
import { drawHeat, drawImage, pictureAt } from '../report/pictures.ts';
import { heatScale } from '../report/report-gallery.ts';
import { STYLE } from '../report/report-style.ts';
import { describeDifferences, heading, showCell, showTest } from './comparison-tables.ts';
import {
  type Cell,
  countOfSeeds,
  type Measure,
  rowNotes,
  type Summary,
  tableNote,
  validationColumns,
} from './summary.ts';
import type { TrialRecord } from './trial-record.ts';
import type { Trial } from './trials.ts';

/** One row of pictures per image, however many conditions there are. */
const LAB_STYLE = `
.lab { display: block } .lab .card { flex-wrap: wrap; margin-bottom: 16px } .lab .card figure { flex: 0 0 132px }
.results { max-width: none; font-size: 14px } .results th[scope=row] { width: auto; white-space: nowrap }
.results thead th { white-space: normal; font-size: 13px; max-width: 120px } .results th, .results td { padding-left: 14px }
`;

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
  const title = `${summary.rows.length} trainings on ${summary.dataset}, ${countOfSeeds(summary.seeds.length)}`;
  const software = records.some(({ isSoftware }) => isSoftware);
  return html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'">
<title>${title}</title><style>${new Html(STYLE + LAB_STYLE)}</style></head><body><main>
<header><p class="eyebrow">GFSR · comparison · ${dataset.name}</p><h1>${title}</h1>
<p class="lead">The same initial weights and batches for every training of a seed. ${tableNote(summary)}</p>
${dataset.notes.length > 0 && html`<p class="note">${dataset.notes.join(' ')}</p>`}
${software && html`<p class="badge"><b>Software adapter.</b> No GPU was used: the figures hold, the times say nothing about a GPU.</p>`}</header>
<section><h2>Figures</h2>${table(summary, showCell)}</section>
${
  summary.seeds.length > 1 &&
  summary.rows.length > 1 &&
  html`<section><h2>Differences from ${summary.reference}</h2>
<p class="note">${describeDifferences(summary)}.</p>
${table({ ...summary, rows: summary.rows.filter(({ label }) => label !== summary.reference) }, showTest)}</section>`
}
<section><h2>Validation</h2>
<p class="note">The same on validation images, which still carry any planted shortcut. Choose settings by these figures, and look at those of test images once.</p>
${table({ ...summary, columns: validationColumns(summary) }, showCell)}</section>
${gallery(trials, records, dataset)}
${provenance(trials, records)}
</main></body></html>
`.text;
}

function table(summary: Summary, show: (cell: Cell, measure: Measure) => string): Html {
  const { rows, columns } = summary;
  return html`<div class="wide"><table class="results"><thead><tr><th></th>${columns.map((column) => html`<th class="n" scope="col">${heading(column)}</th>`)}</tr></thead>
<tbody>${rows.map(
    (row) =>
      html`<tr><th scope="row">${row.label}${rowNotes(row, summary).map((note) => html` <b class="tag">${note}</b>`)}</th>${columns.map((measure) => html`<td class="n">${show(row.cells[measure.key], measure)}</td>`)}</tr>`,
  )}</tbody></table></div>`;
}

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

function tile(image: Image, alt: string, caption: Html, kind: string): Html {
  const data = Buffer.from(encodePng(image)).toString('base64');
  return html`<figure><img src="data:image/png;base64,${data}" alt="${alt}" width="${image.width}" height="${image.height}">
<figcaption>${caption}<small>${kind}</small></figcaption></figure>`;
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
    ['Finished', records.map(({ finished }) => finished).sort()[records.length - 1]],
  ];
  const { evaluation } = trials[0];
  return html`<section><h2>How it was made</h2><dl class="facts">${facts.map(([name, fact]) => html`<dt>${name}</dt><dd>${fact}</dd>`)}</dl>
<details><summary>The shared settings</summary><table class="settings"><tbody>${Object.entries(
    evaluation,
  ).map(
    ([name, value]) => html`<tr><th scope="row">${name}</th><td>${String(value)}</td></tr>`,
  )}</tbody></table></details></section>`;
}
