// Views of equal parts of one array: planes of a stack of maps, images of a split, rows of a matrix.

/** What every typed array has: a view of a part, which shares its memory. */
interface Viewable<A> {
  readonly length: number;
  subarray(start: number, end: number): A;
}

/** Row i of values [N, length], as a view. */
export const rowAt = <A>(values: Viewable<A>, i: number, length: number): A =>
  values.subarray(i * length, (i + 1) * length);

/** Rows `from` up to but not including `to` of values [N, length], as a view. */
export const rowsBetween = <A>(values: Viewable<A>, from: number, to: number, length: number): A =>
  values.subarray(from * length, to * length);

/** Every row of values [N, length], each a view. */
export const rowsOf = <A>(values: Viewable<A>, length: number): A[] =>
  Array.from({ length: values.length / length }, (_, i) => rowAt(values, i, length));
