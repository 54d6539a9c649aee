// The image that is marked, as far as it is seen: its picture, its segments, and where on it the person is.

import { batch, computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import { FULL, type Levels, type Pictures } from '../pictures.ts';
import type { SegmentMap } from './segment-map.ts';
import type { Segmenter } from './segmenter.ts';

/** Where an image comes from, and who hears of it. */
export interface ImageSources {
  readonly pictures: Pick<Pictures, 'picture' | 'spreadLevels'>;
  readonly segmenter: Pick<Segmenter, 'segments'>;
  /** Its segments are there. */
  readonly onSegments: () => void;
  /** It cannot be loaded. */
  readonly onFailure: (error: Error) => void;
}

/** Loads whichever image is shown. What arrives late, about another one, is dropped. */
export class ShownImage {
  readonly levels = signal(FULL);
  /** Factor of the usual number of segments. */
  readonly finer = signal(1);
  /** Undefined until it is there: nobody marks an image by the picture of another. */
  readonly picture = computed(() => {
    const { value: drawn } = this.#drawn;
    return drawn?.image === this.#image.value ? drawn.picture : undefined;
  });
  readonly segments = signal<SegmentMap | undefined>(undefined);
  /** The segment that the pointer or the keyboard is at. */
  readonly cursor = signal(0);
  /** Where the person is: changes with every step to another image or segment. */
  readonly spot = computed(() => ({ image: this.#image.value, segment: this.cursor.value }));
  readonly #image: ReadonlySignal<number>;
  readonly #sources: ImageSources;
  readonly #drawn = signal<{ image: number; picture: ImageData } | undefined>(undefined);

  /** @param image the one that is shown */
  constructor(image: ReadonlySignal<number>, sources: ImageSources) {
    this.#image = image;
    this.#sources = sources;
    effect(() => void this.#draw(image.value, this.levels.value));
    effect(() => void this.#divide(image.value, this.finer.value));
  }

  /** Resolves once an image is there with its segments. */
  untilReady(): Promise<void> {
    const isReady = computed(() => !!this.picture.value && !!this.segments.value);
    return new Promise((resolve) => {
      const stop = isReady.subscribe((is) => {
        if (!is) return;
        resolve();
        queueMicrotask(() => stop());
      });
    });
  }

  /** Spreads the grey levels of this image; once more: as it was. */
  async spreadLevels(): Promise<void> {
    const { value: image } = this.#image;
    const isFull = this.levels.value === FULL;
    const levels = isFull ? await this.#sources.pictures.spreadLevels(image) : FULL;
    if (image === this.#image.value) this.levels.value = levels;
  }

  async #draw(image: number, levels: Levels): Promise<void> {
    const isCurrent = () => image === this.#image.value && levels === this.levels.value;
    try {
      const picture = await this.#sources.pictures.picture(image, levels);
      if (isCurrent()) this.#drawn.value = { image, picture };
    } catch (error) {
      if (isCurrent()) this.#sources.onFailure(error as Error);
    }
  }

  async #divide(image: number, finer: number): Promise<void> {
    const isCurrent = () => image === this.#image.value && finer === this.finer.value;
    this.segments.value = undefined;
    try {
      const map = await this.#sources.segmenter.segments(image, finer);
      if (!isCurrent()) return;
      const { height, width } = map.segmentation;
      batch(() => {
        this.segments.value = map;
        this.cursor.value = map.at(width / 2, height / 2) ?? 0;
      });
    } catch (error) {
      if (isCurrent()) this.#sources.onFailure(error as Error);
      return;
    }
    this.#sources.onSegments();
  }
}
