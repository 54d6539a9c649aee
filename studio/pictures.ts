// The images of the data set in the page: fetched in blocks of about a megabyte, the latest kept.

import type { Project } from './storage/project.ts';

const BLOCK_BYTES = 2 ** 20;
const KEPT_BLOCKS = 48;

/** Number of images that are fetched at once; a server gives no more than 1024. */
export const imagesPerBlock = ({
  channels,
  height,
  width,
}: Pick<Project['dataset'], 'channels' | 'height' | 'width'>): number =>
  Math.max(1, Math.min(1024, Math.floor(BLOCK_BYTES / (channels * height * width))));

/** Window of grey levels that is spread over black to white, both in [0, 255]. */
export interface Levels {
  readonly low: number;
  readonly high: number;
}

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
    this.#perBlock = imagesPerBlock(project.dataset);
  }

  /** Bytes [C, H, W]. */
  async bytes(image: number): Promise<Uint8Array> {
    const block = Math.floor(image / this.#perBlock);
    const bytes = await this.#fetch(block);
    const at = (image - block * this.#perBlock) * this.#size;
    return bytes.subarray(at, at + this.#size);
  }

  /** The image as a picture of its own size. */
  async picture(image: number, { low, high }: Levels = { low: 0, high: 255 }): Promise<ImageData> {
    const { channels, height, width } = this.#project.dataset;
    const bytes = await this.bytes(image);
    const area = height * width;
    const picture = new ImageData(width, height);
    const scale = 255 / Math.max(1, high - low);
    for (let p = 0; p < area; p++) {
      for (let c = 0; c < 3; c++) {
        const value = bytes[(channels === 1 ? 0 : c) * area + p];
        picture.data[4 * p + c] = (value - low) * scale; // clamped by its array
      }
      picture.data[4 * p + 3] = 255;
    }
    return picture;
  }

  /** Levels that make the 1st percentile of an image black and the 99th white. */
  async spreadLevels(image: number): Promise<Levels> {
    const sorted = Uint8Array.from(await this.bytes(image)).sort();
    const at = (share: number) => sorted[Math.floor(share * (sorted.length - 1))];
    return { low: at(0.01), high: at(0.99) };
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
