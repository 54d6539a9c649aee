// What a run found, in sentences made from its numbers: fair also where guidance did not help.

import type { Dataset } from '../data/dataset.ts';
import type { Evaluation } from '../evaluation/evaluate.ts';
import type { ExperimentResult } from '../train/experiment.ts';

export interface Finding {
  /** One sentence. */
  readonly headline: string;
  /** More sentences, each with its numbers. */
  readonly details: readonly string[];
}

/** Two-sided 95 % of a normal distribution. */
const Z = 1.96;

export function describeFinding({ arms, masks }: ExperimentResult, dataset: Dataset): Finding {
  const { guided, 'cross-entropy': plain } = arms;
  const annotated = masks
    ? `Rough marks on ${count(masks.annotated)} of ${count(dataset.train.count)} training images (${percent(masks.annotated / dataset.train.count)}) guided it.`
    : 'No image was annotated, so there was nothing to guide by.';
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

/** The scores that matter most: where a shortcut misleads, if that was tested. */
const hardest = ({ test, conditions }: Evaluation) => conditions.misleading ?? test;

const place = ({ conditions }: Evaluation): string =>
  conditions.misleading ? 'where the shortcut misleads' : 'on the test images';

function compare(plain: Evaluation, guided: Evaluation, images: number): string {
  const { gap, margin } = difference(plain, guided, images);
  const [a, b] = [percent(hardest(plain).accuracy), percent(hardest(guided).accuracy)];
  const where = place(plain);
  if (gap > margin) return `Guided training gets ${b} right ${where}; cross-entropy alone, ${a}.`;
  if (gap < -margin)
    return `Guidance did harm: ${b} right ${where}, against ${a} with cross-entropy alone.`;
  return `No clear difference: guided training gets ${b} right ${where}, cross-entropy alone ${a}.`;
}

/** Difference of accuracies and half its 95 % interval, as if each arm had images of its own: rather too wide. */
function difference(plain: Evaluation, guided: Evaluation, images: number) {
  const [a, b] = [hardest(plain).accuracy, hardest(guided).accuracy];
  const margin = Z * Math.sqrt((a * (1 - a) + b * (1 - b)) / images);
  return { gap: b - a, margin };
}

function certainty(plain: Evaluation, guided: Evaluation, images: number): string {
  const { gap, margin } = difference(plain, guided, images);
  return `The difference is ${points(gap)} points, ±\u00a0${(100 * margin).toFixed(1)} for ${count(images)} test images; it is one seed, and other seeds differ further.`;
}

/** A figure of both arms to see at a glance. */
export interface Duel {
  readonly label: string;
  /** In [0, 1]. */
  readonly plain: number;
  readonly guided: number;
}

/** The few figures that say most, of those that were measured; nothing unless both arms were trained. */
export function mainDuels({ arms }: ExperimentResult): Duel[] {
  const [plain, guided] = [arms['cross-entropy']?.evaluation, arms.guided?.evaluation];
  if (!plain || !guided) return [];
  const duel = (label: string, value: (e: Evaluation) => number | undefined): Duel[] => {
    const [a, b] = [value(plain), value(guided)];
    return a === undefined || b === undefined ? [] : [{ label, plain: a, guided: b }];
  };
  return [
    ...duel(`Right ${place(plain)}`, (e) => hardest(e).accuracy),
    ...duel('Right where there is no shortcut', (e) => e.conditions.absent?.accuracy),
    ...duel('Saliency that lies on the shortcut', (e) => e.shortcut?.share.mean),
    ...duel('Saliency that lies on what matters', (e) => e.alignment?.epg?.mean),
  ];
}

/** 0.965 → 96.5 %; with a space that does not break. */
export const percent = (share: number): string =>
  Number.isFinite(share) ? `${(100 * share).toFixed(1)}\u00a0%` : '–';

/** 0.268 → +26.8, with a real minus sign. */
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
