// Which images the See screen shows, where both classifiers look on them, and what the person thinks of it.

import { computed, effect, type Signal, signal } from '@preact/signals';
import { drawHeat, hottest, mapAt } from '../../gfsr/report/pictures.ts';
import type { ExplainedImages } from '../../gfsr/serve/train-calls.ts';
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

/** Goes through images one by one. */
export class Viewer {
  readonly trainer: Trainer;
  /** Indices among the training images, in the order in which they are shown. */
  readonly order: readonly number[];
  readonly at = signal(0);
  readonly shown = signal<ShownImage | undefined>(undefined);
  readonly fault = signal<string | undefined>(undefined);
  /** Whether it looks at the right place, by image. */
  readonly verdicts: Signal<ReadonlyMap<number, boolean>>;
  readonly image = computed(() => this.order[this.at.value]);
  readonly #blocks = new Map<number, Promise<ExplainedImages>>();

  /** @param order see `order` */
  constructor(trainer: Trainer, order: readonly number[]) {
    this.trainer = trainer;
    this.order = order;
    const verdicts = new Map(trainer.run.peek()?.verdicts);
    this.verdicts = signal(verdicts);
    this.at.value = Math.max(
      0,
      order.findIndex((image) => !verdicts.has(image)),
    );
    effect(() => {
      const { value: at } = this.at;
      this.#show(at).catch((error: Error) => {
        this.fault.value = error.message;
      });
    });
  }

  step(by: number): void {
    this.at.value = Math.min(Math.max(this.at.value + by, 0), this.order.length - 1);
  }

  /** Notes whether it looks at the right place, and goes on. */
  judge(isRight: boolean): void {
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

  async #show(at: number): Promise<void> {
    const { value: run } = this.trainer.run;
    if (!run || this.order.length === 0) return;
    const block = Math.floor(at / BLOCK);
    const explained = await this.#explain(block);
    if (at !== this.at.value) return; // an answer that arrives late
    this.shown.value = drawn(explained, at - block * BLOCK, run);
    void this.#explain(block + 1);
  }

  #explain(block: number): Promise<ExplainedImages> {
    const images = this.order.slice(block * BLOCK, (block + 1) * BLOCK);
    const known = this.#blocks.get(block);
    if (known || images.length === 0) return known ?? Promise.reject(new RangeError('no images'));
    const asked = this.trainer.explain('train', images);
    this.#blocks.set(block, asked);
    asked.catch(() => this.#blocks.delete(block)); // the next call tries again
    return asked;
  }
}

/** Both maps on one scale: that of the one with the hotter places. */
function drawn(
  { pixels, arms, labels, ids, height, width }: ExplainedImages,
  i: number,
  { classes, size }: NonNullable<Trainer['run']['value']>,
): ShownImage {
  const each = size.channels * size.height * size.width;
  const picture = { pixels: pixels.subarray(i * each, (i + 1) * each), ...size };
  const both = [arms['cross-entropy'], arms.guided].map((arm) => {
    if (!arm)
      throw new RangeError('the run has only one classifier, so there is nothing to compare.');
    return { ...arm, map: mapAt(arm.maps, i, { height, width }) };
  });
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
