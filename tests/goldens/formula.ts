// The values of every golden case, from one integer formula; formula.py is the same in Python.

import { sizeOf } from '../../engine/core/tensor.ts';

/** First streams of a case: its inputs, the weights of the output, the direction, and the projection. */
export const STREAM = { inputs: 0, u: 100, v: 200, w: 300 } as const;

/** `labels n`: whole numbers below n. */
export type Kind =
  | 'unit'
  | 'apart'
  | 'positive'
  | 'distinct'
  | 'mask'
  | 'signs'
  | `labels ${number}`;

/** The 32-bit hash of a place in a stream: a linear mix, then MurmurHash3's finaliser. */
function hash(seed: number, stream: number, i: number): number {
  let x = Math.imul(i, 0x9e3779b1) + Math.imul(seed, 0x85ebca77) + Math.imul(stream, 0xc2b2ae3d);
  x = Math.imul((x >>> 0) ^ (x >>> 16), 0x85ebca6b);
  x = Math.imul(x ^ (x >>> 13), 0xc2b2ae35);
  return (x ^ (x >>> 16)) >>> 0;
}

/** Odd multiples of 2⁻²⁰ in (−1, 1): never 0, and exact in float32. */
const unit = (h: number): number => ((h >>> 12) + 0.5) / 2 ** 19 - 1;

const makers: Readonly<Record<string, (h: number) => number>> = {
  unit,
  /** At least 0.25 from 0. */
  apart: (h) => Math.sign(unit(h)) * (Math.abs(unit(h)) + 0.25),
  positive: (h) => Math.abs(unit(h)) + 0.5,
  /** In [0, 1), most of it small. */
  mask: (h) => ((h >>> 22) / 2 ** 10) ** 2,
  signs: (h) => Math.sign(unit(h)),
};

/** Float64 values that float32 holds exactly. @throws RangeError for a kind that does not exist. */
export function goldenValues(
  kind: Kind,
  seed: number,
  stream: number,
  shape: readonly number[],
): Float64Array {
  const hashes = Array.from({ length: sizeOf(shape) }, (_, i) => hash(seed, stream, i));
  if (kind === 'distinct') return distinct(hashes);
  const classes = Number(kind.split(' ')[1]);
  const make = kind.startsWith('labels ') ? (h: number) => h % classes : makers[kind];
  if (!make) throw new RangeError(`goldenValues: there is no kind ${kind}.`);
  return Float64Array.from(hashes, make);
}

/** In the order of the hashes, 1/16 apart; magnitudes are 1/32 apart. */
function distinct(hashes: readonly number[]): Float64Array {
  const order = hashes.map((_, i) => i).sort((a, b) => hashes[a] - hashes[b] || a - b);
  const values = new Float64Array(hashes.length);
  order.forEach((i, rank) => {
    values[i] = (rank - Math.floor(hashes.length / 2) + 0.25) / 16;
  });
  return values;
}
