// CVAT: one XML file with the shapes of images, or with the tracks of a video.

import { parseXml, XmlElement } from '@rgrove/parse-xml';
import { decodeText } from '../../files/decode-text.ts';
import type { Size } from '../../image/placement.ts';
import { reasonOf } from '../../text/reason.ts';
import { quoted } from '../../text/visible.ts';
import { encodeRunLengths } from '../raster.ts';
import { textOf } from './parse.ts';
import { cropOf, emptyPlane, placeCrop } from './run-lengths.ts';
import {
  corners,
  type ExchangeFormat,
  ellipse,
  type Outline,
  type Point,
  type ReadContext,
  type Shape,
  type ShapeImage,
  turned,
} from './shapes.ts';

export const cvat: ExchangeFormat = {
  title: 'CVAT XML 1.1',
  isFolder: false,
  recognises: ({ path, bytes }) =>
    path.endsWith('.xml') && textOf(bytes.subarray(0, 4096)).includes('<annotations'),
  async read({ bytes }, context) {
    const { root } = parse(decodeText(bytes, context.where), context.where);
    if (root?.name !== 'annotations') {
      throw new RangeError(
        `${context.where}: got <${root?.name}>, expected <annotations> as CVAT writes it.`,
      );
    }
    return [
      ...elements(root, 'image').map((each) => readImage(each, context)),
      ...(await readTracks(root, context)),
    ];
  },
  write(images) {
    const written = images.map(({ name, size: [height, width], shapes }, id) => {
      const head = `<image id="${id}" name="${escaped(name)}" width="${width}" height="${height}">`;
      return [`  ${head}`, ...shapes.flatMap(elementsOf), '  </image>'].join('\n');
    });
    const lines = [
      '<?xml version="1.0" encoding="utf-8"?>',
      '<annotations>',
      '  <version>1.1</version>',
    ];
    return new Map([
      ['annotations.xml', `${[...lines, ...written, '</annotations>'].join('\n')}\n`],
    ]);
  },
};

/** Deeper than anything that CVAT writes. */
const DEEPEST = 100;
const TAG = /<(?![!?])(?:"[^"]*"|'[^']*'|[^'"<>])*>/g;

/** @throws RangeError for tags within tags without end, with which a parser runs out of stack, or damaged XML */
function parse(text: string, where: string) {
  let depth = 0;
  for (const [tag] of text.matchAll(TAG)) {
    if (tag.startsWith('</')) depth--;
    else if (!tag.endsWith('/>')) depth++;
    if (depth > DEEPEST) {
      throw new RangeError(
        `${where}: tags nest deeper than ${DEEPEST}. Is it a file of another kind?`,
      );
    }
  }
  try {
    return parseXml(text);
  } catch (error) {
    throw new RangeError(`${where}: damaged XML${reasonOf(error)}.`);
  }
}

const elements = (parent: XmlElement, name?: string): XmlElement[] =>
  parent.children.filter(
    (child): child is XmlElement =>
      child instanceof XmlElement && (name === undefined || child.name === name),
  );

function number(element: XmlElement, name: string, where: string, usual?: number): number {
  const text = element.attributes[name];
  const value = text === undefined && usual !== undefined ? usual : Number(text);
  if (text?.trim() !== '' && Number.isFinite(value)) return value;
  throw new RangeError(
    `${where}: ${name} of <${element.name}> is ${quoted(text ?? '')}, expected a number.`,
  );
}

function length(element: XmlElement, name: string, where: string): number {
  const value = number(element, name, where);
  if (Number.isInteger(value) && value > 0) return value;
  throw new RangeError(
    `${where}: ${name} of <${element.name}> is ${value}, expected a whole number of pixels.`,
  );
}

function readImage(image: XmlElement, context: ReadContext): ShapeImage {
  const { name } = image.attributes;
  if (name === undefined) {
    throw new RangeError(`${context.where}: <image> without a name, expected that of its file.`);
  }
  const where = `${context.where}: image ${quoted(name)}`;
  const size = [length(image, 'height', where), length(image, 'width', where)] as const;
  const shapes = elements(image).flatMap((each) =>
    readShape(each, each.attributes.label, size, { ...context, where }),
  );
  return { name, size, shapes };
}

/** A shape on each frame in which its track is seen. Frames are named as CVAT exports them. */
async function readTracks(root: XmlElement, context: ReadContext): Promise<ShapeImage[]> {
  const named = (parent: XmlElement | undefined, name: string) =>
    parent && elements(parent, name)[0];
  const job = ['task', 'job'].map((name) => named(named(root, 'meta'), name)).find(Boolean);
  const original = named(job, 'original_size');
  const [height, width] = ['height', 'width'].map((name) => Number(named(original, name)?.text));
  const isSize = [height, width].every((each) => Number.isInteger(each) && each > 0);
  const stated = isSize ? ([height, width] as const) : undefined;
  const frames = new Map<number, ((size: Size | undefined) => Shape[])[]>();
  for (const track of elements(root, 'track')) {
    const where = `${context.where}: track ${track.attributes.id}`;
    for (const each of elements(track)) {
      if (each.attributes.outside === '1') continue;
      const frame = number(each, 'frame', where);
      const read = (size: Size | undefined) =>
        readShape(each, track.attributes.label, size, { ...context, where });
      const others = frames.get(frame);
      if (others) others.push(read);
      else frames.set(frame, [read]);
    }
  }
  const images: ShapeImage[] = [];
  for (const [frame, readers] of frames) {
    const name = `frame_${String(frame).padStart(6, '0')}`;
    const size = stated ?? (await context.sizeOf(name));
    images.push({ name, ...(size && { size }), shapes: readers.flatMap((read) => read(size)) });
  }
  return images;
}

function readShape(
  element: XmlElement,
  label: string,
  size: Size | undefined,
  context: ReadContext,
): Shape[] {
  const { where, tally } = context;
  const value = (name: string, usual?: number) => number(element, name, where, usual);
  const points = () =>
    (element.attributes.points ?? '').split(';').map((pair): Point => {
      const [x, y] = pair.split(',').map(Number);
      if (Number.isFinite(x) && Number.isFinite(y)) return [x, y];
      throw new RangeError(
        `${where}: <${element.name}> has the point ${quoted(pair)}, expected x,y.`,
      );
    });
  const outline = (): Outline | undefined => {
    switch (element.name) {
      case 'box': {
        const ends = [
          [value('xtl'), value('ytl')],
          [value('xbr'), value('ybr')],
        ] as const;
        const angle = value('rotation', 0);
        if (angle === 0) return { kind: 'box', points: ends };
        const centre: Point = [(ends[0][0] + ends[1][0]) / 2, (ends[0][1] + ends[1][1]) / 2];
        return {
          kind: 'polygon',
          parts: [corners(ends).map((each) => turned(each, centre, angle))],
        };
      }
      case 'polygon':
        return { kind: 'polygon', parts: [points()] };
      case 'polyline':
        return { kind: 'line', points: points() };
      case 'points':
        return { kind: 'points', points: points() };
      case 'ellipse': {
        const [rx, ry] = [value('rx'), value('ry')];
        const centre: Point = [value('cx'), value('cy')];
        if (rx === ry) return { kind: 'disc', centre, radius: rx };
        return { kind: 'polygon', parts: [ellipse(centre, [rx, ry], value('rotation', 0))] };
      }
      case 'mask':
        if (size) return readMask(element, size, context);
        tally.add('mask on a frame of unknown size, left out');
        return undefined;
      default:
        if (element.name !== 'tag') tally.add(`CVAT shape <${element.name}>, left out`);
        return undefined;
    }
  };
  const found = outline();
  return found ? [{ label: label ?? '', ...found }] : [];
}

function readMask(element: XmlElement, size: Size, { where, tally }: ReadContext): Outline {
  const [left, top] = ['left', 'top'].map((name) => number(element, name, where));
  const [width, height] = ['width', 'height'].map((name) => length(element, name, where));
  const counts = (element.attributes.rle ?? '').split(',').map(Number);
  const covered = counts.reduce((sum, count) => sum + count, 0);
  // CVAT leaves out the last run of zeros.
  if (counts.some((count) => !Number.isInteger(count) || count < 0) || covered > width * height) {
    throw new RangeError(
      `${where}: mask of ${height}×${width} pixels has runs of ${covered} pixels, expected ${width * height}.`,
    );
  }
  if (!(width <= size[1] && height <= size[0])) {
    throw new RangeError(
      `${where}: mask of ${height}×${width} pixels, expected at most ${size.join('×')} like the image.`,
    );
  }
  const plane = emptyPlane([height, width], where);
  let at = 0;
  for (const [i, count] of counts.entries()) {
    plane.fill(i % 2, at, at + count);
    at += count;
  }
  const { mask, cut } = placeCrop({ left, top, width, height, plane }, size, where);
  if (cut > 0) tally.add('mask partly outside its image, cut at the border');
  return { kind: 'mask', mask };
}

const escaped = (text: string): string =>
  text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);

function elementsOf(shape: Shape): string[] {
  const label = `label="${escaped(shape.label)}"`;
  const list = (points: readonly Point[]) => points.map((point) => point.join(',')).join(';');
  const element = (name: string, attributes: string) => `    <${name} ${label} ${attributes}/>`;
  switch (shape.kind) {
    case 'polygon':
      return shape.parts.map((part) => element('polygon', `points="${list(part)}"`));
    case 'box': {
      const [[x0, y0], [x1, y1]] = shape.points;
      return [element('box', `xtl="${x0}" ytl="${y0}" xbr="${x1}" ybr="${y1}"`)];
    }
    case 'line':
      return [element('polyline', `points="${list(shape.points)}"`)];
    case 'points':
      return [element('points', `points="${list(shape.points)}"`)];
    case 'disc': {
      const {
        centre: [x, y],
        radius,
      } = shape;
      return [element('ellipse', `cx="${x}" cy="${y}" rx="${radius}" ry="${radius}"`)];
    }
    case 'mask': {
      const crop = cropOf(shape.mask);
      if (!crop) return [];
      const { left, top, width, height, plane } = crop;
      const runs = encodeRunLengths(plane, height, width).counts;
      return [
        element(
          'mask',
          `rle="${runs.join(',')}" left="${left}" top="${top}" width="${width}" height="${height}"`,
        ),
      ];
    }
  }
}
