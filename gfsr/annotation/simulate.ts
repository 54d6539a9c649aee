// Simulates the few, rough annotations that people would make, from real masks or planted shortcuts.

import { Random } from '../../engine/core/random.ts';
import type { AnnotationKind, AnnotationTarget } from '../config/annotation.ts';
import { type Dataset, placementAt, type Split } from '../data/dataset.ts';
import {
  isWhole,
  type Placement,
  pixelsPerPixel,
  type Size,
  sourcePoint,
} from '../image/placement.ts';
import { rowAt } from '../image/rows.ts';
import type { Annotation, AnnotationFile, Stroke } from './annotations.ts';
import { backgroundStroke, click, cut, scribbles } from './drawn-strokes.ts';
import { decodeRunLengths, encodeRunLengths } from './raster.ts';

/** What simulated annotators draw, and how often they are wrong. */
export interface SimulateOptions {
  /** Share of the training images to annotate, (0, 1], rounded down. Give either this or `count`. */
  fraction?: number;
  /** Number of training images to annotate. */
  count?: number;
  /** Default "click". */
  kind?: AnnotationKind;
  /** Default 0. */
  seed?: number | string;
  /** Default "relevant". */
  target?: AnnotationTarget;
  /** Whether every image with a positive mark also gets a negative stroke on the background. Default false. */
  strikeBackground?: boolean;
  /** Number of people who mark the same images, each with their own strokes. Default 1. */
  annotators?: number;
  /** Probability that a person flips the sign of all their strokes on an image, in [0, 1]. Default 0. */
  error?: number;
}

/** Width of the rim, as a share of the shorter side [ours]: 2 of 28 pixels. */
const RIM = 1 / 14;

/**
 * Annotates training images chosen at random, taking the classes in turn. A click is on one of the deepest points of
 * the area that it marks (for a digit: the middle of the line). A scribble is one stroke per part of the area, from end
 * to end through its middle. The rim is always struck out as a whole. An image whose real mask is empty gets the answer
 * that nothing is relevant.
 *
 * Strokes use the pixels of the images as their files have them, as those of people do.
 *
 * With the same seed, a smaller `fraction` annotates a subset of the images with the same strokes, and an additional
 * annotator leaves the strokes of the others unchanged.
 *
 * @throws RangeError if no image would be annotated, there is no annotator, or the data has no masks or shortcuts to
 *   mark
 */
export function simulateAnnotations(dataset: Dataset, options: SimulateOptions): AnnotationFile {
  const { kind = 'click', seed = 0, target = 'relevant', annotators = 1, error = 0 } = options;
  const { strikeBackground = false } = options;
  const { train, height, width, classes } = dataset;
  if (!Number.isInteger(annotators) || annotators < 1 || !(error >= 0 && error <= 1)) {
    throw new RangeError(
      `simulateAnnotations: got ${annotators} annotators with error ${error}, expected at least 1 and 0 to 1.`,
    );
  }
  const budget = readBudget(options, train.count);
  const random = new Random(seed, 'simulated annotations');
  const signs = target === 'both' ? (['relevant', 'shortcut'] as const) : [target];
  const rim = rimOf(height, width);
  const areaOf = (image: number, what: Exclude<AnnotationTarget, 'both'>) =>
    what === 'relevant'
      ? train.masks?.get(image)
      : what === 'rim'
        ? rim
        : train.shortcut && rowAt(train.shortcut, image, height * width);
  // A person who is asked for what is relevant can answer "nothing".
  const canMark = (image: number) =>
    signs.every((what) => areaOf(image, what)?.includes(1) || isEmpty(image, what));
  const someRelevant = [...(train.masks?.values() ?? [])].some((mask) => mask.includes(1));
  const isEmpty = (image: number, what: AnnotationTarget) =>
    what === 'relevant' && someRelevant && train.masks?.get(image)?.includes(1) === false;

  const annotations: Annotation[] = [];
  let marked = 0;
  for (const image of inTurn(train, classes.length, random.split('images'))) {
    if (marked === budget) break;
    if (!canMark(image)) continue;
    marked++;
    const inFile = strokeInFile(placementAt(train, image, dataset), [height, width]);
    for (let person = 0; person < annotators; person++) {
      const own = random.split(person === 0 ? `image ${image}` : `image ${image} by ${person}`);
      const strokes = signs.flatMap((what): Stroke[] => {
        if (isEmpty(image, what)) return [{ kind: 'image', sign: 'negative', points: [] }];
        const inside = areaOf(image, what) as Uint8Array;
        const sign = what === 'relevant' ? 'positive' : 'negative';
        const area = { inside, height, width };
        const marks: Stroke[] =
          what === 'rim' || kind === 'mask'
            ? [{ kind: 'mask', sign, points: [], mask: encodeRunLengths(inside, height, width) }]
            : kind === 'click'
              ? [{ kind, sign, ...click(area, own) }]
              : scribbles(area, own).map((line) => ({ kind, sign, ...line }));
        const beside = what === 'relevant' && strikeBackground && backgroundStroke(area, own);
        return beside ? [...marks, { kind: 'scribble', sign: 'negative', ...beside }] : marks;
      });
      const wrong = error > 0 && own.split('error').uniform() < error;
      annotations.push({
        image: train.ids[image],
        annotator: person === 0 ? 'simulated' : `simulated ${person + 1}`,
        strokes: (wrong ? strokes.map(turnedRound) : strokes).map(inFile),
      });
    }
  }
  if (annotations.length === 0) {
    throw new RangeError(
      `simulateAnnotations: ${dataset.name} has nothing to mark in train, expected ` +
        `${target === 'relevant' ? 'masks' : target === 'shortcut' ? 'a planted shortcut' : 'masks and a planted shortcut'}.`,
    );
  }
  return { format: 'gfsr-annotations', version: 1, dataset: dataset.name, annotations };
}

const turnedRound = (stroke: Stroke): Stroke => ({
  ...stroke,
  sign: stroke.sign === 'positive' ? 'negative' : 'positive',
});

/** Converts pixels of the images of the data set to those of the image as its file has it. */
function strokeInFile(placement: Placement, frame: Size) {
  const { from, at } = placement;
  const [down, right] = pixelsPerPixel(placement);
  return (stroke: Stroke): Stroke => {
    if (isWhole(placement, frame)) return stroke;
    const { points, radius, mask } = stroke;
    const area = mask && decodeRunLengths(mask);
    const marked = (p: number) => {
      const row = Math.floor(Math.floor(p / from[1]) / down + at[0]);
      const column = Math.floor((p % from[1]) / right + at[1]);
      const cut = row < 0 || column < 0 || row >= frame[0] || column >= frame[1];
      return cut ? 0 : (area?.[row * frame[1] + column] ?? 0);
    };
    return {
      ...stroke,
      points: points.map((point) => {
        const [x, y] = sourcePoint(point, placement);
        return [cut(x), cut(y)];
      }),
      ...(radius !== undefined && { radius: radius * Math.max(down, right) }),
      ...(area && {
        mask: encodeRunLengths(
          Uint8Array.from({ length: from[0] * from[1] }, (_, p) => marked(p)),
          ...from,
        ),
      }),
    };
  };
}

/** 1 within `RIM` of an edge, [H, W]. */
function rimOf(height: number, width: number): Uint8Array {
  const depth = Math.max(1, Math.round(RIM * Math.min(height, width)));
  return Uint8Array.from({ length: height * width }, (_, p) => {
    const [y, x] = [Math.floor(p / width), p % width];
    return Math.min(y, x, height - 1 - y, width - 1 - x) < depth ? 1 : 0;
  });
}

function readBudget({ fraction, count }: SimulateOptions, images: number): number {
  if ((fraction === undefined) === (count === undefined)) {
    throw new RangeError('simulateAnnotations: expected either fraction or count.');
  }
  // The small term gives whole numbers for 0.07 * 100 = 7.000000000000001 and 0.29 * 100 = 28.999999999999996.
  const budget = count ?? Math.floor((fraction as number) * images + 1e-6);
  if (!Number.isInteger(budget) || budget < 1 || budget > images) {
    throw new RangeError(
      `simulateAnnotations: budget of ${budget} images, got ${fraction === undefined ? `count ${count}` : `fraction ${fraction}`}, ` +
        `expected 1 to ${images} images.`,
    );
  }
  return budget;
}

/** All images in random order, taking one of each class in turn as long as the class has any left. */
function* inTurn(split: Split, classes: number, random: Random): Generator<number> {
  const queues: number[][] = Array.from({ length: classes }, () => []);
  for (const image of random.permutation(split.count)) queues[split.labels[image]].push(image);
  for (let turn = 0, left = split.count; left > 0; turn++) {
    const order = random.permutation(classes);
    for (const label of order) {
      if (turn >= queues[label].length) continue;
      left--;
      yield queues[label][turn];
    }
  }
}
