// Pictures of segments: one cropped from its image, the nearest ones of a concept, and an image with segments and
// marks.

import { type AnnotationPlane, MARK_COLORS } from '../annotation/marks.ts';
import type { Dataset } from '../data/dataset.ts';
import { GLYPH_HEIGHT, isInk, textWidth } from '../data/shortcuts/font.ts';
import type { Image } from '../image/png.ts';
import type { ConceptSummary } from '../masks/concept-summary.ts';
import type { Segmentation } from '../masks/segmentation.ts';
import { below, beside, drawImage, type Picture, pictureAt } from './pictures.ts';

type Colour = readonly [number, number, number];

/** Side of a cropped segment in the picture. */
const TILE = 72;
/** A crop shows this multiple of the segment's own side, so that its surroundings are visible. */
const SURROUNDINGS = 2.4;
const OUTLINE: Colour = [64, 224, 208];
const [INK, PAPER, TRACK, BAR]: readonly Colour[] = [
  [40, 44, 52],
  [255, 255, 255],
  [228, 230, 235],
  [10, 98, 176],
];

/** A segment with its surroundings, outlined; TILE × TILE. */
function drawSegment(picture: Picture, segmentation: Segmentation, segment: number): Image {
  const { labels, height, width } = segmentation;
  const [top, left, bottom, right] = boxOf(labels, segment, width);
  const own = Math.max(bottom - top, right - left);
  const side = Math.min(height, width, Math.ceil(SURROUNDINGS * own));
  const from = (first: number, last: number, most: number) =>
    Math.min(Math.max(0, Math.round((first + last - side) / 2)), most - side);
  const [y0, x0] = [from(top, bottom, height), from(left, right, width)];
  const isIn = (y: number, x: number) =>
    y >= 0 && x >= 0 && y < height && x < width && labels[y * width + x] === segment;
  return paint(TILE, TILE, (v, u) => {
    const [y, x] = [y0 + (v * side) / TILE, x0 + (u * side) / TILE];
    const [row, column] = [Math.floor(y), Math.floor(x)];
    // As wide as two pixels of the picture, inside the segment.
    const reach = (2 * side) / TILE;
    const edge =
      isIn(row, column) &&
      [-reach, reach].some(
        (step) => !isIn(Math.floor(y + step), column) || !isIn(row, Math.floor(x + step)),
      );
    return edge ? OUTLINE : colourAt(picture, row, column);
  });
}

/**
 * The nearest segments of a concept, side by side.
 *
 * @param segmentationOf the segmentation of a training image
 */
export function drawConcept(
  { examples }: ConceptSummary,
  dataset: Dataset,
  segmentationOf: (image: number) => Segmentation,
): Image {
  const tiles = examples.map(({ image, segment }) =>
    drawSegment(pictureAt(dataset, dataset.train, image), segmentationOf(image), segment),
  );
  return tiles.length > 0 ? beside(tiles, 4) : paint(TILE, TILE, () => [255, 255, 255]);
}

/**
 * A sheet of concepts in columns: number, nearest segments, and one bar of relevance per class. Bars with more
 * confidence are stronger.
 */
export function drawConceptSheet(
  concepts: readonly (ConceptSummary & { readonly concept: number; readonly picture: Image })[],
): Image {
  const columns = Math.max(1, Math.round(Math.sqrt(concepts.length / 8)));
  const rows = Math.ceil(concepts.length / columns);
  const most = Math.max(...concepts.map(({ picture }) => picture.width));
  const strips = concepts.map(({ concept, picture, relevance, confidence }) =>
    beside([numberTile(concept), widened(picture, most), bars(relevance, confidence)], 4),
  );
  return beside(
    Array.from({ length: columns }, (_, c) => below(strips.slice(c * rows, (c + 1) * rows), 4)),
    20,
  );
}

/** A number in dark digits on white. */
function numberTile(value: number): Image {
  const text = String(value);
  const scale = 4;
  const top = Math.round((TILE - GLYPH_HEIGHT * scale) / 2);
  const margin = 4;
  const width = textWidth('00') * scale + 2 * margin;
  return paint(TILE, width, (y, x) => {
    const [row, column] = [Math.floor((y - top) / scale), Math.floor((x - margin) / scale)];
    return isInk(text, row, column) ? INK : PAPER;
  });
}

/** One bar per class. Its length is the relevance, its opacity the confidence. */
function bars(relevance: readonly number[], confidence: readonly number[]): Image {
  const each = TILE / relevance.length;
  const colours = confidence.map((sure): Colour => {
    const strength = 0.25 + 0.75 * sure;
    const mix = (c: 0 | 1 | 2) => Math.round(TRACK[c] * (1 - strength) + BAR[c] * strength);
    return [mix(0), mix(1), mix(2)];
  });
  return paint(TILE, TILE, (y, x) => {
    const c = Math.floor(y / each);
    if (each >= 4 && y - c * each < 1) return PAPER;
    return x < relevance[c] * TILE ? colours[c] : TRACK;
  });
}

/** The same picture with white on its right, so that columns align. */
function widened(image: Image, width: number): Image {
  return paint(image.height, width, (y, x) => {
    if (x >= image.width) return PAPER;
    const at = 3 * (y * image.width + x);
    return [image.data[at], image.data[at + 1], image.data[at + 2]];
  });
}

/** The image with the borders of its segments and the marks of the annotators. */
export function drawCut(
  picture: Picture,
  { labels, height, width }: Segmentation,
  planes: readonly AnnotationPlane[] = [],
): Image {
  const image = drawImage(picture);
  const zoom = image.width / width;
  const set = (y: number, x: number, colour: Colour, share: number) => {
    const at = 3 * (y * image.width + x);
    for (let c = 0; c < 3; c++) {
      image.data[at + c] = Math.round(image.data[at + c] * (1 - share) + colour[c] * share);
    }
  };
  for (let y = 0; y < image.height; y++) {
    for (let x = 0; x < image.width; x++) {
      const [row, column] = [Math.floor(y / zoom), Math.floor(x / zoom)];
      const pixel = row * width + column;
      for (const plane of planes) {
        const colour = MARK_COLORS[plane[pixel]];
        if (colour) set(y, x, colour, 0.75);
      }
      const [below, beyond] = [Math.floor((y + 1) / zoom), Math.floor((x + 1) / zoom)];
      const cut =
        (below < height && labels[below * width + column] !== labels[pixel]) ||
        (beyond < width && labels[row * width + beyond] !== labels[pixel]);
      if (cut) set(y, x, OUTLINE, 0.8);
    }
  }
  return image;
}

function paint(height: number, width: number, colour: (y: number, x: number) => Colour): Image {
  const data = new Uint8Array(height * width * 3);
  let to = 0;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const [red, green, blue] = colour(y, x);
      data[to++] = red;
      data[to++] = green;
      data[to++] = blue;
    }
  }
  return { height, width, channels: 3, data };
}

function colourAt({ pixels, channels, height, width }: Picture, y: number, x: number): Colour {
  const at = y * width + x;
  if (channels === 1) return [pixels[at], pixels[at], pixels[at]];
  return [pixels[at], pixels[height * width + at], pixels[2 * height * width + at]];
}

/** [top, left, bottom, right]; the last two are exclusive. */
function boxOf(
  labels: Int32Array,
  segment: number,
  width: number,
): [number, number, number, number] {
  const box: [number, number, number, number] = [
    Number.POSITIVE_INFINITY,
    Number.POSITIVE_INFINITY,
    0,
    0,
  ];
  labels.forEach((label, p) => {
    if (label !== segment) return;
    const [y, x] = [Math.floor(p / width), p % width];
    box[0] = Math.min(box[0], y);
    box[1] = Math.min(box[1], x);
    box[2] = Math.max(box[2], y + 1);
    box[3] = Math.max(box[3], x + 1);
  });
  return box;
}
