// The ranking of a sweep's candidates by validation images, with confidence intervals over seeds, as tables.

import type { ConfigChanges } from '../config/config.ts';
import { testPerTrain } from '../data/cross-validation.ts';
import { formatCsv } from '../text/csv.ts';
import { table } from '../text/lines.ts';
import { halfInterval, mean, pairedTTest } from './statistics.ts';
import type { Criterion, SweepSpec } from './sweep-file.ts';
import { type Candidate, settingsOf } from './sweep-search.ts';
import type { TrialRecord } from './trial-record.ts';
import type { Trial } from './trials.ts';

/** A figure over the seeds. */
export interface Ranked {
  /** By seed; NaN if the trial diverged, failed or has no such figure. */
  readonly values: readonly number[];
  readonly mean: number;
  /** Half the width of the 95 % confidence interval of the mean. */
  readonly half: number;
}

/** A candidate with its place. */
export interface RankedCandidate {
  /** From 1. */
  readonly rank: number;
  readonly label: string;
  readonly candidate: Candidate;
  /** Whether its mean is within the file's `within` of the best one. */
  readonly nearBest: boolean;
  /** Mean difference of the criterion from the first, with the same seeds, and half its 95 % interval. */
  readonly behind: { readonly mean: number; readonly half: number };
  /** By the name of the figure on validation images. */
  readonly figures: Readonly<Record<string, Ranked>>;
}

/** The result of a sweep. */
export interface Ranking {
  readonly dataset: string;
  readonly seeds: readonly number[];
  /** Whether validation images of some seeds are test images of others, as in a cross-validation. */
  readonly crossed: boolean;
  readonly criterion: Criterion;
  readonly second?: Criterion;
  readonly within: number;
  /** Best first; candidates without the criterion last. */
  readonly candidates: readonly RankedCandidate[];
}

/**
 * Ranks by the mean of the criterion. Candidates within `within` of the best mean come first, by the second criterion
 * if there is one.
 *
 * @param records of the trials, in the same order; undefined for a broken trial, one must be there
 */
export function rankCandidates(
  { candidates, criterion, second, within, comparison }: SweepSpec,
  trials: readonly Trial[],
  records: readonly (TrialRecord | undefined)[],
): Ranking {
  const { seeds } = comparison;
  const { folds } = trials[0].config.data;
  const overlap = testPerTrain(folds);
  const finished = records.filter((record) => record !== undefined);
  const names = [...new Set(finished.flatMap(({ figures }) => Object.keys(figures)))]
    .filter((key) => key.startsWith('val '))
    .map((key) => key.slice('val '.length));
  const recordOf = new Map(
    trials.map(({ condition, seed }, i) => [`${condition.variant} ${seed}`, records[i]]),
  );
  const figuresOf = (label: string): Record<string, Ranked> =>
    Object.fromEntries(
      names.map((name) => {
        const values = seeds.map(
          (seed) => recordOf.get(`${label} ${seed}`)?.figures[`val ${name}`] ?? Number.NaN,
        );
        const finite = values.filter(Number.isFinite);
        return [name, { values, mean: mean(finite), half: halfInterval(finite, overlap) }];
      }),
    );
  const all = [...candidates].map(([label, candidate]) => ({
    ...{ label, candidate, figures: figuresOf(label) },
  }));
  const meanOf = ({ figures }: { figures: Record<string, Ranked> }, name: Criterion) => {
    const value = figures[name]?.mean ?? Number.NaN;
    return Number.isNaN(value) ? Number.NEGATIVE_INFINITY : value;
  };
  const best = Math.max(...all.map((each) => meanOf(each, criterion)));
  const isNear = (each: (typeof all)[number]) => meanOf(each, criterion) >= best - within;
  const ordered = all.sort((a, b) => {
    const near = Number(isNear(b)) - Number(isNear(a));
    if (near !== 0) return near;
    const by = isNear(a) && second ? second : criterion;
    const [x, y] = [meanOf(a, by), meanOf(b, by)];
    return x === y ? 0 : y - x;
  });
  const first = ordered[0].figures[criterion]?.values ?? [];
  return {
    dataset: finished[0].dataset.name,
    ...{ seeds, crossed: folds > 0 && seeds.length > 1 },
    ...{ criterion, within, ...(second !== undefined && { second }) },
    candidates: ordered.map((each, i) => ({
      ...{ rank: i + 1, label: each.label, candidate: each.candidate, figures: each.figures },
      nearBest: isNear(each),
      behind: differenceFrom(first, each.figures[criterion]?.values ?? [], overlap),
    })),
  };
}

function differenceFrom(first: readonly number[], values: readonly number[], overlap: number) {
  if (first.length === 0) return { mean: Number.NaN, half: Number.NaN };
  const differences = values.map((v, i) => v - first[i]).filter(Number.isFinite);
  return { mean: pairedTTest(first, values).difference, half: halfInterval(differences, overlap) };
}

/** Settings of the best candidate over the shared ones, for `gfsr train --config` and `gfsr compare --settings`. */
export function bestSettings({ candidates }: Ranking, shared: ConfigChanges): ConfigChanges {
  const own = settingsOf(withoutUnguided(candidates[0].candidate));
  const rooms = new Set([...Object.keys(shared), ...Object.keys(own)]);
  return Object.fromEntries(
    [...rooms].map((room) => {
      const key = room as keyof ConfigChanges;
      return [room, { ...shared[key], ...own[key] }];
    }),
  );
}

/** Settings have no name for "not guided": λ 0 does the same. */
function withoutUnguided({ 'guidance.loss': loss, ...others }: Candidate): Candidate {
  if (loss === undefined) return others;
  return loss === 'cross-entropy'
    ? { ...others, 'guidance.lambda': 0 }
    : { ...others, 'guidance.loss': loss };
}

const show = (value: number, digits = 3): string =>
  Number.isFinite(value) ? value.toFixed(digits).replace(/^-/, '\u2212') : '–';
const interval = ({ mean: m, half }: { mean: number; half: number }): string =>
  Number.isFinite(half) ? `${show(m)} ± ${show(half)}` : show(m);

/** Figures that get a column, the criteria first. */
const columnsOf = ({ criterion, second, candidates }: Ranking): string[] =>
  [...new Set([criterion, ...(second ? [second] : []), 'accuracy', 'auc', 'epgGain'])].filter(
    (name) => candidates.some(({ figures }) => Number.isFinite(figures[name]?.mean)),
  );

function lines(ranking: Ranking): string[][] {
  const columns = columnsOf(ranking);
  return [
    ['rank', 'candidate', ...columns.map((name) => `val ${name}`), 'behind the first'],
    ...ranking.candidates.map(({ rank, label, figures, nearBest, behind }) => [
      `${rank}${nearBest ? ' *' : ''}`,
      label,
      ...columns.map((name) => interval(figures[name])),
      rank === 1 ? '' : interval(behind),
    ]),
  ];
}

/** How to read the table, in a few sentences. */
const noteOf = ({ seeds, crossed, criterion, second, within }: Ranking): string =>
  `Validation images only; mean ± half the 95 % confidence interval over ${seeds.length} ${seeds.length === 1 ? 'seed' : 'seeds'}. ` +
  `* within ${within} of the best ${criterion}${second ? `; of these, the highest ${second} is first` : ''}. ` +
  'Picking the best of many makes its own figure optimistic: ' +
  (crossed
    ? 'measure it anew on images of their own, because in a cross-validation every image has helped to pick; or pick with one seed, and test that part.'
    : 'measure it anew with other seeds.');

/** The ranking for a terminal. */
export const describeRanking = (ranking: Ranking): string[] => [
  ...table(lines(ranking)),
  '',
  noteOf(ranking),
];

/** The ranking as Markdown. */
export function rankingMarkdown(ranking: Ranking): string {
  const [head, ...body] = lines(ranking);
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('*', '\\*')).join(' | ')} |`;
  const rule = line(head.map((_, i) => (i === 1 ? '---' : '---:')));
  return [
    `# Sweep on ${ranking.dataset}`,
    '',
    noteOf(ranking),
    '',
    ...[line(head), rule, ...body.map(line)],
    '',
  ].join('\n');
}

/** One row per candidate and figure, with the value of each seed. */
export function rankingCsv({ candidates, seeds }: Ranking): string {
  return formatCsv([
    ['rank', 'candidate', 'figure', 'mean', 'half_95', ...seeds.map((seed) => `seed ${seed}`)],
    ...candidates.flatMap(({ rank, label, figures }) =>
      Object.entries(figures).map(([name, { mean: m, half, values }]) => [
        ...[rank, label, name, m, half],
        ...values,
      ]),
    ),
  ]);
}
