// What a page needs beside the training images to train by itself: all splits, the marks as a file, and the settings.

import { serialiseAnnotations } from '../annotation/annotations.ts';
import type { ConfigChanges } from '../config/config.ts';
import type { Dataset } from '../data/dataset.ts';
import { writeDataset } from '../data/dataset-files.ts';
import { readIfThere } from '../files/read-file.ts';
import type { Route } from './local-server.ts';

/**
 * The routes under /api/ with which a page trains on the data of a server.
 *
 * - `GET data/<name>`: the files of `writeDataset`
 * - `GET annotations`: the annotation file
 * - `GET settings`: the settings of the data, as JSON
 *
 * @param path of the annotation file
 * @param settings that name the data and how it is read
 */
export function trainingRoutes(dataset: Dataset, path: string, settings: ConfigChanges): Route[] {
  const files = new Map<string, Uint8Array | string>();
  let ready: Promise<void> | undefined;
  const empty = { format: 'gfsr-annotations', version: 1, dataset: dataset.name } as const;
  return [
    {
      method: 'GET',
      path: '/api/data/',
      answer: async ({ rest }) => {
        ready ??= writeDataset(
          { write: async (name, content) => void files.set(name, content) },
          dataset,
        );
        await ready;
        const body = files.get(rest);
        return body === undefined
          ? { status: 404, body: `there is no file ${rest} of the data set` }
          : { body, type: 'application/octet-stream' };
      },
    },
    {
      method: 'GET',
      path: '/api/annotations',
      answer: () => ({
        body: readIfThere(path) ?? serialiseAnnotations({ ...empty, annotations: [] }),
        type: 'application/json',
      }),
    },
    {
      method: 'GET',
      path: '/api/settings',
      answer: () => ({ body: JSON.stringify(settings), type: 'application/json' }),
    },
  ];
}
