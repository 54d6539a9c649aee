// Small pictures of images and of their masks, made by the worker so that the page only has to show them.

import { type AnnotationPlane, MARK, MARK_COLORS } from '../../gfsr/annotation/marks.ts';
import { imageAt, type Split } from '../../gfsr/data/dataset.ts';
import { areaResize } from '../../gfsr/image/area-resize.ts';
import { gaussianBlur } from '../../gfsr/image/gaussian-blur.ts';
import { rowAt } from '../../gfsr/image/rows.ts';
import type { Segmentation } from '../../gfsr/masks/segmentation.ts';
import { overrideStrokes } from '../../gfsr/masks/soft-mask.ts';
import type { DatasetOutline } from './workspace.ts';

/** Longest side of a tile in pixels: the page shows it at 61 to 90. */
const SIDE = 72;
/** Of what is relevant. */
const COLOR = MARK_COLORS[MARK.positive];
/** Opacity of full relevance: the picture stays visible below. */
const OPACITY = 0.65;
/** Number of reduced images that are kept. */
const KEPT = 256;

type Rgba = Uint8ClampedArray<ArrayBuffer>;

/** Tiles of one size for all images of a split. */
export class Tiles {
  readonly size: { readonly height: number; readonly width: number };
  readonly #outline: DatasetOutline;
  readonly #split: Split;
  readonly #sigma: number;
  readonly #pictures = new Map<number, Rgba>();
  /** Pixel of the image in the middle of each pixel of a tile. */
  readonly #nearest: Int32Array;

  /** @param sigma blur of masks in pixels of the image */
  constructor(outline: DatasetOutline, split: Split, sigma: number) {
    const { height, width } = outline;
    const scale = Math.min(1, SIDE / Math.max(height, width));
    const small = (n: number) => Math.max(1, Math.round(n * scale));
    const size = { height: small(height), width: small(width) };
    this.#outline = outline;
    this.#split = split;
    this.#sigma = sigma * scale;
    this.size = size;
    this.#nearest = Int32Array.from({ length: size.height * size.width }, (_, p) => {
      const y = Math.floor(((Math.floor(p / size.width) + 0.5) * height) / size.height);
      const x = Math.floor((((p % size.width) + 0.5) * width) / size.width);
      return y * width + x;
    });
  }

  /** An image with its mask over it: the more relevant a place, the more it is tinted. */
  draw(
    image: number,
    { labels }: Segmentation,
    relevance: Float32Array,
    planes: readonly AnnotationPlane[] = [],
  ): Rgba {
    const { height, width } = this.size;
    // A loop: `from` takes several times as long, and a click waits for 40 of these.
    const flat = new Float32Array(this.#nearest.length);
    for (let i = 0; i < flat.length; i++) flat[i] = relevance[labels[this.#nearest[i]]];
    const soft = gaussianBlur(flat, height, width, this.#sigma);
    const marks = planes.map((plane) => Uint8Array.from(this.#nearest, (p) => plane[p]));
    const mask = marks.length > 0 ? overrideStrokes(soft, marks) : soft;
    const out = this.#picture(image).slice();
    for (let i = 0; i < mask.length; i++) {
      const tint = OPACITY * mask[i];
      if (tint === 0) continue;
      for (let c = 0; c < 3; c++) out[4 * i + c] += tint * (COLOR[c] - out[4 * i + c]);
    }
    return out;
  }

  /** The image alone; the latest are kept. */
  #picture(image: number): Rgba {
    const known = this.#pictures.get(image) ?? this.#reduce(image);
    this.#pictures.delete(image);
    this.#pictures.set(image, known); // now the latest
    if (this.#pictures.size > KEPT) {
      this.#pictures.delete(this.#pictures.keys().next().value as number);
    }
    return known;
  }

  #reduce(image: number): Rgba {
    const { channels, height, width } = this.#outline;
    const bytes = imageAt(this.#split, image);
    const to = [this.size.height, this.size.width] as const;
    const planes = Array.from({ length: channels }, (_, c) =>
      areaResize(Float32Array.from(rowAt(bytes, c, height * width)), [height, width], to),
    );
    const out = new Uint8ClampedArray(4 * to[0] * to[1]);
    for (let p = 0; p < to[0] * to[1]; p++) {
      for (let c = 0; c < 3; c++) out[4 * p + c] = planes[channels === 1 ? 0 : c][p];
      out[4 * p + 3] = 255;
    }
    return out;
  }
}
