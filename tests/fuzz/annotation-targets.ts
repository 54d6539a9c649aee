// Readers of annotations: our own format and those of other programs, from a file on disk to marks on images.

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { readAnnotations } from '../../gfsr/annotation/annotation-source.ts';
import { serialiseAnnotations } from '../../gfsr/annotation/annotations.ts';
import {
  EXCHANGE_NAMES,
  type ExchangeName,
  readShapes,
  writeShapes,
} from '../../gfsr/annotation/exchange/exchange.ts';
import type { ShapeImage } from '../../gfsr/annotation/exchange/shapes.ts';
import { defaultConfig, withChanges } from '../../gfsr/config/config.ts';
import { readMedmnist } from '../../gfsr/data/medmnist.ts';
import { npz } from '../support/npz.ts';
import { SIDE, tinyArrays } from '../support/tiny-data.ts';
import { PNG_MUTATIONS } from './containers.ts';
import type { Mutation } from './mutation.ts';
import { FUZZED, named, type Target } from './target.ts';
import { LINE_MUTATIONS, XML_MUTATIONS } from './texts.ts';
import { bytesOf, JSON_MUTATIONS } from './values.ts';

const dataset = readMedmnist(
  npz({ ...tinyArrays(6, 'train'), ...tinyArrays(4, 'val'), ...tinyArrays(4, 'test') }),
  'tiny',
);
const [first, second] = dataset.train.ids;

const SHAPES: readonly ShapeImage[] = [
  {
    ...{ name: first, size: [SIDE, SIDE] as const },
    shapes: [
      {
        label: 'relevant',
        kind: 'box',
        points: [
          [1, 1],
          [5, 6],
        ],
      },
      {
        label: 'irrelevant',
        kind: 'polygon',
        parts: [
          [
            [2, 2],
            [9, 2],
            [9, 9],
            [3, 8],
          ],
        ],
      },
      { label: 'relevant', kind: 'mask', mask: { size: [SIDE, SIDE], counts: [20, 5, 119] } },
    ],
  },
  {
    ...{ name: second, size: [SIDE, SIDE] as const },
    shapes: [
      {
        label: 'relevant',
        kind: 'line',
        points: [
          [1, 1],
          [8, 3],
          [4, 9],
        ],
      },
      { label: 'unknown', kind: 'points', points: [[4, 4]] },
      { label: 'irrelevant', kind: 'disc', centre: [6, 6], radius: 2 },
    ],
  },
];

/** What there is beside marks in our own format. */
const OWN = serialiseAnnotations({
  ...{ format: 'gfsr-annotations', version: 1, dataset: 'tiny' },
  annotations: [
    {
      ...{ image: dataset.train.ids[3], annotator: 'ann' },
      strokes: [
        { kind: 'image', sign: 'negative', points: [] },
        {
          kind: 'scribble',
          sign: 'positive',
          points: [
            [1, 1],
            [9, 9],
          ],
          radius: 2,
        },
        {
          kind: 'polygon',
          sign: 'unknown',
          points: [
            [1, 1],
            [9, 1],
            [9, 9],
          ],
        },
      ],
    },
  ],
});

const MUTATIONS: Readonly<Record<ExchangeName, readonly Mutation[]>> = {
  gfsr: JSON_MUTATIONS,
  labelme: JSON_MUTATIONS,
  coco: JSON_MUTATIONS,
  cvat: XML_MUTATIONS,
  'label-studio': JSON_MUTATIONS,
  yolo: LINE_MUTATIONS,
  masks: PNG_MUTATIONS,
};

/** Sample files by the names that they have. */
const SAMPLES: Readonly<Record<ExchangeName, RegExp>> = {
  gfsr: /hostile\/deep.*\.json$/,
  labelme: /labelme_.*\.json$/,
  coco: /coco_.*\.json$/,
  cvat: /cvat_.*\.xml$/,
  'label-studio': /labelstudio_.*\.json$/,
  yolo: /yolo_.*\.txt$/,
  masks: /_class\.png$/,
};

/** Pixels of all shapes together. Writing more of them takes its time with good files as well. */
const MOST_PIXELS = 2 ** 22;

function target(format: ExchangeName, folder: string): Target {
  const files = [...writeShapes(format, SHAPES, 'tiny').files];
  const [[path]] = files.filter(([name]) => name !== 'classes.txt');
  const seeds = files
    .filter(([name]) => name !== 'classes.txt' && extname(name) === extname(path))
    .map(([, content]) => (typeof content === 'string' ? bytesOf(content) : content));
  return {
    name: `annotations ${format}`,
    seeds: () => (format === 'gfsr' ? [...seeds, bytesOf(OWN)] : seeds),
    ...{ samples: SAMPLES[format], mutations: MUTATIONS[format] },
    async read(bytes) {
      // As they are converted: without data, and into every other format.
      const size = async () => [SIDE, SIDE] as const;
      const { images } = await readShapes([{ path, bytes }], FUZZED, size);
      const pixels = images.map(({ size = [0, 0], shapes }) => size[0] * size[1] * shapes.length);
      const isLarge = pixels.reduce((sum, each) => sum + each, 0) > MOST_PIXELS;
      for (const name of isLarge ? [] : EXCHANGE_NAMES) {
        named(() => writeShapes(name, images, 'tiny'));
      }
      // As they are trained with.
      rmSync(folder, { recursive: true, force: true });
      mkdirSync(join(folder, path, '..'), { recursive: true });
      writeFileSync(join(folder, path), bytes);
      const source = files.length > 1 ? folder : join(folder, path);
      await readAnnotations(dataset, withChanges(defaultConfig, { annotation: { source } }));
    },
  };
}

/** @param folder that each file is written into; it is emptied each time */
export const annotationTargets = (folder: string): readonly Target[] =>
  EXCHANGE_NAMES.map((format) => target(format, folder));
