// The concepts in the report: what each looks like, and how relevant the few marks make it for each class.

import type { Turns } from '../machine/long-work.ts';
import { count, percent } from './finding.ts';
import { type Html, html } from './html.ts';
import type { ShownConcept } from './mask-pictures.ts';
import { wideTable } from './page.ts';
import { dataUri } from './report-gallery.ts';

/** How many are shown at first; the others are folded away. */
const OPEN = 12;

/** All concepts, the most relevant first. Empty if there are none. */
export async function conceptSection(
  shown: readonly ShownConcept[],
  classes: readonly string[],
  turns: Turns,
): Promise<Html | undefined> {
  if (shown.length === 0) return undefined;
  const total = shown.reduce((sum, { segments }) => sum + segments, 0);
  const rest = shown.slice(OPEN);
  const tableOf = (caption: string, some: readonly ShownConcept[]) =>
    table(caption, some, { classes, total, turns });
  return html`<section><h2>What the marks taught it</h2>
<p class="note">All ${count(total)} segments of the training images, clustered into ${shown.length} concepts, the most relevant first. Each is shown by
the segments nearest to its centre, outlined, one of an image. Relevance is what the marks say of it, confidence how much they say. On paper, eight are shown; concepts.csv has all.</p>
${await tableOf('The most relevant concepts', shown.slice(0, OPEN))}
${rest.length > 0 && html`<details><summary>The other ${rest.length} concepts</summary>${await tableOf('The other concepts', rest)}</details>`}</section>`;
}

interface TableOptions {
  readonly classes: readonly string[];
  /** Number of segments of all concepts. */
  readonly total: number;
  readonly turns: Turns;
}

async function table(
  caption: string,
  shown: readonly ShownConcept[],
  { classes, total, turns }: TableOptions,
): Promise<Html> {
  // Pooled evidence is the same for every class.
  const pooled = shown.every(({ relevance }) => relevance.every((value) => value === relevance[0]));
  const columns = pooled ? ['all classes'] : classes;
  return wideTable(
    'concepts',
    caption,
    html`<thead><tr><th scope="col">Concept</th><th scope="col">Nearest segments</th><th class="n" scope="col">Segments</th>${columns.map((name) => html`<th class="n" scope="col">${name}</th>`)}</tr></thead>
<tbody>${await turns.map(
      shown,
      ({ concept, segments, relevance, confidence, picture }) =>
        html`<tr><th scope="row">${concept}</th><td><img src="${dataUri(picture)}" alt="segments of concept ${concept}" width="${Math.round(picture.width / 2)}" height="${Math.round(picture.height / 2)}"></td>
<td class="n">${percent(segments / total)}</td>${columns.map(
          (_, c) =>
            html`<td class="n"><span class="track"><span style="width:${(100 * relevance[c]).toFixed(0)}%;opacity:${(0.25 + 0.75 * confidence[c]).toFixed(2)}"></span></span>${percent(relevance[c])}<small>${percent(confidence[c])} sure</small></td>`,
        )}</tr>`,
    )}</tbody>`,
  );
}
