// A made-up comparison, for tests of what is written about it: no GPU, no training.

import { parseComparison } from '../../../gfsr/compare/comparison-file.ts';
import { type Summary, summarise } from '../../../gfsr/compare/summary.ts';
import type { TrialRecord } from '../../../gfsr/compare/trial-record.ts';
import { listTrials } from '../../../gfsr/compare/trials.ts';
import { defaultConfig } from '../../../gfsr/config/config.ts';

/** What records have; one figure is enough where only names matter. */
const FIGURES: readonly string[] = ['accuracy'];
/** What has a column. */
export const ALL_FIGURES: readonly string[] = [
  ...['accuracy', 'auc', 'balancedAccuracy'],
  ...['present accuracy', 'absent accuracy', 'misleading accuracy'],
  ...['epg', 'epgGain', 'pointingGame', 'shortcutShare', 'uselessSaliency'],
];

/**
 * A comparison of two conditions; `name` is the data set, the first condition and the adapter.
 *
 * @param change of each figure of trial i
 */
export function compared(
  name: string,
  {
    variants = ['gfsr', 'cross-entropy'],
    seeds = [0, 1],
    figures = FIGURES,
    change = (value: number, _trial: number) => value,
  } = {},
) {
  const trials = listTrials(
    parseComparison(JSON.stringify({ variants, seeds }), 'lab.json'),
    defaultConfig,
  );
  const records = trials.map(({ condition, seed }, i) => ({
    ...{ label: condition.label, seed, dataset: { name, sha256: '' }, adapter: name },
    ...{ gfsr: name, commit: name, isSoftware: true, finished: name, seconds: 1, annotated: 1 },
    resolution: { mapSize: [2, 2], imageSize: [12, 12] },
    figures: Object.fromEntries(
      figures.flatMap((figure, f) =>
        ['test', 'val'].map((split) => [
          `${split} ${figure}`,
          change(0.5 + seed / 10 + ((7 * i + 3 * f) % 10) / 50, i),
        ]),
      ),
    ),
    examples: {
      ...{ indices: [0], height: 1, width: 1, predicted: [0], probabilities: [0.5] },
      maps: Buffer.from([255]).toString('base64'),
    },
  })) as unknown as TrialRecord[];
  const found = summarise(trials, records);
  const rows = found.rows.map((row, i) => (i === 0 ? { ...row, label: name } : row));
  return { summary: { ...found, rows } as Summary, trials, records };
}
