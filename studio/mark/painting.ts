// Draws an image, its segments and its marks on a canvas, and says which pixel a point of the canvas shows.

import type { Stroke } from '../../gfsr/annotation/annotations.ts';
import { MARK, MARK_COLORS } from '../../gfsr/annotation/marks.ts';
import { markPlane } from '../../gfsr/annotation/planes.ts';
import { PER_EDGE } from './measured-segments.ts';
import type { SegmentMap } from './segment-map.ts';

/** Which part of the image is seen: at zoom 1 and centre [0.5, 0.5] all of it. */
export interface View {
  readonly zoom: number;
  /** Point of the image in the middle of the canvas, as shares of its width and height. */
  readonly center: readonly [number, number];
}

/** The whole image. */
export const WHOLE: View = { zoom: 1, center: [0.5, 0.5] };

/** What is drawn. */
export interface Scene {
  readonly picture: ImageData;
  readonly strokes: readonly Stroke[];
  readonly view: View;
  readonly showMarks: boolean;
  /** Drawn with their edges; absent: no edges. */
  readonly contours?: SegmentMap;
  /** The segments, and the one that the pointer or the keyboard is at. */
  readonly cursor?: { readonly map: SegmentMap; readonly segment: number };
  /** A stroke that is being drawn, in pixels. */
  readonly draft?: readonly (readonly [number, number])[];
}

/** Where the image lies on a canvas: left, top, and pixels of the canvas per pixel of the image. */
export function placement(
  { zoom, center: [cx, cy] }: View,
  image: { readonly width: number; readonly height: number },
  canvas: { readonly width: number; readonly height: number },
): { left: number; top: number; scale: number } {
  const fit = Math.min(canvas.width / image.width, canvas.height / image.height);
  const scale = fit * zoom;
  return {
    left: canvas.width / 2 - cx * image.width * scale,
    top: canvas.height / 2 - cy * image.height * scale,
    scale,
  };
}

const contextOf = (canvas: HTMLCanvasElement) =>
  canvas.getContext('2d') as CanvasRenderingContext2D;

/** Leaves nothing on the canvas. */
export function clear(canvas: HTMLCanvasElement): void {
  const context = contextOf(canvas);
  context.setTransform(1, 0, 0, 1, 0, 0);
  context.clearRect(0, 0, canvas.width, canvas.height);
}

/** Draws the scene over the whole canvas. */
export function paint(canvas: HTMLCanvasElement, scene: Scene): void {
  const context = contextOf(canvas);
  const { picture, view, strokes } = scene;
  const { left, top, scale } = placement(view, picture, canvas);
  clear(canvas);
  context.setTransform(scale, 0, 0, scale, left, top);
  context.imageSmoothingEnabled = scale < 4; // single pixels stay squares where a person marks them
  context.drawImage(pictureLayer(picture), 0, 0);
  if (scene.showMarks && strokes.length > 0) {
    context.imageSmoothingEnabled = false;
    context.drawImage(markLayer(strokes, picture), 0, 0);
  }
  context.lineCap = 'square'; // closes the corners
  context.lineWidth = 1 / scale;
  if (scene.contours) {
    context.strokeStyle = 'rgb(255 255 255 / 45%)';
    context.stroke(allEdges(scene.contours));
  }
  if (scene.cursor) {
    const { map, segment } = scene.cursor;
    const path = edges(map, segment);
    context.lineWidth = 5 / scale;
    context.strokeStyle = '#000';
    context.stroke(path);
    context.lineWidth = 2.5 / scale;
    context.strokeStyle = '#fff';
    context.stroke(path);
  }
  if (scene.draft && scene.draft.length > 0) {
    const path = new Path2D();
    scene.draft.forEach(([x, y], i) => {
      if (i === 0) path.moveTo(x, y);
      else path.lineTo(x, y);
    });
    context.lineWidth = 3 / scale;
    context.strokeStyle = '#fff';
    context.stroke(path);
  }
}

/** Computes once per key, not anew wherever the pointer moves. The other arguments must follow from the key. */
function once<K extends object, A extends unknown[], V>(
  compute: (key: K, ...rest: A) => V,
): (key: K, ...rest: A) => V {
  const known = new WeakMap<K, V>();
  return (key, ...rest) => {
    const value = known.get(key) ?? compute(key, ...rest);
    known.set(key, value);
    return value;
  };
}

const pictureLayer = once(layer);
const markLayer = once((strokes: readonly Stroke[], picture: ImageData) =>
  layer(markPicture(strokes, picture)),
);
const allEdges = once((map: SegmentMap) => edges(map));

function layer(picture: ImageData): OffscreenCanvas {
  const canvas = new OffscreenCanvas(picture.width, picture.height);
  (canvas.getContext('2d') as OffscreenCanvasRenderingContext2D).putImageData(picture, 0, 0);
  return canvas;
}

/** The marks as a half-transparent picture. */
function markPicture(strokes: readonly Stroke[], { width, height }: ImageData): ImageData {
  const picture = new ImageData(width, height);
  const marks = markPlane([...strokes], height, width);
  for (let p = 0; p < marks.length; p++) {
    const mark = marks[p];
    if (mark === MARK.none) continue;
    const hatched = mark === MARK.negative && ((p % width) + Math.floor(p / width)) % 3 === 0;
    const color = MARK_COLORS[mark];
    for (let c = 0; c < 3; c++) picture.data[4 * p + c] = color[c];
    picture.data[4 * p + 3] = hatched ? 230 : 120;
  }
  return picture;
}

/** The edges of one segment, or of all. */
function edges({ edges: all }: SegmentMap, segment?: number): Path2D {
  const path = new Path2D();
  for (let i = 0; i < all.length; i += PER_EDGE) {
    const isWanted = segment === undefined || all[i + 4] === segment || all[i + 5] === segment;
    if (!isWanted) continue;
    path.moveTo(all[i], all[i + 1]);
    path.lineTo(all[i + 2], all[i + 3]);
  }
  return path;
}
