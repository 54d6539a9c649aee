// What a run found, in sentences made from its numbers. They are fair even if guidance did not help.

import type { Dataset } from '../data/dataset.ts';
import type { Evaluation } from '../evaluation/evaluate.ts';
import type { ExperimentResult } from '../train/experiment.ts';

export interface Finding {
  /** One sentence. */
  readonly headline: string;
  /** More sentences, with figures. */
  readonly details: readonly string[];
}

/** Two-sided 95 % quantile of a normal distribution. */
const Z = 1.96;

export function describeFinding({ arms, masks }: ExperimentResult, dataset: Dataset): Finding {
  const { guided, 'cross-entropy': plain } = arms;
  const annotated = masks
    ? `Guided by rough marks on ${count(masks.annotated)} of ${count(dataset.train.count)} training images (${percent(masks.annotated / dataset.train.count)}).`
    : 'No image was annotated, so training could not be guided.';
  if (plain && guided) {
    const [a, b] = [plain.evaluation, guided.evaluation];
    return {
      headline: compare(a, b, dataset.test.count),
      details: [annotated, certainty(a, b, dataset.test.count)],
    };
  }
  const only = guided ?? plain;
  if (!only) return { headline: 'Nothing was trained.', details: [] };
  const name = guided ? 'Guided training' : 'Cross-entropy alone';
  const missing = guided
    ? 'No classifier was trained with cross-entropy alone (baseline off), so there is nothing to compare it with.'
    : 'Nothing to compare it with: guided training needs marks on a few images.';
  return {
    headline: `${name} gets ${percent(hardest(only.evaluation).accuracy)} right ${place(only.evaluation)}.`,
    details: [annotated, missing],
  };
}

/** The scores that matter most: those where a shortcut misleads, if that was tested. */
const hardest = ({ test }: Evaluation) => test.conditions.misleading ?? test;

const place = ({ test }: Evaluation): string =>
  test.conditions.misleading ? 'where the shortcut misleads' : 'on the test images';

function compare(plain: Evaluation, guided: Evaluation, images: number): string {
  const { gap, margin } = difference(plain, guided, images);
  const [a, b] = [percent(hardest(plain).accuracy), percent(hardest(guided).accuracy)];
  const where = place(plain);
  if (gap > margin) return `Guided training gets ${b} right ${where}; cross-entropy alone, ${a}.`;
  if (gap < -margin)
    return `Guidance did harm: guided training gets ${b} right ${where}; cross-entropy alone, ${a}.`;
  return `No clear difference: guided training gets ${b} right ${where}; cross-entropy alone, ${a}.`;
}

/**
 * Difference of the accuracies and half its 95 % interval, as if the arms had separate test images, which is slightly
 * too wide.
 */
function difference(plain: Evaluation, guided: Evaluation, images: number) {
  const [a, b] = [hardest(plain).accuracy, hardest(guided).accuracy];
  const margin = Z * Math.sqrt((a * (1 - a) + b * (1 - b)) / images);
  return { gap: b - a, margin };
}

function certainty(plain: Evaluation, guided: Evaluation, images: number): string {
  const { gap, margin } = difference(plain, guided, images);
  return `The difference is ${points(gap)} points, ±\u00a0${(100 * margin).toFixed(1)} for ${count(images)} test images. This is a single seed; differences between seeds can be larger.`;
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
    ...duel('Saliency on the shortcut', (e) => e.test.shortcut?.share.mean),
    ...duel('Saliency on what matters', (e) => e.test.alignment?.epg?.mean),
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

/** 7000 → 7,000. */
export const count = (n: number): string => n.toLocaleString('en-US');
