// Arrays of float64 values, and the loops from which references are built.

/** A row-major array of float64 values. */
export interface Array64 {
  readonly shape: readonly number[];
  readonly data: Float64Array;
}

// Attributes are those of the registered op, whose types are not exported.
// biome-ignore lint/suspicious/noExplicitAny: see above
export type Attrs = any;
export type Reference = (inputs: readonly Array64[], attrs: Attrs) => Array64;

export const sizeOf64 = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);

export function array64(shape: readonly number[], data?: ArrayLike<number>): Array64 {
  return { shape, data: data ? Float64Array.from(data) : new Float64Array(sizeOf64(shape)) };
}

/** The index along each axis of element `i`. */
export function unravel(i: number, shape: readonly number[]): number[] {
  const index: number[] = [];
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    index.unshift(i % shape[axis]);
    i = Math.floor(i / shape[axis]);
  }
  return index;
}

/** The position of `index` (of any higher rank) in a shape that broadcasts to it. */
export function ravel(index: readonly number[], shape: readonly number[]): number {
  const lead = index.length - shape.length;
  let position = 0;
  for (let axis = 0; axis < shape.length; axis++) {
    position = position * shape[axis] + (shape[axis] === 1 ? 0 : index[axis + lead]);
  }
  return position;
}

/** An array whose element at `index` is `f(index)`. */
export function build(shape: readonly number[], f: (index: number[]) => number): Array64 {
  const y = array64(shape);
  for (let i = 0; i < y.data.length; i++) y.data[i] = f(unravel(i, shape));
  return y;
}

export const at = (x: Array64, index: readonly number[]): number => x.data[ravel(index, x.shape)];

export function addAt(x: Array64, index: readonly number[], value: number): void {
  x.data[ravel(index, x.shape)] += value;
}

/** Row `n` of the first axis. */
export function rowOf(x: Array64, n: number): number[] {
  const length = x.data.length / x.shape[0];
  return Array.from(x.data.subarray(n * length, (n + 1) * length));
}

export const unary =
  (f: (v: number, attrs: Attrs) => number): Reference =>
  ([x], attrs) =>
    array64(
      x.shape,
      x.data.map((v) => f(v, attrs)),
    );

/** Elementwise, of inputs that broadcast. */
export const broadcasting =
  (f: (...values: number[]) => number): Reference =>
  (inputs) => {
    const rank = Math.max(...inputs.map(({ shape }) => shape.length));
    const shape = Array.from({ length: rank }, (_, axis) =>
      Math.max(...inputs.map((x) => x.shape.at(axis - rank) ?? 1)),
    );
    return build(shape, (index) => f(...inputs.map((x) => at(x, index))));
  };

export function fold(start: number, combine: (total: number, v: number) => number): Reference {
  return ([x], { axis, count }) => {
    const y = array64(x.shape.map((n, i) => (i >= axis && i < axis + count ? 1 : n)));
    y.data.fill(start);
    for (let i = 0; i < x.data.length; i++) {
      const to = ravel(unravel(i, x.shape), y.shape);
      y.data[to] = combine(y.data[to], x.data[i]);
    }
    return y;
  };
}
