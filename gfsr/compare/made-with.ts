// What the tables of a comparison were made with: a table that is passed on says so itself.

import { listed } from '../text/visible.ts';
import type { TrialRecord } from './trial-record.ts';

/** Versions, hashes and adapter of all trials, by name; several of one kind in a row. No paths. */
export function madeWithOf(records: readonly TrialRecord[]): Record<string, string> {
  const each = (value: (record: TrialRecord) => string | undefined) =>
    listed([...new Set(records.flatMap((record) => value(record) ?? []))]);
  const made = {
    gfsr: each(({ gfsr }) => gfsr),
    commit: each(({ commit }) => commit),
    code: each(({ code }) => code),
    data: each(({ dataset }) => dataset.sha256),
    adapter: each(({ adapter }) => adapter),
  };
  return Object.fromEntries(Object.entries(made).filter(([, value]) => value !== ''));
}

/** The same as a line of text. */
export const madeWithLine = (made: Readonly<Record<string, string>>): string =>
  `Made with ${Object.entries(made)
    .map(([name, value]) => `${name} ${value}`)
    .join('; ')}.`;
