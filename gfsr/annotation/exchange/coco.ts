// COCO: one JSON file with polygons and run lengths, or a list of results without images.

import * as v from 'valibot';
import { parseJson } from '../../text/json.ts';
import { quoted } from '../../text/visible.ts';
import { readAs, textOf } from './parse.ts';
import { decodeCounts, encodeCounts, fromColumns, toColumns } from './run-lengths.ts';
import {
  corners,
  type ExchangeFormat,
  ellipse,
  type Outline,
  type Point,
  type Shape,
  type ShapeImage,
  type SizedImage,
  type Tally,
} from './shapes.ts';

const id = v.union([v.pipe(v.number(), v.integer()), v.string()]);
const length = v.pipe(v.number(), v.integer(), v.minValue(1));
const annotation = v.object({
  image_id: id,
  category_id: id,
  segmentation: v.optional(
    v.union([
      v.array(v.array(v.number())),
      v.object({
        size: v.tuple([length, length]),
        counts: v.union([v.string(), v.array(v.pipe(v.number(), v.integer(), v.minValue(0)))]),
      }),
    ]),
  ),
  bbox: v.optional(v.array(v.number())),
});
const file = v.object({
  images: v.array(v.object({ id, file_name: v.string(), height: length, width: length })),
  annotations: v.array(annotation),
  categories: v.array(v.object({ id, name: v.string() })),
});
type Annotated = v.InferOutput<typeof annotation>;

export const coco: ExchangeFormat = {
  title: 'COCO JSON',
  isFolder: false,
  recognises({ path, bytes }) {
    const text = textOf(bytes);
    const named = (...names: string[]) => names.every((name) => text.includes(`"${name}"`));
    return (
      path.endsWith('.json') &&
      (named('images', 'annotations', 'categories') || named('image_id', 'category_id'))
    );
  },
  read({ bytes }, { where, tally }) {
    const json = parseJson(textOf(bytes), where);
    const { images, annotations, categories } = Array.isArray(json)
      ? { images: [], annotations: readAs(v.array(annotation), json, where), categories: [] }
      : readAs(file, json, where);
    const labels = new Map(categories.map((each) => [each.id, each.name]));
    const known = new Map(images.map((each) => [each.id, each]));
    const shapes = new Map<number | string, Shape[]>(images.map((each) => [each.id, []]));
    const sizes = new Map<number | string, readonly [number, number]>();
    for (const [i, each] of annotations.entries()) {
      const at = `${where}: annotations[${i}]`;
      if (images.length > 0 && !known.has(each.image_id)) {
        throw new RangeError(
          `${at}: image_id is ${quoted(each.image_id)}, expected the id of an image.`,
        );
      }
      const { width, height } = known.get(each.image_id) ?? {};
      const size = width && height ? ([height, width] as const) : undefined;
      const outline = outlineOf(each, size, at, tally);
      if (!outline) continue;
      if (outline.kind === 'mask') sizes.set(each.image_id, outline.mask.size);
      const label = labels.get(each.category_id) ?? String(each.category_id);
      const own = shapes.get(each.image_id);
      if (own) own.push({ label, ...outline });
      else shapes.set(each.image_id, [{ label, ...outline }]);
    }
    return [...shapes].map(([imageId, own]): ShapeImage => {
      const image = known.get(imageId);
      const size = image ? ([image.height, image.width] as const) : sizes.get(imageId);
      return { name: image?.file_name ?? String(imageId), ...(size && { size }), shapes: own };
    });
  },
  write: (images, _, tally) => new Map([['annotations.json', encode(images, tally)]]),
};

function outlineOf(
  { segmentation, bbox }: Annotated,
  size: readonly [number, number] | undefined,
  where: string,
  tally: Tally,
): Outline | undefined {
  if (segmentation && !Array.isArray(segmentation)) {
    const { size: own, counts } = segmentation;
    // Checked before the pixels of a size that somebody made up are allocated.
    if (size && (own[0] !== size[0] || own[1] !== size[1])) {
      throw new RangeError(
        `${where}: run lengths of ${own.join('×')} pixels, expected ${size.join('×')} like the image.`,
      );
    }
    try {
      const plain = typeof counts === 'string' ? decodeCounts(counts) : counts;
      return { kind: 'mask', mask: fromColumns(plain, own, 'run lengths') };
    } catch (error) {
      throw new RangeError(`${where}: ${(error as Error).message}`);
    }
  }
  const parts = (segmentation ?? []).map((numbers): Point[] => {
    if (numbers.length % 2 === 1) {
      throw new RangeError(
        `${where}: polygon of ${numbers.length} numbers, expected x and y of each point.`,
      );
    }
    return Array.from({ length: numbers.length / 2 }, (_, i) => [
      numbers[2 * i],
      numbers[2 * i + 1],
    ]);
  });
  if (parts.length > 0) return { kind: 'polygon', parts };
  if (bbox?.length !== 4) {
    tally.add('annotation without segmentation and box, left out');
    return undefined;
  }
  const [x, y, w, h] = bbox;
  return {
    kind: 'box',
    points: [
      [x, y],
      [x + w, y + h],
    ],
  };
}

function encode(images: readonly SizedImage[], tally: Tally): string {
  const names = [
    ...new Set(images.flatMap(({ shapes }) => shapes.map(({ label }) => label))),
  ].sort();
  const categories = names.map((name, i) => ({ id: i + 1, name, supercategory: '' }));
  const listed = images.map(({ name, size: [height, width] }, i) => ({
    ...{ id: i + 1, file_name: name },
    ...{ height, width },
  }));
  const annotations = images.flatMap(({ shapes }, i) =>
    shapes.flatMap((shape) => {
      const written = segmentationOf(shape, tally);
      if (!written) return [];
      const category_id = names.indexOf(shape.label) + 1;
      return [{ image_id: i + 1, category_id, ...written }];
    }),
  );
  const numbered = annotations.map((each, i) => ({ id: i + 1, ...each }));
  return `${JSON.stringify({ images: listed, annotations: numbered, categories })}\n`;
}

function segmentationOf(shape: Shape, tally: Tally) {
  if (shape.kind === 'mask') {
    const counts = toColumns(shape.mask);
    const area = counts.reduce((sum, count, i) => sum + (i % 2) * count, 0);
    return {
      segmentation: { size: shape.mask.size, counts: encodeCounts(counts) },
      area,
      iscrowd: 1,
    };
  }
  if (shape.kind === 'line' || shape.kind === 'points') {
    tally.add(`${quoted(shape.kind)} of which COCO has no kind, left out`);
    return undefined;
  }
  const parts =
    shape.kind === 'polygon'
      ? shape.parts
      : shape.kind === 'box'
        ? [corners(shape.points)]
        : [ellipse(shape.centre, [shape.radius, shape.radius])];
  const ends = [0, 1].map((axis) => {
    const values = parts.flat().map((point) => point[axis]);
    const least = values.reduce((a, b) => Math.min(a, b));
    return [least, values.reduce((a, b) => Math.max(a, b)) - least] as const;
  });
  const bbox = [...ends.map(([least]) => least), ...ends.map(([, extent]) => extent)];
  const area = parts.reduce((sum, part) => sum + areaOf(part), 0);
  return { segmentation: parts.map((part) => part.flat()), bbox, area, iscrowd: 0 };
}

/** Of a polygon, by the shoelace formula. */
function areaOf(points: readonly Point[]): number {
  const twice = points.reduce((sum, [x, y], i) => {
    const [nx, ny] = points[(i + 1) % points.length];
    return sum + x * ny - nx * y;
  }, 0);
  return Math.abs(twice) / 2;
}
