// Draws smooth shapes on one uint8 image of any size, grey or RGB, and records where.

import { GLYPH_HEIGHT, isInk, textWidth } from './font.ts';

/** R, G, B, 0 to 255. A grey image uses the luma. */
export type Colour = readonly [number, number, number];

export const BLACK: Colour = [12, 12, 12];
export const WHITE: Colour = [244, 244, 244];

/** A pixel that is covered at least this much belongs to the drawing. */
const SEEN = 0.25;

const luma = ([r, g, b]: Colour) => 0.299 * r + 0.587 * g + 0.114 * b;

export class Canvas {
  readonly height: number;
  readonly width: number;
  /** The shorter side. Shapes are measured in it. */
  readonly side: number;
  readonly isGrey: boolean;
  /** Whether the image was mostly dark before anything was drawn. */
  readonly isDark: boolean;
  readonly #image: Uint8Array;
  readonly #marked: Uint8Array;
  /** Coverage of each pixel by the shapes drawn since the last `paint`. */
  readonly #cover: Float32Array;

  /**
   * @param image [C, H, W] with C = 1 or 3, changed by `paint`
   * @param marked [H, W], set to 1 where something is painted
   */
  constructor(image: Uint8Array, marked: Uint8Array, height: number, width: number) {
    this.height = height;
    this.width = width;
    this.side = Math.min(height, width);
    this.isGrey = image.length === height * width;
    this.isDark = image.reduce((sum, value) => sum + value, 0) / image.length < 110;
    this.#image = image;
    this.#marked = marked;
    this.#cover = new Float32Array(height * width);
  }

  /** A colour that is visible on this image. */
  get contrast(): Colour {
    return this.isDark ? WHITE : BLACK;
  }

  /** Covers pixels by the distance of their centres, in pixels, to the edge of a shape; negative inside. */
  shape(distance: (y: number, x: number) => number, [top, left, bottom, right] = this.#all): void {
    const rows = [Math.max(0, Math.floor(top)), Math.min(this.height, Math.ceil(bottom))];
    const columns = [Math.max(0, Math.floor(left)), Math.min(this.width, Math.ceil(right))];
    for (let row = rows[0]; row < rows[1]; row++) {
      for (let column = columns[0]; column < columns[1]; column++) {
        const cover = Math.min(1, Math.max(0, 0.5 - distance(row + 0.5, column + 0.5)));
        const p = row * this.width + column;
        if (cover > this.#cover[p]) this.#cover[p] = cover;
      }
    }
  }

  /** A disc around (y, x). */
  disc(y: number, x: number, radius: number): void {
    const reach = radius + 1;
    this.shape(
      (v, u) => Math.hypot(v - y, u - x) - radius,
      [y - reach, x - reach, y + reach, x + reach],
    );
  }

  /** A line with round ends from (y0, x0) to (y1, x1). */
  line([y0, x0]: Point, [y1, x1]: Point, thickness: number): void {
    const [dy, dx] = [y1 - y0, x1 - x0];
    const length2 = dy * dy + dx * dx || 1;
    const reach = thickness / 2 + 1;
    this.shape(
      (v, u) => {
        const t = Math.min(1, Math.max(0, ((v - y0) * dy + (u - x0) * dx) / length2));
        return Math.hypot(v - y0 - t * dy, u - x0 - t * dx) - thickness / 2;
      },
      [
        Math.min(y0, y1) - reach,
        Math.min(x0, x1) - reach,
        Math.max(y0, y1) + reach,
        Math.max(x0, x1) + reach,
      ],
    );
  }

  /** A quadratic Bézier curve from `a` to `b`, drawn towards `bend`. */
  curve(a: Point, bend: Point, b: Point, thickness: number): void {
    const pieces = Math.max(4, Math.ceil(this.side / 6));
    const at = (t: number): Point => {
      const [u, v, w] = [(1 - t) ** 2, 2 * t * (1 - t), t * t];
      return [u * a[0] + v * bend[0] + w * b[0], u * a[1] + v * bend[1] + w * b[1]];
    };
    for (let i = 0; i < pieces; i++) this.line(at(i / pieces), at((i + 1) / pieces), thickness);
  }

  /** A text with its upper left corner at (top, left). Each pixel of the font is a square of `scale` pixels. */
  text(text: string, top: number, left: number, scale: number): void {
    for (let row = 0; row < GLYPH_HEIGHT; row++) {
      for (let column = 0; column < textWidth(text); column++) {
        if (!isInk(text, row, column)) continue;
        const [y, x] = [top + row * scale, left + column * scale];
        this.shape(() => -1, [y, x, y + scale, x + scale]);
      }
    }
  }

  /** A colour that is visible where something was drawn since the last `paint`: white, or black on light ground. */
  get legible(): Colour {
    let [sum, covered] = [0, 0];
    const area = this.height * this.width;
    for (let at = 0; at < this.#image.length; at++) {
      const cover = this.#cover[at % area];
      sum += this.#image[at] * cover;
      covered += cover;
    }
    return sum / covered > 165 ? BLACK : WHITE;
  }

  /** Paints what was drawn since the last call, and marks it. */
  paint(colour: Colour, opacity = 1): void {
    const area = this.height * this.width;
    const values = this.isGrey ? [luma(colour)] : colour;
    for (let p = 0; p < area; p++) {
      const cover = this.#cover[p] * opacity;
      if (cover === 0) continue;
      for (const [c, value] of values.entries()) {
        const at = c * area + p;
        this.#image[at] = Math.round(this.#image[at] + cover * (value - this.#image[at]));
      }
      if (cover >= SEEN) this.#marked[p] = 1;
    }
    this.#cover.fill(0);
  }

  get #all(): Box {
    return [0, 0, this.height, this.width];
  }
}

/** y and x in pixels from the upper left corner of the image. */
export type Point = readonly [number, number];

/** Top, left, bottom, right. */
type Box = readonly [number, number, number, number];
