// What the marking page asks of the server: the training images, and the marks of one person on them.

import type { Stroke } from '../annotation/annotations.ts';
import type { Dataset } from '../data/dataset.ts';
import { limitOf } from '../files/limits.ts';
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
 * - `PUT marks/<image>` with `If-Match: "<revision>"` and `{ "strokes": […] }`: `ImageMarks`; 409 if the marks have
 *   changed since, 507 if the file cannot be written
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
  });
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
        const revision = (headers['if-match'] ?? '').replaceAll('"', '');
        try {
          return json(
            marks.replace(/^\d+$/.test(rest) ? Number(rest) : Number.NaN, strokes, revision),
          );
        } catch (error) {
          if (error instanceof RangeError) throw error;
          const status = error instanceof StaleMarksError ? 409 : 507;
          return { status, body: (error as Error).message };
        }
      },
    },
  ];
}
