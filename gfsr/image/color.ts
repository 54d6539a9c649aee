// sRGB to CIE L*a*b* (D65), the colour space in which SLIC and the segment descriptors measure.
//
// Source: IEC 61966-2-1 (sRGB transfer curve), CIE 15 (L*a*b*).

/** Channels, height and width of one image laid out [C, H, W]. */
export interface ImageShape {
  channels: number;
  height: number;
  width: number;
}

const EPSILON = 216 / 24389;
const KAPPA = 24389 / 27;

const linear = (byte: number): number => {
  const v = Math.min(Math.max(byte / 255, 0), 1);
  return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
};

const cubeRoot = (t: number): number => (t > EPSILON ? Math.cbrt(t) : (KAPPA * t + 16) / 116);

/** Byte → linear light, as a table, since nearly every image holds whole bytes. */
const LINEAR = Float64Array.from({ length: 256 }, (_, byte) => linear(byte));
const LIGHTNESS = LINEAR.map((y) => 116 * cubeRoot(y) - 16);

/**
 * L*a*b* of an image. Grey images keep only their lightness, because a* = b* = 0 everywhere.
 *
 * @param image [1|3, H, W], sRGB, 0..255; values outside are clipped
 * @returns [1, H, W] (L*) or [3, H, W] (L*, a*, b*); L* in [0, 100]
 * @throws RangeError if the image has neither 1 nor 3 channels, or its length is not C·H·W
 */
export function toLab(image: Uint8Array | Float32Array, shape: ImageShape): Float32Array {
  const { channels } = shape;
  checkImage('toLab', image, shape);
  if (channels !== 1 && channels !== 3) {
    throw new RangeError(`toLab: image has the wrong channels, got ${channels}, expected 1 or 3.`);
  }
  const size = shape.height * shape.width;
  const lab = new Float32Array(channels * size);
  if (channels === 1) {
    for (let p = 0; p < size; p++) {
      lab[p] = LIGHTNESS[image[p]] ?? 116 * cubeRoot(linear(image[p])) - 16;
    }
    return lab;
  }
  for (let p = 0; p < size; p++) {
    const r = LINEAR[image[p]] ?? linear(image[p]);
    const g = LINEAR[image[size + p]] ?? linear(image[size + p]);
    const b = LINEAR[image[2 * size + p]] ?? linear(image[2 * size + p]);
    // The rows are divided by the white point (their sums), so that grey gives a* = b* = 0.
    const x = cubeRoot((0.4124564 * r + 0.3575761 * g + 0.1804375 * b) / 0.95047);
    const y = cubeRoot(0.2126729 * r + 0.7151522 * g + 0.072175 * b);
    const z = cubeRoot((0.0193339 * r + 0.119192 * g + 0.9503041 * b) / 1.08883);
    lab[p] = 116 * y - 16;
    lab[size + p] = 500 * (x - y);
    lab[2 * size + p] = 200 * (y - z);
  }
  return lab;
}

/**
 * Checks that `data` holds exactly one image of `shape`.
 *
 * @throws RangeError naming `where` if a dimension is not a positive integer, or the length differs
 */
export function checkImage(where: string, data: ArrayLike<number>, shape: ImageShape): void {
  const { channels, height, width } = shape;
  if (![channels, height, width].every((n) => Number.isInteger(n) && n > 0)) {
    throw new RangeError(
      `${where}: bad image shape, got [${channels}, ${height}, ${width}], expected positive integers.`,
    );
  }
  if (data.length !== channels * height * width) {
    throw new RangeError(
      `${where}: image has the wrong length, got ${data.length}, expected ${channels * height * width} ([${channels}, ${height}, ${width}]).`,
    );
  }
}
