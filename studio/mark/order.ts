// The order in which images are offered for marking.

import { Random } from '../../engine/core/random.ts';

/**
 * - `mixed`: one image of each class in turn, drawn by a fixed seed, so that every class gets marks early
 * - `file`: as in the file
 */
export type Order = 'mixed' | 'file';

/** Indices of all images in the order that is asked for. The same labels always give the same order. */
export function imageOrder(labels: readonly number[], order: Order): number[] {
  const all = labels.map((_, i) => i);
  if (order === 'file') return all;
  const random = new Random('order of marking');
  const classes = new Map<number, number[]>();
  for (const i of all) {
    const others = classes.get(labels[i]);
    if (others) others.push(i);
    else classes.set(labels[i], [i]);
  }
  const queues = [...classes].sort(([a], [b]) => a - b).map(([, images]) => random.shuffle(images));
  const longest = Math.max(0, ...queues.map((queue) => queue.length));
  return Array.from({ length: longest }, (_, turn) =>
    queues.flatMap((queue) => queue.slice(turn, turn + 1)),
  ).flat();
}
