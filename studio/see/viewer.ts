// Which images the See screen shows, where both classifiers look on them, and what the person thinks of it.

import { computed, effect, type Signal, signal } from '@preact/signals';
import { drawHeat, hottest, mapAt } from '../../gfsr/report/pictures.ts';
import type { ExplainedArm, ExplainedImages, RunView } from '../../gfsr/serve/train-calls.ts';
import type { Trainer } from '../train/trainer.ts';

/** Images are explained in blocks. */
const BLOCK = 8;

/** One image under both classifiers, drawn. */
export interface ShownImage {
  readonly id: string;
  readonly label: string;
  readonly plain: ShownArm;
  readonly guided: ShownArm;
}

export interface ShownArm {
  readonly picture: ImageData;
  readonly predicted: string;
  /** Probability of the predicted class. */
  readonly probability: number;
  readonly isRight: boolean;
}

/** Goes through images one by one. It works until it is closed. */
export class Viewer {
  readonly trainer: Trainer;
  /** Indices among the training images, in the order in which they are shown. */
  readonly order: readonly number[];
  readonly at = signal(0);
  readonly fault = signal<string | undefined>(undefined);
  /** Whether it looks at the right place, by image. */
  readonly verdicts: Signal<ReadonlyMap<number, boolean>>;
  readonly image = computed(() => this.order[this.at.value]);
  /** The image; undefined until it is explained. */
  readonly shown = computed(() => {
    const { value: at } = this.at;
    const block = Math.floor(at / BLOCK);
    const explained = this.#explained.value.get(block);
    return explained && drawn(explained, at - block * BLOCK, this.#run);
  });
  /** Ends its work. */
  readonly close: () => void;
  readonly #run: RunView;
  /** By number of the block. */
  readonly #explained = signal<ReadonlyMap<number, ExplainedImages>>(new Map());
  readonly #asked = new Set<number>();

  /**
   * @param run whose classifiers are shown
   * @param order see `order`
   */
  constructor(trainer: Trainer, run: RunView, order: readonly number[]) {
    this.trainer = trainer;
    this.order = order;
    this.#run = run;
    const verdicts = new Map(run.verdicts);
    this.verdicts = signal(verdicts);
    this.at.value = Math.max(
      0,
      order.findIndex((image) => !verdicts.has(image)),
    );
    this.close = effect(() => {
      const block = Math.floor(this.at.value / BLOCK);
      // The next block is asked for when this one is there.
      void this.#explain(this.#explained.value.has(block) ? block + 1 : block);
    });
  }

  step(by: number): void {
    this.at.value = Math.min(Math.max(this.at.value + by, 0), this.order.length - 1);
  }

  /** Notes whether it looks at the right place, and goes on. Nobody can say it of an image that is not shown yet. */
  judge(isRight: boolean): void {
    if (!this.shown.value) return;
    const others = new Map(this.verdicts.value);
    others.delete(this.image.value); // so that the latest answer stands last
    this.#keep(others.set(this.image.value, isRight));
    this.step(1);
  }

  /** Takes back the last answer, and shows its image again. */
  redo(): void {
    const last = [...this.verdicts.value.keys()].at(-1);
    if (last === undefined) return;
    const rest = new Map(this.verdicts.value);
    rest.delete(last);
    this.at.value = Math.max(0, this.order.indexOf(last));
    this.#keep(rest);
  }

  #keep(verdicts: ReadonlyMap<number, boolean>): void {
    this.verdicts.value = verdicts;
    this.trainer.keepVerdicts(verdicts).catch((error: Error) => {
      this.fault.value = error.message;
    });
  }

  async #explain(block: number): Promise<void> {
    const images = this.order.slice(block * BLOCK, (block + 1) * BLOCK);
    if (images.length === 0 || this.#asked.has(block)) return;
    this.#asked.add(block);
    try {
      const explained = await this.trainer.explain('train', images);
      bothOf(explained.arms);
      this.#explained.value = new Map(this.#explained.value).set(block, explained);
    } catch (error) {
      this.#asked.delete(block); // the next image asks again
      this.fault.value = (error as Error).message;
    }
  }
}

/** @throws RangeError if one is missing */
function bothOf({ 'cross-entropy': plain, guided }: ExplainedImages['arms']): ExplainedArm[] {
  if (plain && guided) return [plain, guided];
  throw new RangeError('the run has only one classifier, so there is nothing to compare.');
}

/** Both maps on one scale: that of the one with the hotter places. */
function drawn(
  { pixels, arms, labels, ids, height, width }: ExplainedImages,
  i: number,
  { classes, size }: RunView,
): ShownImage {
  const each = size.channels * size.height * size.width;
  const picture = { pixels: pixels.subarray(i * each, (i + 1) * each), ...size };
  const both = bothOf(arms).map((arm) => ({ ...arm, map: mapAt(arm.maps, i, { height, width }) }));
  const peak = Math.max(...both.map(({ map }) => hottest(map)));
  const [plain, guided] = both.map(({ map, probs }): ShownArm => {
    const own = [...probs.subarray(i * classes.length, (i + 1) * classes.length)];
    const probability = Math.max(...own);
    const predicted = own.indexOf(probability);
    return {
      picture: toImageData(drawHeat(picture, map, peak)),
      predicted: classes[predicted],
      probability,
      isRight: predicted === labels[i],
    };
  });
  return { id: ids[i], label: classes[labels[i]], plain, guided };
}

function toImageData({ data, width, height }: ReturnType<typeof drawHeat>): ImageData {
  const out = new ImageData(width, height);
  for (let p = 0; p < width * height; p++) {
    for (let c = 0; c < 3; c++) out.data[4 * p + c] = data[3 * p + c];
    out.data[4 * p + 3] = 255;
  }
  return out;
}
