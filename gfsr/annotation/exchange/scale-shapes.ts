// Shapes that were drawn on a larger or smaller copy of an image, in the pixels of its file.

import type { Size } from '../../image/placement.ts';
import { quoted } from '../../text/visible.ts';
import type { RunLengths } from '../annotations.ts';
import { decodeRunLengths, encodeRunLengths } from '../raster.ts';
import type { Outline, Point, ShapeImage, Tally } from './shapes.ts';

/**
 * The shapes of an image in the pixels of its file.
 *
 * @param size of the file; undefined: nothing is scaled
 * @param where start of error messages
 * @throws RangeError if the shapes were drawn on an image of other proportions
 */
export function scaleShapes(
  image: ShapeImage,
  size: Size | undefined,
  where: string,
  tally: Tally,
): ShapeImage {
  const { name, size: drawn, shapes } = image;
  if (!size || !drawn || (size[0] === drawn[0] && size[1] === drawn[1])) return image;
  if (!isCopy(drawn, size)) {
    throw new RangeError(
      `${where}: image ${quoted(name)} is ${drawn.join('×')} in the annotations, expected ${size.join('×')} like its file, or a scaled copy of it. Was the image turned or cut after it was annotated?`,
    );
  }
  tally.add('image that was annotated in another size, whose marks are scaled');
  const scaled = shapes.map(({ label, ...shape }) => ({ label, ...scale(shape, drawn, size) }));
  return { name, size, shapes: scaled };
}

/** Whether one factor gives both sides, up to a pixel of rounding. */
function isCopy(a: Size, b: Size): boolean {
  const [low, high] = [-1, 1].map((by) => [0, 1].map((axis) => (a[axis] + by) / b[axis]));
  return Math.max(...low) <= Math.min(...high);
}

function scale(shape: Outline, drawn: Size, size: Size): Outline {
  const [height, width] = size;
  // Multiplied first: by a rounded factor, what lies on the border would come to lie outside.
  const at = ([x, y]: Point): Point => [(x * width) / drawn[1], (y * height) / drawn[0]];
  switch (shape.kind) {
    case 'polygon':
      return { ...shape, parts: shape.parts.map((part) => part.map(at)) };
    case 'box':
      return { ...shape, points: [at(shape.points[0]), at(shape.points[1])] };
    case 'line':
    case 'points':
      return { ...shape, points: shape.points.map(at) };
    case 'disc':
      return {
        ...shape,
        centre: at(shape.centre),
        radius: (shape.radius * (height / drawn[0] + width / drawn[1])) / 2,
      };
    case 'mask':
      return { ...shape, mask: scaleMask(shape.mask, size) };
  }
}

/** Each pixel takes the value under its centre. */
function scaleMask(mask: RunLengths, [height, width]: Size): RunLengths {
  const [h, w] = mask.size;
  const plane = decodeRunLengths(mask);
  const columns = Int32Array.from({ length: width }, (_, x) => Math.floor(((x + 0.5) * w) / width));
  const out = new Uint8Array(height * width);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * h) / height) * w;
    for (let x = 0; x < width; x++) out[y * width + x] = plane[row + columns[x]];
  }
  return encodeRunLengths(out, height, width);
}
