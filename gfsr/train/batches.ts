// The order in which a seed visits the training images.

import { Random } from '../../engine/core/random.ts';
import { epochOrder } from '../../model/batches.ts';
import type { Sampling } from '../config/train.ts';

/**
 * The training images in the order of an epoch. `uniform`: each once. `balanced`: equally many, with the classes in
 * turn, so that a rare class is seen as often as a frequent one. The images of a class repeat once each has been seen.
 *
 * @param labels [N]
 * @returns [N]
 */
export function trainingOrder(
  sampling: Sampling,
  seed: number,
  epoch: number,
  labels: ArrayLike<number>,
): Uint32Array {
  const count = labels.length;
  if (sampling === 'uniform') return epochOrder(seed, epoch, count);
  const random = new Random(seed, `balanced batches/${epoch}`);
  const members = new Map<number, number[]>();
  for (let i = 0; i < count; i++) {
    const own = members.get(labels[i]);
    if (own) own.push(i);
    else members.set(labels[i], [i]);
  }
  const decks = [...members]
    .sort(([a], [b]) => a - b)
    .map(([label, all]) => ({ cards: all, next: all.length, random: random.split(label) }));
  const turns = random.split('turns');
  const order = new Uint32Array(count);
  for (let at = 0; at < count; at += decks.length) {
    for (const [i, turn] of turns.permutation(decks.length).entries()) {
      const deck = decks[turn];
      if (deck.next === deck.cards.length) {
        deck.random.shuffle(deck.cards);
        deck.next = 0;
      }
      if (at + i < count) order[at + i] = deck.cards[deck.next++];
    }
  }
  return order;
}
