// Shapes and element types of tensors.

/** Type of a tensor's numbers. */
export type DType = 'f32' | 'u32' | 'f16';

/** Bytes per element; f16 exists only between kernels. */
export const BYTES: Readonly<Record<DType, number>> = { f32: 4, u32: 4, f16: 2 };
/** Length of each axis, outermost first; [] for a single number. */
export type Shape = readonly number[];
/** Type of a tensor's values on the host. */
export interface HostArrays {
  f32: Float32Array<ArrayBuffer>;
  u32: Uint32Array<ArrayBuffer>;
}

/** Number of elements of a shape. */
export function sizeOf(shape: Shape): number {
  return shape.reduce((product, n) => product * n, 1);
}

/** `[8, 3, 28, 28]`, as shapes appear in messages. */
export function formatShape(shape: Shape): string {
  return `[${shape.join(', ')}]`;
}

/** Whether both have the same axes. */
export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((n, i) => n === b[i]);
}
