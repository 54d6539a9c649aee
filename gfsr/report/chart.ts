// Line charts as inline SVG without scripts: one small chart per quantity, with one line per arm.

import type { Arm } from '../train/experiment.ts';
import { type Html, html } from './html.ts';
import { ARM_NAMES } from './report-table.ts';

export interface Chart {
  readonly title: string;
  /** Value of each epoch, by arm. Values that are not finite are left out. */
  readonly lines: Readonly<Partial<Record<Arm, readonly (number | undefined)[]>>>;
  /** The first epochs, which both arms share and which are shaded. */
  readonly shared: number;
  /** Tick labels are in %. */
  readonly percent?: boolean;
}

interface Point {
  readonly epoch: number;
  readonly value: number;
}

const WIDTH = 420;
const HEIGHT = 220;
const LEFT = 46;
const RIGHT = WIDTH - 14;
const TOP = 10;
const BOTTOM = HEIGHT - 26;

/** A chart over epochs 1 to n, with a text alternative for screen readers. Empty if there is nothing to draw. */
export function lineChart({ title, lines, shared, percent = false }: Chart): Html | undefined {
  const drawn = Object.entries(lines).map(([arm, values]) => ({
    arm,
    points: values.flatMap((value, i): Point[] =>
      value !== undefined && Number.isFinite(value) ? [{ epoch: i + 1, value }] : [],
    ),
  }));
  const values = drawn.flatMap(({ points }) => points.map(({ value }) => value));
  if (values.length === 0) return undefined;
  const epochs = Math.max(...Object.values(lines).map(({ length }) => length));
  const ticks = niceTicks(Math.min(...values), Math.max(...values));
  const [low, high] = [ticks[0], ticks[ticks.length - 1]];
  const x = (epoch: number) => LEFT + ((RIGHT - LEFT) * (epoch - 1)) / Math.max(1, epochs - 1);
  const y = (value: number) => BOTTOM - ((BOTTOM - TOP) * (value - low)) / (high - low);
  const show = (value: number) =>
    percent ? `${trim(100 * value)} %` : trim(value, high - low < 0.01 ? 2 : 3);
  const spoken = drawn.map(({ arm, points }) => {
    const [first, last] = [points[0], points[points.length - 1]];
    const name = ARM_NAMES[arm as Arm].toLowerCase();
    return first ? `${name} from ${show(first.value)} to ${show(last.value)}` : `${name} not drawn`;
  });
  const step = Math.max(1, Math.ceil(epochs / 10));
  const epochTicks = Array.from({ length: epochs }, (_, i) => i + 1).filter(
    (epoch) => (epoch - 1) % step === 0,
  );
  return html`<figure class="chart"><figcaption>${title}</figcaption>
<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title}, by epoch: ${spoken.join('; ')}">
${shared > 1 && html`<rect class="shared" x="${LEFT}" y="${TOP}" width="${x(Math.min(shared, epochs)) - LEFT}" height="${BOTTOM - TOP}"/>`}
${ticks.map(
  (tick) => html`<line class="rule" x1="${LEFT}" x2="${RIGHT}" y1="${y(tick)}" y2="${y(tick)}"/>
<text x="${LEFT - 7}" y="${y(tick) + 4}" text-anchor="end">${show(tick)}</text>`,
)}
${epochTicks.map((epoch) => html`<text x="${x(epoch)}" y="${HEIGHT - 8}" text-anchor="middle">${epoch}</text>`)}
${drawn.map(
  ({ arm, points }) => html`<g class="${arm}">
<polyline points="${points.map(({ epoch, value }) => `${round(x(epoch))},${round(y(value))}`).join(' ')}"/>
${points.map(({ epoch, value }) => html`<circle cx="${round(x(epoch))}" cy="${round(y(value))}" r="3"><title>${ARM_NAMES[arm as Arm].toLowerCase()}, epoch ${epoch}: ${show(value)}</title></circle>`)}
</g>`,
)}</svg></figure>`;
}

/** Three to six round numbers that span a range. */
function niceTicks(from: number, to: number): number[] {
  const span = to - from || Math.abs(to) || 1;
  const power = 10 ** Math.floor(Math.log10(span / 4));
  const step = power * ([1, 2, 5].find((n) => span / (n * power) <= 4) ?? 10);
  const first = Math.floor(from / step + 1e-9);
  const last = Math.max(first + 1, Math.ceil(to / step - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

/** A number with the given count of significant digits, without trailing zeros. */
const trim = (value: number, digits = 3): string => String(Number(value.toPrecision(digits)));

const round = (value: number): string => value.toFixed(1);
