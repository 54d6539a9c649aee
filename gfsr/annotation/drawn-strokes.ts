// What a person draws with a pen on an area: a click in its middle, or a stroke through the middle of each part of it.

import type { Random } from '../../engine/core/random.ts';
import { connectedComponents } from '../image/connected-components.ts';
import { depthInside } from '../image/depth-inside.ts';
import { defaultRadius } from './raster.ts';

/** A line of the pen: points in pixels, and the radius of the pen. */
export interface PenLine {
  readonly points: [number, number][];
  readonly radius: number;
}

/** An area of an image: 1 inside, [H, W]. */
interface Area {
  readonly inside: Uint8Array;
  readonly height: number;
  readonly width: number;
}

/** Parts of an area smaller than this share of the largest one get no stroke. [ours] */
const SMALLEST_PART = 0.1;
/** Pixels between two points of a stroke. */
const SPACING = 2;
/** Length of a stroke on the background, as a share of the longer side. [ours] */
const BACKGROUND_LENGTH = 0.5;

/** One of the deepest points of the area (for a digit: the middle of the line). */
export function click({ inside, height, width }: Area, random: Random): PenLine {
  const depth = depthInside(inside, height, width);
  const deepest = largest(depth);
  const middle: number[] = [];
  for (const [pixel, value] of depth.entries()) if (value >= 0.9 * deepest) middle.push(pixel);
  const points = byHand([middle[random.int(middle.length)]], width, height, random);
  return { points, radius: defaultRadius(height, width) };
}

/** A stroke through the middle of each part of the area, from end to end, with a pen that stays inside. */
export function scribbles({ inside, height, width }: Area, random: Random): PenLine[] {
  const { labels, count, order, starts } = connectedComponents(inside, height, width, 8);
  const sizes = Array.from({ length: count }, (_, c) =>
    inside[order[starts[c]]] === 1 ? starts[c + 1] - starts[c] : 0,
  );
  const most = sizes.reduce((a, b) => Math.max(a, b), 0);
  return [...sizes.keys()]
    .filter((c) => sizes[c] >= SMALLEST_PART * most)
    .map((c) => {
      const part = Uint8Array.from(labels, (label) => (label === c ? 1 : 0));
      const depth = depthInside(part, height, width);
      const radius = Math.min(defaultRadius(height, width), Math.max(largest(depth) / 2, 0.5));
      const line = centreLine(depth, height, width);
      return { points: byHand(withoutTips(line, depth, radius), width, height, random), radius };
    });
}

/**
 * A stroke on the background, clear of the area and of the edges of the image; undefined if there is no room for the
 * pen.
 */
export function backgroundStroke(
  { inside, height, width }: Area,
  random: Random,
): PenLine | undefined {
  const radius = defaultRadius(height, width);
  const clear = depthInside(
    inside.map((v) => 1 - v),
    height,
    width,
  );
  const room = Uint8Array.from(clear, (distance) => (distance >= 2 * radius ? 1 : 0));
  if (!room.includes(1)) return undefined;
  const { labels } = connectedComponents(room, height, width, 8);
  const widest = labels[clear.indexOf(largest(clear))];
  const depth = clear.map((distance, p) => (labels[p] === widest ? distance : 0));
  const line = centreLine(depth, height, width);
  const length = Math.round(BACKGROUND_LENGTH * Math.max(height, width));
  const from = random.int(Math.max(1, line.length - length));
  return { points: byHand(line.slice(from, from + length), width, height, random), radius };
}

const largest = (values: Float32Array): number => values.reduce((a, b) => Math.max(a, b), 0);

/** The part of a line on which the pen stays inside; its deepest pixel if there is none. */
function withoutTips(line: readonly number[], depth: Float32Array, radius: number): number[] {
  const fits = (pixel: number) => depth[pixel] >= radius + 0.5;
  const first = line.findIndex(fits);
  if (first < 0) return [line.reduce((a, b) => (depth[b] > depth[a] ? b : a))];
  return line.slice(first, line.findLastIndex(fits) + 1);
}

/** Points anywhere in every `SPACING`th pixel, since hands are not exact. */
const byHand = (
  pixels: readonly number[],
  width: number,
  height: number,
  random: Random,
): [number, number][] =>
  pixels
    .filter((_, i) => i % SPACING === 0)
    .map((pixel) => [
      cut(Math.min((pixel % width) + random.uniform(), width)),
      cut(Math.min(Math.floor(pixel / width) + random.uniform(), height)),
    ]);

/** Pixels with two decimals, which are enough for a pen. */
export const cut = (value: number): number => Math.floor(100 * value) / 100;

/**
 * The way between the two ends of an area that lie farthest apart, along its middle: each step costs its length times
 * the square of how much shallower the area is there than at its deepest. [ours]
 *
 * @param depth above 0 inside one connected area
 */
function centreLine(depth: Float32Array, height: number, width: number): number[] {
  const deepest = largest(depth);
  const plain = () => 1;
  const farthest = (from: number) => {
    const { cost } = cheapestWays(from, depth, [height, width], plain);
    return cost.reduce((best, c, p) => (Number.isFinite(c) && c > cost[best] ? p : best), from);
  };
  const start = farthest(depth.indexOf(deepest));
  const end = farthest(start);
  const middle = (pixel: number) => (deepest / depth[pixel]) ** 2;
  const { previous } = cheapestWays(start, depth, [height, width], middle);
  const line = [end];
  while (line[0] !== start) line.unshift(previous[line[0]]);
  return line;
}

/** For every pixel inside, the cheapest way from `from` (Bellman-Ford with a queue): its cost, and the pixel before. */
function cheapestWays(
  from: number,
  depth: Float32Array,
  [height, width]: readonly [number, number],
  weight: (pixel: number) => number,
): { readonly cost: Float64Array; readonly previous: Int32Array } {
  const cost = new Float64Array(depth.length).fill(Number.POSITIVE_INFINITY);
  const previous = new Int32Array(depth.length).fill(-1);
  cost[from] = 0;
  const waiting = new Set([from]);
  // A pixel that is found again while it waits keeps its place.
  for (const pixel of waiting) {
    waiting.delete(pixel);
    const x = pixel % width;
    const y = Math.floor(pixel / width);
    for (let ny = Math.max(y - 1, 0); ny <= Math.min(y + 1, height - 1); ny++) {
      for (let nx = Math.max(x - 1, 0); nx <= Math.min(x + 1, width - 1); nx++) {
        const next = ny * width + nx;
        if (depth[next] === 0 || next === pixel) continue;
        const step = Math.hypot(nx - x, ny - y) * weight(next);
        if (cost[pixel] + step >= cost[next]) continue;
        cost[next] = cost[pixel] + step;
        previous[next] = pixel;
        waiting.add(next);
      }
    }
  }
  return { cost, previous };
}
