// YOLO: one text file per image, one line per object: its class and a box or polygon in shares of the image.

import { decodeText } from '../../files/decode-text.ts';
import { joinOutlines, outlinesOf } from './geometry.ts';
import { textOf } from './parse.ts';
import {
  corners,
  type ExchangeFormat,
  ellipse,
  type Outline,
  type Point,
  type Shape,
  withoutEnding,
} from './shapes.ts';

/** Beside the annotations: names of the classes, one per line. */
export const CLASSES = 'classes.txt';

const LINE = /^\d+( +-?[\d.]+(e-?\d+)?){4,}$/i;

export const yolo: ExchangeFormat = {
  title: 'YOLO text',
  isFolder: true,
  recognises({ path, bytes }) {
    const lines = textOf(bytes)
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter(Boolean);
    return path.endsWith('.txt') && lines.every((line) => LINE.test(line));
  },
  async read({ path, bytes }, { where, classes, tally, sizeOf, isLeftOut }) {
    if (isLeftOut?.(path)) {
      tally.add('image that is not at hand, whose marks are left out');
      return [];
    }
    const size = await sizeOf(path);
    if (!size) {
      throw new RangeError(
        `${where}: YOLO does not say the size of an image. Name the folder of images with --images.`,
      );
    }
    const [height, width] = size;
    const shapes = decodeText(bytes, where)
      .split(/\r?\n/)
      .flatMap((text, i): Shape[] => {
        const [number, ...shares] = text.trim().split(/\s+/).map(Number);
        if (text.trim() === '') return [];
        const points = Array.from(
          { length: shares.length >> 1 },
          (_, k): Point => [shares[2 * k] * width, shares[2 * k + 1] * height],
        );
        if (shares.length % 2 === 1 || !shares.every(Number.isFinite)) {
          throw new RangeError(
            `${where}: line ${i + 1}: ${shares.length} numbers after the class, expected x and y of each point.`,
          );
        }
        return [{ label: classes[number] || String(number), ...outlineOf(points) }];
      });
    return [{ name: path, size, shapes }];
  },
  write(images, _, tally) {
    const names = [
      ...new Set(images.flatMap(({ shapes }) => shapes.map(({ label }) => label))),
    ].sort();
    const files = images.map(({ name, size: [height, width], shapes }) => {
      const lines = shapes.flatMap((shape) =>
        polygonsOf(shape, () =>
          tally.add(`"${shape.kind}" of which YOLO has no kind, left out`),
        ).map((points) => {
          const shares = points.flatMap(([x, y]) => [x / width, y / height]);
          return `${names.indexOf(shape.label)} ${shares.join(' ')}\n`;
        }),
      );
      return [`${withoutEnding(name)}.txt`, lines.join('')] as const;
    });
    return new Map([...files, [CLASSES, names.map((name) => `${name}\n`).join('')]]);
  },
};

/** Two points are the centre and the size of a box. */
function outlineOf(points: readonly Point[]): Outline {
  if (points.length !== 2) return { kind: 'polygon', parts: [points] };
  const [[x, y], [w, h]] = points;
  return {
    kind: 'box',
    points: [
      [x - w / 2, y - h / 2],
      [x + w / 2, y + h / 2],
    ],
  };
}

function polygonsOf(shape: Shape, lost: () => void): (readonly Point[])[] {
  switch (shape.kind) {
    case 'polygon':
      return [...shape.parts];
    case 'box':
      return [corners(shape.points)];
    case 'disc':
      return [ellipse(shape.centre, [shape.radius, shape.radius])];
    case 'mask': {
      const outlines = outlinesOf(shape.mask);
      return outlines.length > 0 ? [joinOutlines(outlines)] : [];
    }
    default:
      lost();
      return [];
  }
}
