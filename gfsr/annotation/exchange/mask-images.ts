// Masks as PNG files, one per image: two values, a value or palette entry per class, or a colour per class.

import { type PngPalette, readPngPixels } from '../../image/png.ts';
import { encodePng } from '../../image/png-encode.ts';
import type { Stroke } from '../annotations.ts';
import { encodeRunLengths, rasteriseStroke } from '../raster.ts';
import { type ExchangeFormat, type Shape, withoutEnding } from './shapes.ts';
import { shapeStrokes } from './strokes.ts';
import { CLASSES } from './yolo.ts';

/** More values than this are soft edges, of which the brighter half is marked. */
const MOST_CLASSES = 64;

export const maskImages: ExchangeFormat = {
  title: 'mask PNG',
  isFolder: true,
  recognises: ({ path, bytes }) => path.toLowerCase().endsWith('.png') && bytes[1] === 0x50,
  read({ path, bytes }, { where, classes, tally }) {
    const pixels = readPngPixels(bytes, { where });
    const { width, height, rgba, depth } = pixels;
    const palette = pixels.palette?.();
    const isBackground = palette && backgroundOf(palette, classes.length > 0);
    const full = depth === 16 ? 65_535 : 255;
    /** A grey value as the file has it: pngjs scales fewer bits to 8. */
    const inFile = (level: number) => (level * (2 ** depth - 1)) / full;
    const values = new Map<string, Uint8Array>();
    for (let p = 0; p < width * height; p++) {
      const [r, g, b, a] = [0, 1, 2, 3].map((channel) => rgba[4 * p + channel]);
      const number = palette?.numbers[p];
      if (a === 0 || (number === undefined ? r + g + b === 0 : isBackground?.(number))) continue;
      const colour = `#${[r, g, b].map((each) => each.toString(16).padStart(2, '0')).join('')}`;
      const value = String(number ?? (r === g && g === b ? inFile(r) : colour));
      const plane = values.get(value) ?? new Uint8Array(width * height);
      values.set(value, plane);
      plane[p] = 1;
      if (values.size > MOST_CLASSES) break;
    }
    const size = [height, width] as const;
    if (values.size > MOST_CLASSES) {
      tally.add('mask of many values, of which the brighter half is taken as marked');
      const bright = Uint8Array.from({ length: width * height }, (_, p) =>
        Math.max(rgba[4 * p], rgba[4 * p + 1], rgba[4 * p + 2]) > full / 2 ? 1 : 0,
      );
      return [{ name: path, size, shapes: [maskOf(bright, size, classes[1] || 'relevant')] }];
    }
    const isBinary = values.size === 1 && !palette && classes.length === 0;
    const labelOf = (value: string): string => {
      // Palettes of VOC draw the border between objects with the last entry.
      if (palette && value === '255' && values.size > 1) return 'ignore';
      const named = classes[Number(value)];
      if (named) return named;
      if (classes.length > 0) {
        tally.add(`class of a mask that ${CLASSES} does not name, taken as relevant`);
      }
      return isBinary && !value.startsWith('#') ? 'relevant' : value;
    };
    const shapes = [...values].map(([value, plane]) => maskOf(plane, size, labelOf(value)));
    return [{ name: path, size, shapes }];
  },
  write(images, _, tally) {
    const names = [
      ...new Set(images.flatMap(({ shapes }) => shapes.map(({ label }) => label))),
    ].sort();
    if (names.length > 254)
      throw new RangeError(`masks: got ${names.length} labels, expected at most 254.`);
    const isBinary = names.length === 1 && names[0] === 'relevant';
    const files = images.map(({ name, size: [height, width], shapes }) => {
      const data = new Uint8Array(height * width);
      for (const shape of shapes) {
        const value = isBinary ? 255 : names.indexOf(shape.label) + 1;
        for (const stroke of shapeStrokes(shape)) {
          const plane = rasteriseStroke(stroke as Stroke, height, width);
          let isOver = false;
          for (let p = 0; p < plane.length; p++) {
            if (plane[p] === 0) continue;
            if (data[p] !== 0 && data[p] !== value) isOver = true;
            data[p] = value;
          }
          if (isOver) tally.add('shape over another, of which a mask keeps the later one');
        }
      }
      return [
        `${withoutEnding(name)}.png`,
        encodePng({ width, height, channels: 1, data }),
      ] as const;
    });
    if (isBinary) return new Map<string, string | Uint8Array>(files);
    const list = ['background', ...names].map((name) => `${name}\n`).join('');
    return new Map<string, string | Uint8Array>([...files, [CLASSES, list]]);
  },
};

const maskOf = (plane: Uint8Array, size: readonly [number, number], label: string): Shape => ({
  ...{ label, kind: 'mask' },
  mask: encodeRunLengths(plane, ...size),
});

/**
 * Which entries of a palette mark nothing: the first one. But where nothing says that the numbers are classes, and the
 * first entry has a colour, a program may have sorted the entries in any way: then black, if a pixel is black.
 */
function backgroundOf(
  { numbers, colours }: PngPalette,
  hasClasses: boolean,
): (number: number) => boolean {
  const black = new Set<number>();
  for (let number = 0; 3 * number < colours.length; number++) {
    const colour = colours.subarray(3 * number, 3 * number + 3);
    if (colour.every((level) => level === 0)) black.add(number);
  }
  const isBlack = (number: number) => black.has(number);
  const isSorted = !hasClasses && !isBlack(0) && numbers.some(isBlack);
  return isSorted ? isBlack : (number) => number === 0;
}
