// What a classifier gets right by class, and by group of images: sensitivity, specificity, predictive values.

import { confusionMatrix } from '../../../model/metrics.ts';
import { wilson } from './standard-errors.ts';

/** Hits among images, with Wilson's 95 % interval of their share. */
export interface Share {
  readonly hits: number;
  readonly of: number;
  /** hits / of; NaN of 0 images. */
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

export function share(hits: number, of: number): Share {
  const value = hits / of;
  const [low, high] = wilson(value, of);
  return { hits, of, value, low, high };
}

/** One class against all others. */
export interface ClassScores {
  /** Share of the images of the class that are called so; also called recall. */
  readonly sensitivity: Share;
  /** Share of the other images that are not. */
  readonly specificity: Share;
  /** Positive predictive value: share of the images called so that are of the class; also called precision. */
  readonly ppv: Share;
  /** Negative predictive value: share of the images not called so that are of another class. */
  readonly npv: Share;
}

/** By class, from `confusionMatrix`. */
export function classScores(confusion: ArrayLike<number>, classes: number): ClassScores[] {
  const all = Array.from({ length: classes }, (_, c) => c);
  const at = (truth: number, said: number) => confusion[truth * classes + said];
  const sum = (values: readonly number[]) => values.reduce((a, b) => a + b, 0);
  const total = sum(all.map((truth) => sum(all.map((said) => at(truth, said)))));
  return all.map((c) => {
    const [actual, called] = [sum(all.map((said) => at(c, said))), sum(all.map((t) => at(t, c)))];
    const hits = at(c, c);
    const rejected = total - actual - called + hits;
    return {
      sensitivity: share(hits, actual),
      specificity: share(rejected, total - actual),
      ppv: share(hits, called),
      npv: share(rejected, total - called),
    };
  });
}

/** What a classifier gets right in one group of images, such as those of one hospital. */
export interface GroupScores {
  readonly group: string;
  readonly accuracy: Share;
  /** By class. */
  readonly sensitivity: readonly Share[];
}

/** By group, the largest first, equal ones by name. */
export function groupScores(
  groups: readonly string[],
  predicted: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
): GroupScores[] {
  const members = new Map<string, number[]>();
  for (const [i, group] of groups.entries()) {
    const known = members.get(group);
    if (known) known.push(i);
    else members.set(group, [i]);
  }
  return [...members]
    .sort(([a, x], [b, y]) => y.length - x.length || (a < b ? -1 : 1))
    .map(([group, images]) => {
      const of = (values: ArrayLike<number>) => images.map((i) => values[i]);
      const right = images.filter((i) => predicted[i] === labels[i]).length;
      const scores = classScores(confusionMatrix(of(predicted), of(labels), classes), classes);
      return {
        ...{ group, accuracy: share(right, images.length) },
        sensitivity: scores.map(({ sensitivity }) => sensitivity),
      };
    });
}

/**
 * Wrong predictions, those that are most sure of themselves first; at most `most`.
 *
 * @param probs [N, classes]
 * @param predicted [N]
 */
export function worstMistakes(
  probs: ArrayLike<number>,
  predicted: ArrayLike<number>,
  labels: ArrayLike<number>,
  classes: number,
  most: number,
): number[] {
  const sure = (i: number) => probs[i * classes + predicted[i]];
  return Array.from(labels, (_, i) => i)
    .filter((i) => predicted[i] !== labels[i])
    .sort((a, b) => sure(b) - sure(a))
    .slice(0, most);
}
