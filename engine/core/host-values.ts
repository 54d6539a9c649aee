// Numbers on the host: nested arrays and their shapes, checked before they go to the device.

import { BYTES, type DType, formatShape, type HostArrays, type Shape, sizeOf } from './shape.ts';

/** Values of a tensor: a number, a typed array, or arrays nested to any depth, with equal lengths at each depth. */
export type HostValues = number | ArrayLike<number> | readonly HostValues[];

/** What `Tensor.array` returns: a number for the shape [], otherwise arrays nested as deep as the shape is long. */
export type NestedArray = number | NestedArray[];

/**
 * The numbers in row-major order, and their shape: [[1, 2], [3, 4]] gives 1, 2, 3, 4 of [2, 2].
 *
 * @throws RangeError if arrays at one depth differ in length, TypeError for a value that is not a number
 */
export function flatten(where: string, values: HostValues): [ArrayLike<number>, Shape] {
  if (typeof values === 'number') return [[values], []];
  if (ArrayBuffer.isView(values)) {
    if (values instanceof DataView || typeof (values as ArrayLike<unknown>)[0] === 'bigint') {
      throw new TypeError(
        `${where}: values is a ${values.constructor.name}, expected an array of numbers.`,
      );
    }
    return [values as ArrayLike<number>, [(values as ArrayLike<number>).length]];
  }
  if (typeof (values as ArrayLike<number> | undefined)?.length !== 'number') {
    const what = (values as object | undefined)?.constructor?.name ?? String(values);
    throw new TypeError(`${where}: values is ${what}, expected a number or an array of numbers.`);
  }
  const shape: number[] = [];
  for (let at: unknown = values; isList(at); at = at[0]) shape.push(at.length);
  if (shape.length < 2) return [values as ArrayLike<number>, shape];
  const flat: number[] = [];
  const gather = (part: unknown, depth: number, path: readonly number[]): void => {
    const length = isList(part) ? part.length : undefined;
    if (length !== shape[depth]) {
      const place = formatShape(path);
      throw new RangeError(
        `${where}: values${place} ${length === undefined ? 'is one value' : `has ${length} values`}, expected ` +
          `${shape[depth] ?? 'one value'} as in values${formatShape(path.map(() => 0))}. All rows must be equally long.`,
      );
    }
    if (isList(part)) for (let i = 0; i < part.length; i++) visit(part[i], depth + 1, [...path, i]);
  };
  const visit = (part: unknown, depth: number, path: readonly number[]): void => {
    if (depth < shape.length || isList(part)) gather(part, depth, path);
    else flat.push(part as number);
  };
  gather(values, 0, []);
  return [flat, shape];
}

const isList = (value: unknown): value is ArrayLike<unknown> =>
  Array.isArray(value) || (ArrayBuffer.isView(value) && !(value instanceof DataView));

/**
 * The values as the device stores them.
 *
 * @throws TypeError for a value that is not a number, or a type that the host does not have; RangeError for an invalid
 *   u32
 */
export function toDevice(
  where: string,
  values: ArrayLike<number>,
  dtype: DType,
): HostArrays[keyof HostArrays] {
  if (dtype === 'f16') throw new TypeError(`${where}: the tensor is f16, expected f32 or u32.`);
  const target = dtype === 'f32' ? Float32Array : Uint32Array;
  if (values instanceof target) return values as HostArrays[keyof HostArrays];
  const typed = ArrayBuffer.isView(values);
  if (!typed || dtype === 'u32') {
    for (let i = 0; i < values.length; i++) {
      const value: unknown = values[i];
      if (typeof value !== 'number') {
        throw new TypeError(`${where}: value ${i} is ${String(value)}, expected a number.`);
      }
      if (dtype === 'u32' && value !== value >>> 0) {
        throw new RangeError(
          `${where}: value ${i} is ${value}, expected a whole number from 0 to 2³² − 1 in a u32 tensor.`,
        );
      }
    }
  }
  return target.from(values);
}

/** Row-major values as arrays nested like the shape. */
export function nest(values: ArrayLike<number>, shape: Shape): NestedArray {
  if (shape.length === 0) return values[0];
  const [length, ...inner] = shape;
  const size = sizeOf(inner);
  const rows = (from: number, [count, ...rest]: Shape, each: number): NestedArray[] =>
    Array.from({ length: count }, (_, i) =>
      rest.length === 0 ? values[from + i] : rows(from + i * each, rest, each / rest[0]),
    );
  return rows(0, [length, ...inner], size);
}

/** @throws TypeError unless it is a list of numbers; RangeError unless they are whole and ≥ 1 */
export function checkShape(where: string, shape: Shape, dtype: DType = 'f32'): void {
  if (!Array.isArray(shape)) {
    throw new TypeError(`${where}: shape is ${String(shape)}, expected a list such as [2, 3].`);
  }
  for (const n of shape) {
    if (!Number.isInteger(n) || n < 1) {
      throw new RangeError(
        `${where}: shape ${formatShape(shape)} has a dimension ${n}, expected whole numbers ≥ 1.`,
      );
    }
  }
  if (!(dtype in BYTES)) {
    const types = Object.keys(BYTES).join(', ');
    throw new RangeError(`${where}: dtype is ${dtype}, expected one of ${types}.`);
  }
}

/** The largest value of a u32 tensor, and its index, against which labels are checked. */
export interface Largest {
  readonly value: number;
  readonly at: number;
}

/** The largest of the values that the host writes. */
export function largestOf(values: ArrayLike<number>): Largest {
  let at = 0;
  for (let i = 1; i < values.length; i++) if (values[i] > values[at]) at = i;
  return { value: values[at], at };
}
