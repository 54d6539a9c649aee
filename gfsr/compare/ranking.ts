// The ranking of a sweep's candidates by validation images, with confidence intervals over seeds, as tables.

import type { ConfigChanges } from '../config/config.ts';
import { formatCsv } from '../text/csv.ts';
import { countOfSeeds, table } from '../text/lines.ts';
import { overlapOf, recordsBySeed, seedNotes } from './by-seed.ts';
import { plainMarkdown } from './comparison-tables.ts';
import { halfInterval, mean } from './statistics.ts';
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
  /** Seeds without a result, and why: sentences without a full stop. */
  readonly notes: readonly string[];
  readonly candidate: Candidate;
  /** Whether its mean is within the file's `within` of the best one. */
  readonly nearBest: boolean;
  /** Mean difference of the criterion from the first, with the same seeds, and half its 95 % interval. */
  readonly behind: Ranked;
  /** By the name of the figure on validation images. */
  readonly figures: Readonly<Record<string, Ranked>>;
}

/** The result of a sweep. */
export interface Ranking {
  readonly dataset: string;
  readonly seeds: readonly number[];
  /** Whether images that helped to pick are test images of other seeds, as in a cross-validation. */
  readonly crossed: boolean;
  readonly criterion: Criterion;
  readonly second?: Criterion;
  readonly within: number;
  /** Best first; candidates without the criterion for some seed last. */
  readonly candidates: readonly RankedCandidate[];
}

/**
 * Ranks by the mean of the criterion. Candidates within `within` of the best mean come first, by the second criterion
 * if there is one. Candidates that diverged or failed with some seed come last: those that are left would be its lucky
 * seeds.
 *
 * @param records of the trials, in the same order; undefined for a broken trial, one must be there
 * @throws RangeError if no candidate has the criterion
 */
export function rankCandidates(
  { candidates, criterion, second, within, comparison }: SweepSpec,
  trials: readonly Trial[],
  records: readonly (TrialRecord | undefined)[],
): Ranking {
  const { seeds } = comparison;
  const finished = records.filter((record) => record !== undefined);
  const overlap = overlapOf(finished, 'val');
  const names = [...new Set(finished.flatMap(({ figures }) => Object.keys(figures)))]
    .filter((key) => key.startsWith('val '))
    .map((key) => key.slice('val '.length));
  const found = recordsBySeed(trials, records);
  const conditions = new Map(trials.map(({ condition }) => [condition.variant, condition.label]));
  const all = [...candidates].map(([label, candidate]) => {
    const own = found.get(conditions.get(label) ?? label);
    const figures = Object.fromEntries(
      names.map((name) => [name, ranked(own?.valuesOf(`val ${name}`) ?? [], overlap)]),
    );
    return { label, candidate, figures, notes: own ? seedNotes(own, seeds.length) : [] };
  });
  type Each = (typeof all)[number];
  const meanOf = ({ figures }: Each, name: Criterion) => figures[name]?.mean ?? Number.NaN;
  const isWhole = ({ figures }: Each) => figures[criterion]?.values.every(Number.isFinite) ?? false;
  const means = (those: readonly Each[]) =>
    those.map((each) => meanOf(each, criterion)).filter(Number.isFinite);
  const whole = means(all.filter(isWhole));
  const best = Math.max(...(whole.length > 0 ? whole : means(all)));
  if (!Number.isFinite(best)) {
    const why = finished.find(({ failed }) => failed !== undefined)?.failed;
    throw new RangeError(
      `sweep: no candidate has val ${criterion}, so none can be chosen.${why === undefined ? '' : ` Its first trial says: ${why}`}`,
    );
  }
  const isNear = (each: Each) =>
    (isWhole(each) || whole.length === 0) && meanOf(each, criterion) >= best - within;
  const ordered = all.sort((a, b) => {
    const near = Number(isNear(b)) - Number(isNear(a)) || Number(isWhole(b)) - Number(isWhole(a));
    if (near !== 0) return near;
    const by = isNear(a) && second ? second : criterion;
    const [x, y] = [a, b].map((each) => meanOf(each, by));
    return Number(Number.isNaN(x)) - Number(Number.isNaN(y)) || y - x || 0;
  });
  const first = ordered[0].figures[criterion].values;
  return {
    dataset: finished[0].dataset.name,
    ...{ seeds, crossed: overlap > 0 && seeds.length > 1 },
    ...{ criterion, within, ...(second !== undefined && { second }) },
    candidates: ordered.map((each, i) => ({
      ...{ rank: i + 1, ...each, nearBest: isNear(each) },
      behind: ranked(
        each.figures[criterion].values.map((value, s) => value - first[s]),
        overlap,
      ),
    })),
  };
}

function ranked(values: readonly number[], overlap: number): Ranked {
  const finite = values.filter(Number.isFinite);
  return { values, mean: mean(finite), half: halfInterval(finite, overlap) };
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
    ...ranking.candidates.map(({ rank, label, notes, figures, nearBest, behind }) => [
      `${rank}${nearBest ? ' *' : ''}`,
      notes.length > 0 ? `${label} (${notes.join('; ')})` : label,
      ...columns.map((name) => interval(figures[name])),
      rank === 1 ? '' : interval(behind),
    ]),
  ];
}

/** How to read the table, in a few sentences. */
const noteOf = ({ seeds, crossed, criterion, second, within }: Ranking): string =>
  `Validation images only; mean ± half the 95 % confidence interval over ${countOfSeeds(seeds.length)}. ` +
  `* within ${within} of the best ${criterion}${second ? `; of these, the highest ${second} is first` : ''}. ` +
  'Picking the best of many makes its own figure optimistic: ' +
  (crossed
    ? 'measure it anew on images of their own, because the seeds draw the splits from the same images, which have helped to pick; or pick with one seed, and test with it.'
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
    `| ${cells.map((cell) => plainMarkdown(cell).replaceAll('*', '\\*')).join(' | ')} |`;
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
