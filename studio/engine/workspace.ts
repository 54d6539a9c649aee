// The data set that the engine worker works on, as far as the page has handed it over.

import type { Split, SplitName } from '../../gfsr/data/dataset.ts';
import { allBytes } from '../../gfsr/data/pixels.ts';

/** A data set without its images. */
export interface DatasetOutline {
  readonly name: string;
  readonly classes: readonly string[];
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Splits that will be handed over; the training images at least. */
  readonly splits: Readonly<Partial<Record<SplitName, SplitOutline>>>;
}

export interface SplitOutline {
  readonly ids: readonly string[];
  readonly labels: readonly number[];
}

/** Images `from` … of a split, [n, C, H, W]. */
export interface ImageBlock {
  readonly split: SplitName;
  readonly from: number;
  readonly bytes: Uint8Array;
}

/** Images as they arrive. */
export class Workspace {
  readonly outline: DatasetOutline;
  readonly #splits = new Map<SplitName, { split: Split; arrived: number }>();

  constructor(outline: DatasetOutline) {
    this.outline = outline;
    const { channels, height, width } = outline;
    for (const [name, { ids, labels }] of Object.entries(outline.splits)) {
      const split = {
        count: ids.length,
        images: new Uint8Array(ids.length * channels * height * width),
        labels: Int32Array.from(labels),
        ids: [...ids],
      };
      this.#splits.set(name as SplitName, { split, arrived: 0 });
    }
  }

  /** Takes images. They must come in order, so that what has arrived is always the beginning. */
  add({ split: name, from, bytes }: ImageBlock): void {
    const entry = this.#entry(name);
    if (from !== entry.arrived) {
      throw new RangeError(`images of ${name}: got those from ${from}, expected ${entry.arrived}.`);
    }
    const size = entry.split.images.length / entry.split.count;
    allBytes(entry.split.images).set(bytes, from * size);
    entry.arrived += bytes.length / size;
  }

  /** How many images of a split have arrived. */
  arrived(name: SplitName): number {
    return this.#entry(name).arrived;
  }

  /** A split; images that have not arrived are black. */
  split(name: SplitName): Split {
    return this.#entry(name).split;
  }

  #entry(name: SplitName) {
    const entry = this.#splits.get(name);
    if (!entry) throw new RangeError(`the data set was opened without split ${name}.`);
    return entry;
  }
}
