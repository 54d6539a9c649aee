// Reduces images of any depth to 8 bits: which values become black and white, and how that is found.

/** Values that become 0 and 255, with a straight line between them; `black` > `white` shows high values dark. */
export interface Window {
  readonly black: number;
  readonly white: number;
}

/** How the window of images is found that do not bring one. */
const WINDOW_RULES = ['percentiles', 'min-max', 'full-range'] as const;
export type WindowRule = (typeof WINDOW_RULES)[number];

/** Values below the first and above the second share (per mille) are cut by the rule `percentiles`. */
const PERCENTILES = [0.005, 0.995];
/** More values than this are sampled at even distances, since sorting is what takes time. */
const SAMPLED = 2 ** 20;

type Values = ArrayLike<number>;

/**
 * One window for all values of an image, or of the images of one file.
 *
 * `min-max` takes the least and the greatest value; `percentiles` the 0.5th and the 99.5th percentile, so that a few
 * extreme pixels do not decide; `full-range` what the type of the values can hold, and `min-max` of floats. Values that
 * are not finite are left out.
 */
export function findWindow(images: readonly Values[], rule: WindowRule): Window {
  const range = rule === 'full-range' ? RANGES.get(images[0].constructor) : undefined;
  if (range) return range;
  return rule === 'percentiles' ? percentiles(images) : extremes(images);
}

/** What each kind of whole numbers can hold. */
const RANGES = new Map<unknown, Window>([
  [Uint8Array, { black: 0, white: 255 }],
  [Uint16Array, { black: 0, white: 65_535 }],
  [Int16Array, { black: -32_768, white: 32_767 }],
  [Uint32Array, { black: 0, white: 2 ** 32 - 1 }],
  [Int32Array, { black: -(2 ** 31), white: 2 ** 31 - 1 }],
]);

/** The least and the greatest value that is finite; 0 and 1 if there is none. */
export function extremes(images: Iterable<Values>): Window {
  let [black, white] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const values of images) {
    for (let i = 0; i < values.length; i++) {
      if (!Number.isFinite(values[i])) continue;
      if (values[i] < black) black = values[i];
      if (values[i] > white) white = values[i];
    }
  }
  return black <= white ? { black, white } : { black: 0, white: 1 };
}

function percentiles(images: readonly Values[]): Window {
  const total = images.reduce((sum, { length }) => sum + length, 0);
  const step = Math.max(1, Math.ceil(total / SAMPLED));
  const sample: number[] = [];
  for (const values of images) {
    for (let i = 0; i < values.length; i += step) {
      if (Number.isFinite(values[i])) sample.push(values[i]);
    }
  }
  const sorted = Float64Array.from(sample).sort();
  if (sorted.length === 0) return { black: 0, white: 1 };
  const [black, white] = PERCENTILES.map((p) => sorted[Math.round(p * (sorted.length - 1))]);
  // Nearly all pixels have one value, as in a mask: the percentiles would make all of them black.
  return black < white ? { black, white } : extremes(images);
}

/** Depths that scanners have. */
const DEPTHS = [8, 10, 12, 14, 16];

/** The fewest bits that hold all 16-bit values, such as the 12 of a scanner, and the window of these bits. */
export function bitsWindow(images: Iterable<Values>): {
  bits: number;
  largest: number;
  window: Window;
} {
  const { white: largest } = extremes(images);
  const bits = DEPTHS.find((each) => largest < 2 ** each) ?? 16;
  return { bits, largest, window: { black: 0, white: 2 ** bits - 1 } };
}

/** Bytes of values under a window: round(255 · (v − black) / (white − black)), cut to 0 … 255; NaN is 0. */
export function applyWindow(values: Values, { black, white }: Window): Uint8Array {
  const out = new Uint8Array(values.length);
  if (black === white) return out.fill(0);
  const scale = 255 / (white - black);
  for (let i = 0; i < out.length; i++) {
    const level = (values[i] - black) * scale;
    out[i] = level >= 255 ? 255 : level > 0 ? Math.round(level) : 0;
  }
  return out;
}
