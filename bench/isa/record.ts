// The issue shares that were reached once, by family and shape: a test fails where one is lost.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { issueShare, type Verdict } from './judge.ts';

export const RECORD = fileURLToPath(new URL('record.json', import.meta.url));

/** By family, then by shape and kernel. */
export type Shares = Readonly<Record<string, Readonly<Record<string, number>>>>;

export const readRecord = (): Shares => JSON.parse(readFileSync(RECORD, 'utf8'));

const rounded = (share: number): number => Math.round(1000 * share) / 1000;

export const recordOf = (verdicts: readonly Verdict[]): Shares =>
  Object.fromEntries(
    verdicts.map(({ family, shapes }) => [
      family.name,
      Object.fromEntries(shapes.map(({ name, counts }) => [name, rounded(issueShare(counts))])),
    ]),
  );

/** A compiler of another version may differ by so much. */
const LEAST_PART = 0.9;

/** What was lost against the record, in words. A shape without a record counts as lost. */
export function losses(record: Shares, now: Shares): string[] {
  return Object.entries(now).flatMap(([family, shares]) =>
    Object.entries(shares)
      .filter(([name, share]) => !(share >= LEAST_PART * (record[family]?.[name] ?? Number.NaN)))
      .map(([name, share]) => {
        const was = record[family]?.[name] ?? 'not recorded: npm run isa -- --record';
        return `${family}, ${name}: issue share ${share}, was ${was}`;
      }),
  );
}
