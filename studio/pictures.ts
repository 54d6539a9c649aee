// The images of the data set in the page: fetched in blocks, the latest kept, and drawn.

import { inTurn } from './in-turn.ts';
import type { Project } from './storage/project.ts';

/** Images are looked at in an order of their own, so most of a large block would be fetched in vain. */
const BLOCK_BYTES = 2 ** 16;
const KEPT_BLOCKS = 256;

/** Number of images that are fetched at once; a server gives no more than 1024. */
export const imagesPerBlock = (
  { channels, height, width }: Pick<Project['dataset'], 'channels' | 'height' | 'width'>,
  bytes: number,
): number => Math.max(1, Math.min(1024, Math.floor(bytes / (channels * height * width))));

/** Longest side of a small picture, if a whole number of pixels goes into one of it: twice what a page shows. */
const SMALL = 112;

/** Window of grey levels that is spread over black to white, both in [0, 255]. */
export interface Levels {
  readonly low: number;
  readonly high: number;
}

/** The grey levels of the file. */
export const FULL: Levels = { low: 0, high: 255 };

/** Fetches images once, and draws them. */
export class Pictures {
  readonly #project: Pick<Project, 'dataset' | 'images'>;
  readonly #perBlock: number;
  readonly #size: number;
  readonly #blocks = new Map<number, Promise<Uint8Array>>();

  constructor(project: Pick<Project, 'dataset' | 'images'>) {
    const { channels, height, width } = project.dataset;
    this.#project = project;
    this.#size = channels * height * width;
    this.#perBlock = imagesPerBlock(project.dataset, BLOCK_BYTES);
  }

  /** Bytes [C, H, W]. */
  async bytes(image: number): Promise<Uint8Array> {
    const block = Math.floor(image / this.#perBlock);
    const bytes = await this.#fetch(block);
    const at = (image - block * this.#perBlock) * this.#size;
    return bytes.subarray(at, at + this.#size);
  }

  /** The image as a picture of its own size. */
  async picture(image: number, levels: Levels = FULL): Promise<ImageData> {
    const bytes = await this.bytes(image);
    return inTurn(() => this.#draw(bytes, { ...levels, every: 1 }));
  }

  /** The image as a small picture: every n-th pixel of every n-th row. */
  async smallPicture(image: number): Promise<ImageData> {
    const { height, width } = this.#project.dataset;
    const bytes = await this.bytes(image);
    const every = Math.max(1, Math.floor(Math.max(height, width) / SMALL));
    return inTurn(() => this.#draw(bytes, { ...FULL, every }));
  }

  /** Levels that make the 1st percentile of an image black and the 99th white. */
  async spreadLevels(image: number): Promise<Levels> {
    const sorted = Uint8Array.from(await this.bytes(image)).sort();
    const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))];
    return { low: at(0.01), high: at(0.99) };
  }

  #draw(bytes: Uint8Array, { low, high, every }: Levels & { every: number }): ImageData {
    const { channels, height, width } = this.#project.dataset;
    const area = height * width;
    const picture = new ImageData(Math.ceil(width / every), Math.ceil(height / every));
    const scale = 255 / Math.max(1, high - low);
    for (let y = 0, to = 0; y < height; y += every) {
      for (let x = 0; x < width; x += every, to += 4) {
        for (let c = 0; c < 3; c++) {
          const value = bytes[(channels === 1 ? 0 : c) * area + y * width + x];
          picture.data[to + c] = (value - low) * scale; // clamped by its array
        }
        picture.data[to + 3] = 255;
      }
    }
    return picture;
  }

  #fetch(block: number): Promise<Uint8Array> {
    const known = this.#blocks.get(block);
    this.#blocks.delete(block);
    const from = block * this.#perBlock;
    const to = Math.min(from + this.#perBlock, this.#project.dataset.ids.length);
    const bytes = known ?? this.#project.images(from, to);
    this.#blocks.set(block, bytes); // now the latest
    bytes.catch(() => this.#blocks.delete(block)); // the next call tries again
    for (const old of this.#blocks.keys()) {
      if (this.#blocks.size <= KEPT_BLOCKS) break;
      this.#blocks.delete(old);
    }
    return bytes;
  }
}
