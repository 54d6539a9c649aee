// Which images of a run are shown.

import type { Annotations } from '../annotation/marks.ts';
import type { Split } from '../data/dataset.ts';

/** A few images of every class: annotated ones first, then by index. */
export function pickExamples(
  { labels, count }: Split,
  annotations?: Annotations,
  total = 12,
): number[] {
  const order = [...(annotations?.keys() ?? [])].slice(0, total / 3);
  const seen = new Set(order);
  const classes = [...new Set(labels)].sort((a, b) => a - b);
  for (let round = 0; order.length < Math.min(total, count); round++) {
    const label = classes[round % classes.length];
    const next = labels.findIndex((y, i) => y === label && !seen.has(i));
    if (next >= 0) {
      seen.add(next);
      order.push(next);
    }
  }
  return order;
}
