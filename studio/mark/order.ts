// The order in which images are offered for marking.

import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import { Random } from '../../engine/core/random.ts';
import { describeSuggestion, type Suggestion } from '../../gfsr/masks/marking-queue.ts';

/**
 * - `mixed`: one image of each class in turn, drawn by a fixed seed, so that every class gets marks early
 * - `queue`: those that are worth marking next; what has been seen stays before them
 * - `file`: as in the file
 */
export type Order = 'mixed' | 'queue' | 'file';

/**
 * Indices of all images in an order. The same labels always give the same order, and another label of one image moves
 * only that one from its place, and those after it by a turn at most.
 */
export function imageOrder(labels: readonly number[], order: Exclude<Order, 'queue'>): number[] {
  const all = labels.map((_, i) => i);
  if (order === 'file') return all;
  const classes = new Map<number, number[]>();
  for (const i of new Random('order of marking').shuffle(all)) {
    const others = classes.get(labels[i]);
    if (others) others.push(i);
    else classes.set(labels[i], [i]);
  }
  const queues = [...classes].sort(([a], [b]) => a - b).map(([, images]) => images);
  const longest = Math.max(0, ...queues.map((queue) => queue.length));
  return Array.from({ length: longest }, (_, turn) =>
    queues.flatMap((queue) => queue.slice(turn, turn + 1)),
  ).flat();
}

/** A person's way through the images. */
export class Course {
  readonly order = signal<Order>('mixed');
  /** All images, in the order in which they are offered. */
  readonly images: ReadonlySignal<readonly number[]>;
  /** Of the image that is shown. */
  readonly position: ReadonlySignal<number>;
  readonly #mixed: readonly number[];
  readonly #image: ReadonlySignal<number>;
  /** Images shown since the queue was chosen, in the order in which they were first shown. */
  #seen = new Set<number>();
  readonly #queue = signal<readonly number[] | undefined>(undefined);
  /** False until something is suggested. */
  readonly hasQueue = computed(() => this.#queue.value !== undefined);
  readonly #reasons = signal<ReadonlyMap<number, string>>(new Map());

  /**
   * @param labels of all images when the page opens: no correction moves an image while a person is on the way
   * @param image the one that is shown
   */
  constructor(labels: readonly number[], image: ReadonlySignal<number>) {
    this.#mixed = imageOrder(labels, 'mixed');
    this.#image = image;
    this.images = computed(() => {
      const { value: order } = this.order;
      if (order === 'file') return imageOrder(labels, order);
      return (order === 'queue' && this.#queue.value) || this.#mixed;
    });
    this.position = computed(() => this.images.value.indexOf(image.value));
    effect(() => void this.#seen.add(image.value));
  }

  /** The next image that is wanted, after the one that is shown, and then from the beginning. */
  next(isWanted: (image: number) => boolean): number | undefined {
    const { value: images } = this.images;
    return [...images.slice(this.position.value + 1), ...images].find(isWanted);
  }

  choose(order: Order): void {
    this.#queue.value = undefined;
    this.#seen = new Set([this.#image.peek()]);
    this.order.value = order;
  }

  /** Takes images that are worth marking next. They come after those that have been seen. */
  suggest(suggestions: readonly Suggestion[]): void {
    const next = suggestions.map(({ image }) => image);
    this.#queue.value = [...new Set([...this.#seen, ...next, ...this.#mixed])];
    const reasons = suggestions.map((each) => [each.image, describeSuggestion(each)] as const);
    this.#reasons.value = new Map([...this.#reasons.value, ...reasons]);
  }

  /** Why an image was put in the queue; undefined if it was not, or another order is chosen. */
  reason(image: number): string | undefined {
    return this.order.value === 'queue' ? this.#reasons.value.get(image) : undefined;
  }

  /** The image that is shown, for screen readers. @param what is said of it, after its place */
  inWords(what: string): string {
    const reason = this.reason(this.#image.value);
    return `image ${this.position.value + 1} of ${this.images.value.length}${what}${reason ? `: ${reason}` : ''}`;
  }
}
