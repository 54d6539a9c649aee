// The stroke that a person is drawing: its points, until it is finished.

import { computed, type ReadonlySignal, signal } from '@preact/signals';

/** A place in pixels of the image. */
export type Point = readonly [number, number];

const NONE: readonly Point[] = [];

/** Points of one image and one tool. Those of another image are not seen, nor those of another tool, not even later. */
export class Draft {
  readonly #place: ReadonlySignal<object>;
  readonly #begun = signal<{ readonly place?: object; readonly points: readonly Point[] }>({
    points: NONE,
  });
  readonly #points = computed(() => {
    const { place, points } = this.#begun.value;
    return place === this.#place.value ? points : NONE;
  });

  constructor(image: ReadonlySignal<number>, tool: ReadonlySignal<string>) {
    // Another object after each change, also on the way back.
    this.#place = computed(() => ({ image: image.value, tool: tool.value }));
  }

  get points(): readonly Point[] {
    return this.#points.value;
  }

  set points(points: readonly Point[]) {
    this.#begun.value = { place: this.#place.peek(), points };
  }

  drop(): void {
    this.points = NONE;
  }
}
