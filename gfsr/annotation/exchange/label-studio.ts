// Label Studio: one JSON file of tasks, with shapes in percent of the image and masks as a brush drew them.

import * as v from 'valibot';
import type { Size } from '../../image/placement.ts';
import { parseJson } from '../../text/json.ts';
import { decodeBrush, encodeBrush } from './brush.ts';
import { readAs, textOf } from './parse.ts';
import {
  baseName,
  corners,
  type ExchangeFormat,
  ellipse,
  type Outline,
  type Point,
  type ReadContext,
  type Shape,
  type ShapeImage,
  type Tally,
  turned,
} from './shapes.ts';

const length = v.pipe(v.number(), v.integer(), v.minValue(1));
const share = v.optional(v.number());
const value = v.looseObject({
  points: v.optional(v.array(v.tuple([v.number(), v.number()]))),
  ...{ x: share, y: share, width: share, height: share, rotation: share },
  ...{ radiusX: share, radiusY: share },
  rle: v.optional(v.array(v.pipe(v.number(), v.integer(), v.minValue(0), v.maxValue(255)))),
});
const schema = v.array(
  v.looseObject({
    annotations: v.array(
      v.looseObject({
        was_cancelled: v.nullish(v.boolean()),
        result: v.array(
          v.looseObject({
            id: v.optional(v.union([v.string(), v.number()])),
            type: v.string(),
            original_width: v.optional(length),
            original_height: v.optional(length),
            value: v.optional(value),
          }),
        ),
      }),
    ),
    file_upload: v.nullish(v.string()),
    data: v.record(v.string(), v.unknown()),
  }),
);
type Task = v.InferOutput<typeof schema>[number];
type Annotated = Task['annotations'][number];
type Result = Annotated['result'][number];

export const labelStudio: ExchangeFormat = {
  title: 'Label Studio JSON',
  isFolder: false,
  recognises: ({ path, bytes }) => path.endsWith('.json') && isListOfTasks(textOf(bytes)),
  async read({ bytes }, { where, tally, sizeOf }) {
    const tasks = readAs(schema, parseJson(textOf(bytes), where), where);
    const images: ShapeImage[] = [];
    for (const [i, task] of tasks.entries()) {
      const name = nameOf(task, i);
      const regions = task.annotations.flatMap((each) => regionsOf(each, tally));
      const size = sizeIn(regions) ?? (await sizeOf(name));
      if (!size && regions.length > 0) {
        tally.add('Label Studio result on an image of unknown size, left out', regions.length);
      }
      const shapes = regions.flatMap((region, j): Shape[] => {
        const at = `${where}: task ${i}, result ${j}`;
        return size ? shapesOf(region, size, { where: at, tally }) : [];
      });
      images.push({ name, ...(size && { size }), shapes });
    }
    return images;
  },
  write(images, _, tally) {
    const tasks = images.map(({ name, size, shapes }, i) => {
      const result = shapes
        .flatMap((shape) => resultsOf(shape, size, tally))
        .map((each, j) => ({
          id: `r${j}`,
          ...{ from_name: 'label', to_name: 'image', image_rotation: 0 },
          ...{ original_width: size[1], original_height: size[0], ...each },
        }));
      return { id: i + 1, data: { image: name }, annotations: [{ id: i + 1, result }] };
    });
    return new Map([['annotations.json', `${JSON.stringify(tasks)}\n`]]);
  },
};

/** Told by names, in their order: an expression with two stars would take the square of the length of the text. */
function isListOfTasks(text: string): boolean {
  const annotations = text.indexOf('"annotations"');
  return /^\s*\[/.test(text) && annotations >= 0 && text.indexOf('"result"', annotations) >= 0;
}

/** What Label Studio shows as an image. */
const IMAGE = /\.(png|jpe?g|gif|bmp|webp|svg|tiff?|dcm|nii(\.gz)?)$/i;

/** Name of the image: of what the task has beside it, such as the name of a patient, the first that ends like one. */
function nameOf({ data, file_upload: upload }: Task, i: number): string {
  const texts = Object.values(data).filter((each) => typeof each === 'string');
  const names = texts.map(nameIn);
  // Of a table of tasks, the upload is the table.
  const uploaded = upload ? [nameIn(`/upload/${upload}`)] : [];
  return [...uploaded, ...names].find((name) => IMAGE.test(name)) ?? names[0] ?? `task ${i}`;
}

/** The end of an address, of an upload without its eight random characters; of a local file, its path. */
function nameIn(text: string): string {
  if (!/^\w+:\/\/|^\//.test(text)) return text;
  const [address, query] = text.split('?');
  const local = /\/local-files\/$/.test(address) && new URLSearchParams(query).get('d');
  if (local) return local;
  const name = baseName(address);
  const own = /\/upload\//.test(address) ? name.replace(/^[0-9a-f]{8}-/, '') : name;
  try {
    return decodeURIComponent(own);
  } catch {
    return own; // a % of its own
  }
}

/** A shape as one result. */
interface Region extends Result {
  /** What it is called. */
  readonly labels: unknown;
}

/** The shapes of an annotation. Of separate tags for shape and label, there are two results with one id. */
function regionsOf({ result, was_cancelled: isSkipped }: Annotated, tally: Tally): Region[] {
  if (isSkipped) {
    if (result.length > 0) tally.add('annotation that was skipped in Label Studio, left out');
    return [];
  }
  const isLabel = ({ type, id }: Result) => type === 'labels' && id !== undefined;
  const labels = new Map(result.filter(isLabel).map(({ id, value }) => [id, value?.labels]));
  const shapes = result.filter((each) => !isLabel(each));
  const ids = new Set(shapes.map(({ id }) => id));
  const alone = result.filter((each) => isLabel(each) && !ids.has(each.id));
  // Labels are named like the type: value.polygonlabels is ["Airplane"].
  return [...shapes, ...alone].map((each) => ({
    ...each,
    labels: each.value?.[each.type] ?? each.value?.labels ?? labels.get(each.id),
  }));
}

/** The size of the image, which each result has. */
function sizeIn(results: readonly Result[]): Size | undefined {
  for (const { original_height: height, original_width: width } of results) {
    if (height && width) return [height, width];
  }
  return undefined;
}

function shapesOf(
  { type, value: drawn = {}, labels }: Region,
  size: Size,
  { where, tally }: Pick<ReadContext, 'where' | 'tally'>,
): Shape[] {
  const [height, width] = size;
  const { points = [], x = 0, y = 0, rotation = 0 } = drawn;
  const at = ([px, py]: readonly [number, number]): Point => [
    (px * width) / 100,
    (py * height) / 100,
  ];
  const outline = (): Outline | undefined => {
    switch (type) {
      case 'polygonlabels':
      case 'polygon':
        return { kind: 'polygon', parts: [points.map(at)] };
      case 'rectanglelabels':
      case 'rectangle': {
        const ends = [at([x, y]), at([x + (drawn.width ?? 0), y + (drawn.height ?? 0)])] as const;
        if (rotation === 0) return { kind: 'box', points: ends };
        return {
          kind: 'polygon',
          parts: [corners(ends).map((each) => turned(each, ends[0], rotation))],
        };
      }
      case 'ellipselabels':
      case 'ellipse': {
        const [centre, radii] = [at([x, y]), at([drawn.radiusX ?? 0, drawn.radiusY ?? 0])];
        if (Math.abs(radii[0] - radii[1]) < 1e-9) return { kind: 'disc', centre, radius: radii[0] };
        return { kind: 'polygon', parts: [ellipse(centre, radii, rotation)] };
      }
      case 'keypointlabels':
      case 'keypoint':
        return { kind: 'points', points: [at([x, y])] };
      case 'brushlabels':
      case 'brush':
        return { kind: 'mask', mask: decodeBrush(drawn.rle ?? [], size, where) };
      default:
        tally.add(`Label Studio result of the type "${type}", left out`);
        return undefined;
    }
  };
  const found = outline();
  const [label = ''] = Array.isArray(labels) ? labels.map(String) : [];
  return found ? [{ label, ...found }] : [];
}

function resultsOf(shape: Shape, size: Size, tally: Tally): object[] {
  const [height, width] = size;
  const share = ([x, y]: Point): Point => [(100 * x) / width, (100 * y) / height];
  const result = (type: string, drawn: object) => ({
    type,
    value: { ...drawn, [type]: [shape.label] },
  });
  switch (shape.kind) {
    case 'polygon':
      return shape.parts.map((part) =>
        result('polygonlabels', { points: part.map(share), closed: true }),
      );
    case 'box': {
      const [[x, y], [x1, y1]] = shape.points.map(share);
      return [result('rectanglelabels', { x, y, width: x1 - x, height: y1 - y, rotation: 0 })];
    }
    case 'disc': {
      const [x, y] = share(shape.centre);
      const [radiusX, radiusY] = share([shape.radius, shape.radius]);
      return [result('ellipselabels', { x, y, radiusX, radiusY, rotation: 0 })];
    }
    case 'line':
    case 'points':
      if (shape.kind === 'line')
        tally.add('line of which Label Studio has no kind, written as key points');
      return shape.points
        .map(share)
        .map(([x, y]) => result('keypointlabels', { x, y, width: 0.5 }));
    case 'mask':
      return [result('brushlabels', { format: 'rle', rle: encodeBrush(shape.mask) })];
  }
}
