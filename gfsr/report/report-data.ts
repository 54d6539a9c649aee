// What data a run was made with: images by class and split, their sizes, what is twice, and the files of figures.

import { classCounts, type Dataset, type SplitName } from '../data/dataset.ts';
import { hashesOf } from '../data/origin.ts';
import { findProblems } from '../data/problems.ts';
import type { AnalysisFile } from './analysis-files.ts';
import { count } from './finding.ts';
import { type Html, html } from './html.ts';
import { wideTable } from './page.ts';

const SPLITS: Readonly<Record<SplitName, string>> = {
  train: 'Training',
  val: 'Validation',
  test: 'Test',
};
const NAMES = Object.keys(SPLITS) as SplitName[];
/** More classes are folded away. */
const OPEN = 20;
/** Sizes that are named; the others are counted. */
const SHOWN_SIZES = 4;

export function dataSection(dataset: Dataset): Html {
  const { classes, channels, height, width, train, val, test, notes } = dataset;
  const counts = NAMES.map((name) => classCounts(dataset[name], classes.length));
  const splits = test === val ? NAMES.filter((name) => name !== 'test') : NAMES;
  const table = wideTable(
    'counts',
    'Images by class and split',
    html`<thead><tr><th scope="col">Class</th>${splits.map((name) => html`<th scope="col" class="n">${SPLITS[name]}</th>`)}</tr></thead>
<tbody>${classes.map((name, c) => html`<tr><th scope="row">${name}</th>${splits.map((_, s) => html`<td class="n">${count(counts[s][c])}</td>`)}</tr>`)}
<tr class="total"><th scope="row">All</th>${splits.map((name) => html`<td class="n">${count(dataset[name].count)}</td>`)}</tr></tbody>`,
  );
  const twice = splits
    .map((name) => [SPLITS[name].toLowerCase(), copies(hashesOf(dataset[name], dataset))] as const)
    .filter(([, n]) => n > 0)
    .map(([name, n]) => `${count(n)} in ${name}`);
  const problems = findProblems(dataset);
  const groups = splits.flatMap((name) => {
    const { groups: known } = dataset[name];
    return known ? [`${count(new Set(known).size)} in ${SPLITS[name].toLowerCase()}`] : [];
  });
  const facts: [string, string][] = [
    [
      'Images',
      `${height}×${width}, ${channels === 1 ? 'grey' : 'RGB'}${sizes([train, val, test])}`,
    ],
    ...(groups.length > 0 ? [['Groups', groups.join(', ')] as [string, string]] : []),
    ['Twice within a split', twice.length > 0 ? `pixel for pixel: ${twice.join(', ')}` : 'none'],
    ['Shared by splits', problems.length > 0 ? problems.join(' ') : 'no image, id or group'],
  ];
  return html`<section><h2>The data</h2>
${notes.length > 0 && html`<p class="note">${notes.join(' ')}</p>`}
<dl class="facts">${facts.map(([name, fact]) => html`<dt>${name}</dt><dd>${fact}</dd>`)}</dl>
${classes.length <= OPEN ? table : html`<details><summary>Images of all ${classes.length} classes</summary>${table}</details>`}</section>`;
}

/** How many images have the pixels of an earlier one. */
const copies = (hashes: readonly string[]): number => hashes.length - new Set(hashes).size;

/** The sizes that the images had in their files, the most frequent first, where that is known. */
function sizes(splits: readonly Dataset['train'][]): string {
  const seen = new Map<string, number>();
  for (const { placements = [] } of new Set(splits)) {
    for (const { from } of placements) {
      const size = from.join('×');
      seen.set(size, (seen.get(size) ?? 0) + 1);
    }
  }
  if (seen.size === 0) return '';
  const ordered = [...seen].sort(([, a], [, b]) => b - a);
  const named = ordered.slice(0, SHOWN_SIZES).map(([size, n]) => `${size} (${count(n)})`);
  const rest = ordered.length - named.length;
  return `; in their files ${named.join(', ')}${rest > 0 ? ` and ${count(rest)} other sizes` : ''}`;
}

/** The files beside the report that hold its figures. */
export const filesSection = (files: readonly Pick<AnalysisFile, 'name' | 'about'>[]): Html =>
  html`<section><h2>The figures as files</h2>
<p class="note">Beside this page, as CSV.</p>
<dl class="facts">${files.map(({ name, about }) => html`<dt><code>${name}</code></dt><dd>${about}</dd>`)}</dl></section>`;
