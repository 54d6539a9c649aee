// Numbers of many images, in memory or elsewhere: what `Pixels` is for bytes.

/** Numbers in rows, one after the other. A `Float32Array` is such; others are read, or computed, when asked for. */
export interface Values {
  readonly length: number;
  /** Numbers from `start` up to `end`, both at the start of a row: a view of memory, or a copy of what is elsewhere. */
  subarray(start: number, end: number): Float32Array;
}

/** Takes numbers until they are read. */
export interface Scratch {
  append(values: Float32Array): void;
  /** Everything that was appended, in order. */
  read(): Values;
  /**
   * Frees what is not in memory: nothing can be read any more. Without it, that happens some time after nobody holds
   * what was read. Absent where all is in memory.
   */
  close?(): void;
}

/** All numbers in memory: for few images. */
export const allValues = (values: Values): Float32Array => values.subarray(0, values.length);

/** In memory. @param length of everything together, if it is known: then nothing is there twice while it is read */
export function memoryScratch(length?: number): Scratch {
  if (length !== undefined) {
    const out = new Float32Array(length);
    let at = 0;
    return {
      append(values) {
        out.set(values, at);
        at += values.length;
      },
      read: () => out,
    };
  }
  const parts: Float32Array[] = [];
  return {
    append: (values) => void parts.push(values),
    read: () => joined(parts),
  };
}

function joined(parts: readonly Float32Array[]): Float32Array {
  const out = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

/** Values that are made of others, row by row, when they are asked for. @param change of whole rows */
export const derivedValues = (
  from: Values,
  { before, after }: { readonly before: number; readonly after: number },
  change: (rows: Float32Array) => Float32Array,
): Values => ({
  length: (from.length / before) * after,
  subarray: (start, end) => change(from.subarray((start / after) * before, (end / after) * before)),
});

/** Rows that are read at once. */
const BLOCK = 4096;

/** All rows in blocks, in order: the first row of each, and its values. What is in memory is one block. */
export function* blocksOf(
  values: Values,
  length: number,
): Generator<{ readonly first: number; readonly block: Float32Array }> {
  if (values instanceof Float32Array) return yield { first: 0, block: values };
  const rows = values.length / length;
  for (let first = 0; first < rows; first += BLOCK) {
    const last = Math.min(rows, first + BLOCK);
    yield { first, block: values.subarray(first * length, last * length) };
  }
}
