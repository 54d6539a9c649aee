// Faithfulness and uncertainty in the report of a run, where they were asked for.

import { ARMS, type ExperimentResult } from '../train/experiment.ts';
import { type Html, html } from './html.ts';
import { wideTable } from './page.ts';
import { ARM_NAMES } from './report-table.ts';
import { trustTables } from './trust.ts';

export function trustSection({ arms }: Pick<ExperimentResult, 'arms'>): Html | undefined {
  const measured = Object.fromEntries(
    ARMS.flatMap((arm) => {
      const trust = arms[arm]?.trust;
      return trust ? [[ARM_NAMES[arm], trust]] : [];
    }),
  );
  const tables = trustTables(measured);
  if (tables.length === 0) return undefined;
  const decimal = (value: number) => (Number.isFinite(value) ? value.toFixed(3) : '–');
  return html`<section class="twofold"><h2>Can it be trusted?</h2>
${tables.map(
  ({ title, note, columns, rows }) =>
    html`<p class="note">${note}</p>${wideTable(
      'trust',
      title,
      html`<thead><tr><th scope="col">Figure</th>${columns.map((name) => html`<th scope="col" class="n">${name}</th>`)}</tr></thead>
<tbody>${rows.map(([label, ...values]) => html`<tr><th scope="row">${label}</th>${values.map((value) => html`<td class="n">${decimal(value)}</td>`)}</tr>`)}</tbody>`,
    )}`,
)}</section>`;
}
