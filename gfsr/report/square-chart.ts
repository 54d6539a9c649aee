// Square charts of shares from 0 to 1 as inline SVG: one line per arm, with the band in which it may lie.

import type { Arm } from '../train/experiment.ts';
import { type Html, html } from './html.ts';

export interface SquareChart {
  readonly title: string;
  readonly x: string;
  readonly y: string;
  readonly lines: readonly SquareLine[];
  /** Draws y = x, for comparison. */
  readonly diagonal?: boolean;
  /** What it shows, for people who do not see it. */
  readonly alt: string;
}

export interface SquareLine {
  readonly arm: Arm;
  readonly points: readonly SquarePoint[];
  /** Draws the points as dots. */
  readonly dots?: boolean;
}

/** A point, and the interval in which y may lie. A point that is not finite is left out. */
export interface SquarePoint {
  readonly x: number;
  readonly y: number;
  readonly low?: number;
  readonly high?: number;
}

const SIZE = 320;
const LEFT = 62;
const RIGHT = SIZE - 12;
const TOP = 10;
const BOTTOM = SIZE - 44;
const TICKS = [0, 0.25, 0.5, 0.75, 1];

const across = (share: number): number => LEFT + (RIGHT - LEFT) * share;
const up = (share: number): number => BOTTOM - (BOTTOM - TOP) * share;
const at = (x: number, y: number): string => `${across(x).toFixed(1)},${up(y).toFixed(1)}`;

export function squareChart({ title, x, y, lines, diagonal = false, alt }: SquareChart): Html {
  return html`<figure class="chart"><figcaption>${title}</figcaption>
<svg viewBox="0 0 ${SIZE} ${SIZE}" role="img" aria-label="${title}: ${alt}">
${TICKS.map(
  (tick) => html`<line class="rule" x1="${LEFT}" x2="${RIGHT}" y1="${up(tick)}" y2="${up(tick)}"/>
<text x="${LEFT - 7}" y="${up(tick) + 4}" text-anchor="end">${100 * tick} %</text><text x="${across(tick)}" y="${BOTTOM + 17}" text-anchor="middle">${100 * tick} %</text>`,
)}
<text x="${(LEFT + RIGHT) / 2}" y="${SIZE - 8}" text-anchor="middle">${x}</text>
<text transform="translate(13 ${(TOP + BOTTOM) / 2}) rotate(-90)" text-anchor="middle">${y}</text>
${diagonal && html`<line class="diagonal" x1="${across(0)}" y1="${up(0)}" x2="${across(1)}" y2="${up(1)}"/>`}
${lines.map(drawLine)}</svg></figure>`;
}

function drawLine({ arm, points, dots = false }: SquareLine): Html {
  const known = points.filter(({ y }) => Number.isFinite(y));
  const ranged = known.filter(({ low = Number.NaN }) => Number.isFinite(low));
  const side = (of: SquarePoint[], bound: 'low' | 'high') =>
    of.map((point) => at(point.x, point[bound] as number));
  const band = [...side(ranged, 'high'), ...side([...ranged].reverse(), 'low')];
  return html`<g class="${arm}">${
    dots
      ? ranged.map(
          ({ x, low, high }) =>
            html`<line class="whisker" x1="${across(x).toFixed(1)}" x2="${across(x).toFixed(1)}" y1="${up(low as number).toFixed(1)}" y2="${up(high as number).toFixed(1)}"/>`,
        )
      : band.length > 2 && html`<polygon class="band" points="${band.join(' ')}"/>`
  }<polyline points="${known.map((point) => at(point.x, point.y)).join(' ')}"/>${dots && known.map((point) => html`<circle cx="${across(point.x).toFixed(1)}" cy="${up(point.y).toFixed(1)}" r="3"/>`)}</g>`;
}
