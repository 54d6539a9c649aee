// Turns pixels the way that the EXIF orientation of a photograph says.

interface Pixels<A> {
  readonly width: number;
  readonly height: number;
  readonly channels: number;
  /** [H, W, C]. */
  readonly values: A;
}

/**
 * Pixels as they are to be seen.
 *
 * @param orientation 1 to 8 (EXIF 2.3, tag 0x0112): where the first row and column of the file belong; anything else
 *   leaves the image as it is
 */
export function orient<A extends Uint8Array, P extends Pixels<A>>(
  image: P,
  orientation: number,
): P {
  const sourceOf = SOURCES[orientation - 2];
  if (!sourceOf) return image;
  const { width, height, channels, values } = image;
  const [w, h] = orientation >= 5 ? [height, width] : [width, height];
  const turned = new Uint8Array(values.length);
  for (let y = 0, to = 0; y < h; y++) {
    for (let x = 0; x < w; x++) {
      const [fromX, fromY] = sourceOf(x, y, width - 1, height - 1);
      const from = (fromY * width + fromX) * channels;
      for (let c = 0; c < channels; c++) turned[to++] = values[from + c];
    }
  }
  return { ...image, width: w, height: h, values: turned };
}

/** For orientations 2 to 8: the place in the file, whose last column and row are given, that is seen at x, y. */
const SOURCES: readonly ((x: number, y: number, right: number, bottom: number) => number[])[] = [
  (x, y, right) => [right - x, y],
  (x, y, right, bottom) => [right - x, bottom - y],
  (x, y, _, bottom) => [x, bottom - y],
  (x, y) => [y, x],
  (x, y, _, bottom) => [y, bottom - x],
  (x, y, right, bottom) => [right - y, bottom - x],
  (x, y, right) => [right - y, x],
];
