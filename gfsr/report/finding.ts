// What a run found, in sentences made from its numbers. They are fair even if guidance did not help.

import type { Dataset, Split } from '../data/dataset.ts';
import type { Evaluation } from '../evaluation/evaluate.ts';
import type { ExperimentResult } from '../train/experiment.ts';
import { type Difference, differenceOf, type TestAnalysis } from './analysis.ts';

export interface Finding {
  /** One sentence. */
  readonly headline: string;
  /** More sentences, with figures. */
  readonly details: readonly string[];
}

/** A larger p is no sign of a difference. */
const SIGNIFICANT = 0.05;

export function describeFinding(
  { arms, masks }: ExperimentResult,
  dataset: Dataset,
  analysis: TestAnalysis,
): Finding {
  const { guided, 'cross-entropy': plain } = arms;
  const annotated = masks
    ? `Guided by rough marks on ${count(masks.annotated)} of ${count(dataset.train.count)} training images (${percent(masks.annotated / dataset.train.count)}).`
    : 'No image was annotated, so training could not be guided.';
  if (plain && guided) {
    const [a, b] = [plain.evaluation, guided.evaluation];
    const difference = differenceOf(
      analysis,
      'accuracy',
      a.test.conditions.misleading && 'misleading',
    );
    return {
      headline: compare(a, b, difference),
      details: [annotated, certainty(difference, dataset.test, analysis)],
    };
  }
  const only = guided ?? plain;
  if (!only) return { headline: 'Nothing was trained.', details: [] };
  const missing = guided
    ? 'No classifier was trained without guidance (baseline off), so there is nothing to compare it with.'
    : 'Nothing to compare it with: guided training needs marks on a few images.';
  return {
    headline: `With${guided ? '' : 'out'} guidance, the classifier gets ${percent(hardest(only.evaluation).accuracy)} right ${place(only.evaluation)}.`,
    details: [annotated, missing],
  };
}

/** The scores that matter most: those where a shortcut misleads, if that was tested. */
const hardest = ({ test }: Evaluation) => test.conditions.misleading ?? test;

const place = ({ test }: Evaluation): string =>
  test.conditions.misleading ? 'where the shortcut misleads' : 'on the test images';

function compare(plain: Evaluation, guided: Evaluation, difference?: Difference): string {
  const [a, b] = [percent(hardest(plain).accuracy), percent(hardest(guided).accuracy)];
  const scores = `the classifier gets ${b} right ${place(plain)}; without, ${a}.`;
  const { value = 0, p = 1 } = difference ?? {};
  if (p >= SIGNIFICANT) return `No clear difference: with guidance, ${scores}`;
  return value > 0 ? `With guidance, ${scores}` : `Guidance did harm: with it, ${scores}`;
}

function certainty(
  difference: Difference | undefined,
  { count: images, groups }: Pick<Split, 'count' | 'groups'>,
  { units }: TestAnalysis,
): string {
  const seed = 'This is a single seed; differences between seeds can be larger.';
  if (!difference) return seed;
  const { value, low, high, p = Number.NaN } = difference;
  const of =
    units.kind === 'groups'
      ? ` of ${count(units.count)} groups, counted as wholes`
      : groups
        ? `, counted one by one: for whole groups, ${new Set(groups).size} are too few`
        : '';
  return `The difference is ${points(value)} points (95 % interval ${points(low)} to ${points(high)}, p ${showP(p)}) on ${count(images)} test images${of}. ${seed}`;
}

/** A figure of both arms, for comparison at a glance. */
export interface Duel {
  readonly label: string;
  /** In [0, 1]. */
  readonly plain: number;
  readonly guided: number;
}

/** The few figures that say most, as far as they were measured. Empty unless both arms were trained. */
export function mainDuels({ arms }: ExperimentResult): Duel[] {
  const [plain, guided] = [arms['cross-entropy']?.evaluation, arms.guided?.evaluation];
  if (!plain || !guided) return [];
  const duel = (label: string, value: (e: Evaluation) => number | undefined): Duel[] => {
    const [a, b] = [value(plain), value(guided)];
    return a === undefined || b === undefined ? [] : [{ label, plain: a, guided: b }];
  };
  return [
    ...duel(`Right ${place(plain)}`, (e) => hardest(e).accuracy),
    ...duel('Right without a shortcut', (e) => e.test.conditions.absent?.accuracy),
    ...duel('Attention on the shortcut', (e) => e.test.shortcut?.share.mean),
    ...duel('Attention on what matters (EPG)', (e) => e.test.alignment?.epg?.mean),
  ];
}

/** 0.965 → 96.5 %, with a non-breaking space. */
export const percent = (share: number): string =>
  Number.isFinite(share) ? `${(100 * share).toFixed(1)}\u00a0%` : '–';

/** 0.268 → +26.8, with a real minus sign if negative. */
export const points = (share: number): string => signed(100 * share, 1);

export function signed(value: number, digits: number): string {
  if (!Number.isFinite(value)) return '–';
  const text = Math.abs(value).toFixed(digits);
  if (Number(text) === 0) return `±${text}`;
  return `${value < 0 ? '−' : '+'}${text}`;
}

export const times = (factor: number): string =>
  Number.isFinite(factor) ? `${factor.toFixed(1)}\u00a0×` : '–';

/** A p-value after "p ": `= 0.012`, `< 0.001`. */
export const showP = (p: number): string => (p < 0.001 ? '< 0.001' : `= ${p.toFixed(3)}`);

/** 7000 → 7,000. */
export const count = (n: number): string => n.toLocaleString('en-US');
