// The roofline plot of one machine as inline SVG: the speed of each kernel below the limits of the adapter.

import { Html, html } from '../gfsr/report/html.ts';
import { figure, percent } from './format.ts';
import type { KernelRow } from './result.ts';
import { figuresOf, type Peaks } from './roofline.ts';

export interface RooflineChart {
  /** The machine. */
  readonly title: Html;
  /** The same in a file's name and in a picture that stands alone. */
  readonly name: string;
  readonly kernels: readonly KernelRow[];
  readonly peaks: Peaks;
  /** In the order of their marks. */
  readonly suites: readonly string[];
}

const WIDTH = 560;
const HEIGHT = 360;
const LEFT = 54;
const RIGHT = WIDTH - 16;
const TOP = 18;
const BOTTOM = HEIGHT - 42;
/** Height of a line below the axes. */
const LINE = 16;

/** A mark for each suite: shape and colour, so that neither is needed alone. */
const MARKS = [
  'M-4.5 0a4.5 4.5 0 1 0 9 0a4.5 4.5 0 1 0 -9 0z',
  'M-4.2 -4.2h8.4v8.4h-8.4z',
  'M0 -5.6l5.6 5.6l-5.6 5.6l-5.6 -5.6z',
  'M0 -5.4l5.2 9.4h-10.4z',
  'M0 5.4l5.2 -9.4h-10.4z',
  'M-1.6 -5h3.2v3.4h3.4v3.2h-3.4v3.4h-3.2v-3.4h-3.4v-3.2h3.4z',
];

/** A suite's mark for the legend. */
export const suiteMark = (index: number): Html =>
  html`<svg viewBox="-7 -7 14 14" aria-hidden="true"><path class="s${index % MARKS.length}" d="${MARKS[index % MARKS.length]}"/></svg>`;

/** What a picture looks like outside the page, which has the rest of its style. */
const ALONE = `svg { font: 11px system-ui, sans-serif; background: #fff } text { fill: #555 } .rule { stroke: #ddd }
.roof { fill: none; stroke: #111; stroke-width: 1.75 } .ridge { stroke: #555; stroke-dasharray: 3 4 } .on-roof, .named { fill: #111 }
${['#0a62b0', '#b04a00', '#14693a', '#8a2f8f', '#b3261e', '#5f6a00'].map((color, i) => `.s${i} { fill: ${color} }`).join(' ')}`;

/** The picture of a machine with a link that saves it; nothing if there is nothing to draw. */
export function rooflineChart(chart: RooflineChart): Html | undefined {
  const drawing = draw(chart);
  if (!drawing) return undefined;
  const { name, title } = chart;
  const height = HEIGHT + LINE * (chart.suites.length + 1);
  const alone = html`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 -22 ${WIDTH} ${height + 22}" width="${2 * WIDTH}">
<style>${new Html(ALONE)}</style><text class="named" x="${LEFT}" y="-6">${name}</text>${drawing}</svg>`;
  const file = `roofline-${name.toLowerCase().replace(/[^a-z0-9]+/g, '-')}.svg`;
  return html`<figure class="chart roofline"><figcaption>${title}</figcaption>
${new Html(drawing.text.replace('<g ', `<svg viewBox="0 0 ${WIDTH} ${height}" `).replace(/<\/g>$/, '</svg>'))}
<p class="save"><a download="${file}" href="data:image/svg+xml,${encodeURIComponent(alone.text)}">Save this picture (SVG)</a></p></figure>`;
}

/** GFLOP/s over FLOP per byte, both on logarithmic axes, as a group, with the fastest of each suite below. */
function draw({ kernels, peaks, suites }: RooflineChart): Html | undefined {
  const points = kernels
    .filter(({ flops }) => flops > 0)
    .map((row) => ({ row, of: figuresOf(row, peaks) }));
  if (points.length === 0) return undefined;
  const ridge = peaks.gflops / peaks.gbs;
  const xs = powers([...points.map(({ of }) => of.intensity), ridge / 2, ridge * 2]);
  const ys = powers([...points.map(({ of }) => of.gflops), peaks.gflops * 1.5]);
  const x = along(xs, LEFT, RIGHT);
  const y = along(ys, BOTTOM, TOP);
  // The slope leaves the plot at the left side or at the bottom, whichever comes first.
  const start = Math.max(xs[0], ys[0] / peaks.gbs);
  const roof = [
    [start, start * peaks.gbs],
    [ridge, peaks.gflops],
    [xs[xs.length - 1], peaks.gflops],
  ].map(([i, g]) => `${x(i).toFixed(1)},${y(g).toFixed(1)}`);
  // Written along the slope, in its middle and a little above it.
  const middle = Math.sqrt(start * ridge);
  const [rise, run] = [y(start * peaks.gbs) - y(peaks.gflops), x(ridge) - x(start)];
  const angle = (-Math.atan2(rise, run) * 180) / Math.PI;
  const onSlope = `translate(${x(middle).toFixed(1)} ${y(middle * peaks.gbs).toFixed(1)}) rotate(${angle.toFixed(1)}) translate(0 -8)`;
  const best = Math.max(...points.map(({ of }) => of.gflops));
  const fastest = suites.map((suite, i) => {
    const own = points.filter(({ row }) => row.suite === suite);
    const best = own.reduce<(typeof points)[number] | undefined>(
      (a, b) => (a && a.of.gflops >= b.of.gflops ? a : b),
      undefined,
    );
    const says = best ? `${best.row.name}, ${figure(best.of.gflops)} GFLOP/s` : 'without a count';
    return html`<g transform="translate(${LEFT + 6} ${HEIGHT + LINE * (i + 1)})"><path class="s${i % MARKS.length}" d="${MARKS[i % MARKS.length]}"/>
<text x="10" y="4">${suite}, fastest: <tspan class="named">${says}</tspan></text></g>`;
  });
  return html`<g role="img" aria-label="Roofline: at most ${figure(peaks.gflops)} GFLOP/s and ${figure(peaks.gbs)} GB/s; the best of ${points.length} kernels reaches ${figure(best)} GFLOP/s">
${ys.map(
  (tick) => html`<line class="rule" x1="${LEFT}" x2="${RIGHT}" y1="${y(tick)}" y2="${y(tick)}"/>
<text x="${LEFT - 8}" y="${y(tick) + 4}" text-anchor="end">${tickLabel(tick)}</text>`,
)}
${xs.map(
  (tick) => html`<line class="rule" x1="${x(tick)}" x2="${x(tick)}" y1="${TOP}" y2="${BOTTOM}"/>
<text x="${x(tick)}" y="${BOTTOM + 16}" text-anchor="middle">${tickLabel(tick)}</text>`,
)}
<text x="${(LEFT + RIGHT) / 2}" y="${HEIGHT - 6}" text-anchor="middle">FLOP a byte that must be moved</text>
<text x="14" y="${(TOP + BOTTOM) / 2}" text-anchor="middle" transform="rotate(-90 14 ${(TOP + BOTTOM) / 2})">GFLOP/s</text>
<line class="ridge" x1="${x(ridge)}" x2="${x(ridge)}" y1="${y(peaks.gflops)}" y2="${BOTTOM}"/>
<polyline class="roof" points="${roof.join(' ')}"/>
<text class="on-roof" x="${RIGHT - 4}" y="${y(peaks.gflops) - 7}" text-anchor="end">${figure(peaks.gflops)} GFLOP/s</text>
<text class="on-roof" text-anchor="middle" transform="${onSlope}">${figure(peaks.gbs)} GB/s</text>
${points.map(
  ({ row, of }) =>
    html`<path class="s${suites.indexOf(row.suite) % MARKS.length}" d="${MARKS[suites.indexOf(row.suite) % MARKS.length]}" transform="translate(${x(of.intensity).toFixed(1)} ${y(of.gflops).toFixed(1)})"><title>${row.name}: ${figure(of.gflops)} GFLOP/s, ${figure(of.gbs)} GB/s, ${percent(of.ofRoof)} of its ${of.bound} bound</title></path>`,
)}
${fastest}</g>`;
}

/** The powers of ten that span the values. */
function powers(values: readonly number[]): number[] {
  const [low, high] = [Math.min(...values), Math.max(...values)].map(Math.log10);
  const first = Math.floor(low);
  const count = Math.max(2, Math.ceil(high) - first + 1);
  return Array.from({ length: count }, (_, i) => 10 ** (first + i));
}

/** A logarithmic axis from the first to the last tick. */
function along(ticks: readonly number[], from: number, to: number): (value: number) => number {
  const [low, high] = [ticks[0], ticks[ticks.length - 1]].map(Math.log10);
  return (value) => from + ((to - from) * (Math.log10(value) - low)) / (high - low);
}

/** 0.01, 1, 1,000. */
const tickLabel = (value: number): string => Number(value.toPrecision(1)).toLocaleString('en-US');
