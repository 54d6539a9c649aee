// Draws some rows of a matrix, which need not be in memory.

import type { Random } from '../../engine/core/random.ts';
import type { Values } from '../data/values.ts';
import { rowAt } from '../image/rows.ts';

/** `count` different rows, in the order drawn (the first steps of a Fisher–Yates shuffle). */
export function drawRows(
  data: Values,
  rows: number,
  dims: number,
  count: number,
  random: Random,
): Float32Array {
  // Of the order only what was exchanged: there may be millions of rows.
  const exchanged = new Map<number, number>();
  const rowOf = (place: number) => exchanged.get(place) ?? place;
  const out = new Float32Array(count * dims);
  for (let i = 0; i < count; i++) {
    const j = i + random.int(rows - i);
    const row = rowOf(j);
    exchanged.set(j, rowOf(i));
    out.set(rowAt(data, row, dims), i * dims);
  }
  return out;
}
