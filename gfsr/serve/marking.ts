// What the marking page asks of the server: the training images, and the marks of one person on them.

import type { Stroke } from '../annotation/annotations.ts';
import type { Dataset } from '../data/dataset.ts';
import { limitOf } from '../files/limits.ts';
import type { Placement } from '../image/placement.ts';
import { parseJson } from '../text/json.ts';
import type { Reply, Route } from './local-server.ts';
import { type ImageMarks, type MarkFile, revisionOf, StaleMarksError } from './mark-file.ts';

/** What the page must know before it shows an image. */
export interface MarkedDataset {
  readonly name: string;
  readonly classes: readonly string[];
  readonly channels: number;
  readonly height: number;
  readonly width: number;
  /** Of the training images. */
  readonly ids: readonly string[];
  readonly labels: readonly number[];
  readonly annotator: string;
  /** Name of the annotation file. */
  readonly file: string;
  readonly marks: readonly ImageMarks[];
  /** Revision of an image without marks. */
  readonly unmarked: string;
  /** Whether the server trains for the page. */
  readonly isTrainedThere?: boolean;
  /** Of the training images, as `Split` has them. */
  readonly placements?: readonly Placement[];
}

/** A change of an image's marks that was taken: by which browser, and from which revision to which. */
interface Change {
  readonly from: unknown;
  readonly base: string;
  readonly revision: string;
}

/** Images per request at most. */
const MOST_IMAGES = 1024;

const json = (value: unknown, status = 200): Reply => ({
  status,
  body: JSON.stringify(value),
  type: 'application/json',
});

/**
 * The routes under /api/ with which a person marks the training images of a data set.
 *
 * - `GET dataset`: `MarkedDataset`
 * - `GET images/<from>-<to>`: bytes [n, C, H, W] of the images from … to − 1
 * - `PUT marks/<image>` with `If-Match: "<revision>"`, `GFSR-Browser: <id>` and `{ "strokes": […] }`: `ImageMarks`; 409
 *   with those of now if they have changed since, 507 if the file cannot be written
 *
 * @param fileName as the page shows it
 * @param isTrainedThere whether the server trains for the page
 */
export function markingRoutes(
  dataset: Dataset,
  marks: MarkFile,
  fileName: string,
  isTrainedThere = false,
): Route[] {
  const { name, classes, channels, height, width, train } = dataset;
  const size = channels * height * width;
  const describe = (): MarkedDataset => ({
    ...{ name, classes, channels, height, width },
    ids: train.ids,
    labels: [...train.labels],
    annotator: marks.annotator,
    file: fileName,
    marks: marks.all(),
    unmarked: revisionOf([]),
    isTrainedThere,
    placements: train.placements,
  });
  const latest = new Map<number, Change>();
  /** A page that ended before it heard that its change was taken bases the next one on the same marks. */
  const baseOf = (image: number, asked: string, from: unknown): string => {
    const last = latest.get(image);
    const isOwn = from !== undefined && last?.from === from && last.base === asked;
    return isOwn && last.revision === marks.of(image).revision ? last.revision : asked;
  };
  return [
    { method: 'GET', path: '/api/dataset', answer: () => json(describe()) },
    {
      method: 'GET',
      path: '/api/images/',
      answer: ({ rest }) => {
        const [, from, to] = (/^(\d+)-(\d+)$/.exec(rest) ?? []).map(Number);
        const right = from < to && to <= train.count && to - from <= MOST_IMAGES;
        if (!right) {
          throw new RangeError(
            `images are "${rest}", expected <from>-<to> within 0 to ${train.count}, at most ${MOST_IMAGES} of them.`,
          );
        }
        const body = train.images.subarray(from * size, to * size);
        return { body, type: 'application/octet-stream' };
      },
    },
    {
      method: 'PUT',
      path: '/api/marks/',
      answer: async ({ rest, headers, body }) => {
        const text = new TextDecoder().decode(await body(limitOf('annotationBytes')));
        const { strokes } = Object(parseJson(text, 'marks')) as { strokes?: readonly Stroke[] };
        if (!Array.isArray(strokes)) throw new RangeError('marks: strokes is missing.');
        const image = /^\d+$/.test(rest) ? Number(rest) : Number.NaN;
        const base = (headers['if-match'] ?? '').replaceAll('"', '');
        const { 'gfsr-browser': from } = headers;
        try {
          const saved = marks.replace(image, strokes, baseOf(image, base, from));
          latest.set(image, { from, base, revision: saved.revision });
          return json(saved);
        } catch (error) {
          if (error instanceof RangeError) throw error;
          if (error instanceof StaleMarksError) return json(marks.of(image), 409);
          return { status: 507, body: (error as Error).message };
        }
      },
    },
  ];
}
