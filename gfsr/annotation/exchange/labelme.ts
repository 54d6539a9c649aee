// labelme: one JSON file per image, with polygons, rectangles, circles, lines, points and masks.

import * as v from 'valibot';
import { decodeLevels } from '../../image/png.ts';
import { encodePng } from '../../image/png-encode.ts';
import { parseJson } from '../../text/json.ts';
import { readAs, textOf } from './parse.ts';
import { cropOf, placeCrop } from './run-lengths.ts';
import {
  baseName,
  type ExchangeFormat,
  type Outline,
  type Point,
  type ReadContext,
  type Shape,
  withoutEnding,
} from './shapes.ts';

const schema = v.object({
  shapes: v.array(
    v.object({
      label: v.string(),
      points: v.array(v.tuple([v.number(), v.number()])),
      shape_type: v.optional(v.string(), 'polygon'),
      mask: v.nullish(v.string()),
    }),
  ),
  imagePath: v.string(),
  imageHeight: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(1))),
  imageWidth: v.nullish(v.pipe(v.number(), v.integer(), v.minValue(1))),
});
type Drawn = v.InferOutput<typeof schema>['shapes'][number];

export const labelme: ExchangeFormat = {
  title: 'labelme JSON',
  isFolder: true,
  recognises: ({ path, bytes }) =>
    path.endsWith('.json') && /"shapes"\s*:/.test(textOf(bytes).slice(0, 1e6)),
  async read({ path, bytes }, context) {
    const { where } = context;
    const file = readAs(schema, parseJson(textOf(bytes), where), where);
    const folder = path.slice(0, path.length - baseName(path).length);
    const name = `${folder}${file.imagePath.replaceAll('\\', '/')}`;
    const { imageHeight: height, imageWidth: width } = file;
    const size = height && width ? ([height, width] as const) : await context.sizeOf(name);
    const shapes = file.shapes.flatMap((drawn, i): Shape[] => {
      const outline = outlineOf(drawn, size, { ...context, where: `${where}: shapes[${i}]` });
      return outline ? [{ label: drawn.label, ...outline }] : [];
    });
    return [{ name, ...(size && { size }), shapes }];
  },
  write(images) {
    return new Map(
      images.map(({ name, size: [imageHeight, imageWidth], shapes }) => {
        const drawn = shapes.flatMap((shape) => drawnOf(shape)).map(complete);
        const head = { version: '5.5.0', flags: {}, shapes: drawn, imagePath: baseName(name) };
        const file = { ...head, imageData: null, imageHeight, imageWidth };
        return [`${withoutEnding(name)}.json`, `${JSON.stringify(file, null, 2)}\n`];
      }),
    );
  },
};

type Size = readonly [number, number];

function outlineOf(
  drawn: Drawn,
  size: Size | undefined,
  context: ReadContext,
): Outline | undefined {
  const { points, shape_type: type, mask } = drawn;
  const { where, tally } = context;
  const need = (count: number) => {
    if (points.length === count) return points;
    throw new RangeError(`${where}: ${type} of ${points.length} points, expected ${count}.`);
  };
  switch (type) {
    case 'polygon':
      return { kind: 'polygon', parts: [points] };
    case 'rectangle':
      return { kind: 'box', points: need(2) as unknown as [Point, Point] };
    case 'circle': {
      const [[x, y], [ex, ey]] = need(2);
      return { kind: 'disc', centre: [x, y], radius: Math.hypot(ex - x, ey - y) };
    }
    case 'line':
    case 'linestrip':
      return { kind: 'line', points };
    case 'point':
    case 'points':
      return { kind: 'points', points };
    case 'mask': {
      const [[left, top], [right, bottom]] = need(2).map((point) => point.map(Math.floor));
      if (!mask || !size) {
        throw new RangeError(
          `${where}: mask without ${mask ? 'imageHeight and imageWidth' : 'its PNG'}.`,
        );
      }
      const { levels, width, height } = decodeLevels(Buffer.from(mask, 'base64'), { where });
      if (width !== right - left + 1 || height !== bottom - top + 1) {
        throw new RangeError(
          `${where}: mask of ${height}×${width} pixels between its points [${left}, ${top}] and [${right}, ${bottom}], expected ${bottom - top + 1}×${right - left + 1}.`,
        );
      }
      const plane = Uint8Array.from(levels, (level) => (level > 0 ? 1 : 0));
      const placed = placeCrop({ left, top, width, height, plane }, size, where);
      if (placed.cut > 0) tally.add('mask partly outside its image, cut at the border');
      return { kind: 'mask', mask: placed.mask };
    }
    default:
      tally.add(`labelme shape of the unknown type "${type}", left out`);
      return undefined;
  }
}

type Written = Pick<Drawn, 'label' | 'points' | 'shape_type' | 'mask'>;

function drawnOf(shape: Shape): Written[] {
  const { label } = shape;
  const as = (shape_type: string, points: readonly Point[]): Written => ({
    ...{ label, shape_type },
    points: points.map(([x, y]) => [x, y]),
  });
  switch (shape.kind) {
    case 'polygon':
      return shape.parts.map((part) => as('polygon', part));
    case 'box':
      return [as('rectangle', shape.points)];
    case 'disc': {
      const { centre, radius } = shape;
      return [as('circle', [centre, [centre[0] + radius, centre[1]]])];
    }
    case 'line':
      return [as('linestrip', shape.points)];
    case 'points':
      return shape.points.map((point) => as('point', [point]));
    case 'mask': {
      const crop = cropOf(shape.mask);
      if (!crop) return [];
      const { left, top, width, height, plane } = crop;
      const data = plane.map((value) => value * 255);
      const png = encodePng({ width, height, channels: 1, data });
      const points: Point[] = [
        [left, top],
        [left + width - 1, top + height - 1],
      ];
      return [{ ...as('mask', points), mask: Buffer.from(png).toString('base64') }];
    }
  }
}

/** What labelme expects in each shape. */
const complete = (drawn: Written) => ({
  group_id: null,
  description: '',
  flags: {},
  mask: null,
  ...drawn,
});
