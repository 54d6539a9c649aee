// Line charts as inline SVG, one small chart a quantity, the arms as its lines.

export interface Line {
  readonly name: string;
  /** CSS class of the line, which gives its colour. */
  readonly kind: string;
  /** One value an epoch; undefined where there is none. */
  readonly values: readonly (number | undefined)[];
}

const WIDTH = 320;
const HEIGHT = 180;
const MARGIN = { left: 46, right: 10, top: 12, bottom: 26 };

/** A chart of values over epochs, 1 to n, with its range and a description for readers who cannot see it. */
export function lineChart(title: string, lines: readonly Line[]): string {
  const all = lines.flatMap(({ values }) => values.filter((v): v is number => Number.isFinite(v)));
  if (all.length === 0) return '';
  const epochs = Math.max(...lines.map(({ values }) => values.length));
  const ticks = niceTicks(Math.min(...all), Math.max(...all));
  const [low, high] = [ticks[0], ticks[ticks.length - 1]];
  const x = (i: number) =>
    MARGIN.left + ((WIDTH - MARGIN.left - MARGIN.right) * i) / Math.max(1, epochs - 1);
  const y = (v: number) =>
    MARGIN.top + (HEIGHT - MARGIN.top - MARGIN.bottom) * (1 - (v - low) / (high - low || 1));
  const grid = ticks.map(
    (tick) =>
      `<line class="grid" x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${y(tick)}" y2="${y(tick)}"/>` +
      `<text class="tick" x="${MARGIN.left - 6}" y="${y(tick) + 4}" text-anchor="end">${label(tick)}</text>`,
  );
  const every = Math.ceil(epochs / 8);
  const along = Array.from({ length: epochs }, (_, i) => i)
    .filter((i) => i % every === 0)
    .map(
      (i) =>
        `<text class="tick" x="${x(i)}" y="${HEIGHT - 8}" text-anchor="middle">${i + 1}</text>`,
    );
  const drawn = lines.map(({ kind, values }) => {
    const points = values.flatMap((v, i) => (v === undefined ? [] : [`${x(i)},${y(v)}`]));
    const dots = points.map((point) => {
      const [cx, cy] = point.split(',');
      return `<circle class="${kind}" cx="${cx}" cy="${cy}" r="2.5"/>`;
    });
    return `<polyline class="${kind}" points="${points.join(' ')}"/>${dots.join('')}`;
  });
  const spoken = lines
    .map(({ name, values }) => `${name} ends at ${label(values.at(-1) ?? Number.NaN)}`)
    .join('; ');
  return (
    `<figure class="chart"><figcaption>${title}</figcaption>` +
    `<svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="${title} by epoch: ${spoken}">` +
    `${grid.join('')}${along.join('')}${drawn.join('')}</svg></figure>`
  );
}

/** Three to six round numbers that span a range. */
function niceTicks(from: number, to: number): number[] {
  const span = to - from || Math.abs(to) || 1;
  const power = 10 ** Math.floor(Math.log10(span / 4));
  const step = [1, 2, 5, 10].map((n) => n * power).find((n) => span / n <= 4) as number;
  const first = Math.floor(from / step);
  const last = Math.max(first + 1, Math.ceil(to / step - 1e-9));
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

const label = (value: number): string =>
  Number.isFinite(value) ? `${Number(value.toPrecision(3))}` : '–';
