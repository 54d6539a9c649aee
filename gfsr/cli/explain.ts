// `gfsr explain`: draws what a trained classifier looks at, for images of a data set or one of the user's own.

import { mkdir, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Gpu } from '../../engine/core/gpu.ts';
import { predictedClasses } from '../../model/metrics.ts';
import type { ConfigChanges } from '../config/config.ts';
import { checkChanges } from '../config/parse.ts';
import type { SaliencySettings } from '../config/saliency.ts';
import type { Split, SplitName } from '../data/dataset.ts';
import { Evaluator } from '../evaluation/evaluator.ts';
import { readBytes } from '../files/read-file.ts';
import { decodePng, encodePng } from '../image/png.ts';
import { beside, drawHeat, drawImage, mapAt, pictureAt } from '../report/pictures.ts';
import type { LoadedModel } from '../store/model-file.ts';
import { table } from '../text/lines.ts';
import { findAdapter, withGpu } from './device.ts';
import type { Output } from './output.ts';
import { checkData, dataOf, openTrained, type Source } from './trained.ts';

export interface ExplainOptions extends Source {
  /** A PNG file of the user's. */
  readonly image?: string;
  /** Default: the data that it was trained on. */
  readonly data?: string;
  /** `test` is the default. */
  readonly split?: string;
  /** Numbers of images in the split, separated by commas. */
  readonly index?: string;
  /** Name or number; default: the class predicted for each image. */
  readonly targetClass?: string;
  /** Default: the current folder. */
  readonly out?: string;
  /** Source, layer, method, sign and integration steps, where they are to differ from the training's. */
  readonly settings: ConfigChanges;
}

/** The images to explain, and what they are called in file names. */
interface Subject {
  readonly split: Split;
  readonly indices: readonly number[];
  readonly names: readonly string[];
  /** Whether the split's labels are true. */
  readonly labelled: boolean;
}

/** @throws RangeError for a source, image or class that there is not */
export async function explainCommand(options: ExplainOptions, out: Output): Promise<number> {
  const { settings, targetClass, out: folder = '.' } = options;
  checkChanges(settings);
  await findAdapter(out);
  return withGpu(async (gpu) => {
    const trained = preferGuided(openTrained(gpu, options));
    const subject = await findSubject(options, trained);
    const saliency = { ...trained.config.saliency, ...settings.saliency };
    const target =
      targetClass === undefined ? undefined : classNumber(targetClass, trained.classes);
    const drawn = await explain(gpu, trained, subject, saliency, target);
    await mkdir(folder, { recursive: true });
    const rows = [['image', 'label', 'predicted', 'probability', 'explained', 'file']];
    for (const { name, label, predicted, prob, explained, png } of drawn) {
      const file = join(folder, `${name}-${trained.arm}.png`);
      await writeFile(file, png);
      rows.push([name, label, predicted, prob.toFixed(3), explained, file]);
    }
    for (const line of table(rows)) out.result(line);
    return 0;
  });
}

async function explain(
  gpu: Gpu,
  { classifier, stats, classes }: LoadedModel,
  { split, indices, names, labelled }: Subject,
  saliency: SaliencySettings,
  target: number | undefined,
) {
  const evaluator = new Evaluator(gpu, classifier, stats, {
    batch: Math.min(indices.length, 16),
  });
  try {
    const { probs } = await evaluator.predict(split, indices);
    const predicted = predictedClasses(probs, classes.length);
    const labels = split.labels.slice();
    indices.forEach((image, i) => {
      labels[image] = target ?? predicted[i];
    });
    const options = { ...saliency, target: 'label' } as const;
    const { maps, height, width } = await evaluator.explain({ ...split, labels }, options, indices);
    const { channels, size } = classifier.shape;
    return indices.map((image, i) => {
      const picture = pictureAt({ channels, height: size, width: size }, split, image);
      const map = mapAt(maps, i, { height, width });
      return {
        name: names[i],
        label: labelled ? classes[split.labels[image]] : '–',
        predicted: classes[predicted[i]],
        prob: probs[i * classes.length + predicted[i]],
        explained: classes[labels[image]],
        png: encodePng(beside([drawImage(picture), drawHeat(picture, map)])),
      };
    });
  } finally {
    await evaluator.dispose();
  }
}

const preferGuided = (all: readonly LoadedModel[]): LoadedModel =>
  all.find(({ arm }) => arm === 'guided') ?? all[0];

async function findSubject(options: ExplainOptions, trained: LoadedModel): Promise<Subject> {
  const { image, index, data } = options;
  if ((image === undefined) === (index === undefined)) {
    throw new RangeError('explain needs either --image file.png or --index 3,5.');
  }
  if (image !== undefined) return ownImage(image, trained);
  const dataset = await dataOf(trained, data);
  checkData(trained, dataset);
  const split = dataset[splitName(options.split ?? 'test')];
  const indices = (index as string).split(',').map(Number);
  const wrong = indices.find((i) => !Number.isInteger(i) || i < 0 || i >= split.count);
  if (wrong !== undefined) {
    throw new RangeError(`--index: got ${index}, expected numbers from 0 to ${split.count - 1}.`);
  }
  const names = indices.map((i) => split.ids[i].replace(/[^\w.-]+/g, '-'));
  return { split, indices, names, labelled: true };
}

/** A user's image as a split of one; colour becomes grey, or grey colour, as the classifier needs it. */
async function ownImage(path: string, { classifier }: LoadedModel): Promise<Subject> {
  const { channels, size } = classifier.shape;
  const image = decodePng(await readBytes(path), { where: path });
  if (image.width !== size || image.height !== size) {
    throw new RangeError(
      `${path}: got ${image.width}×${image.height} pixels, expected ${size}×${size}. Resize the image.`,
    );
  }
  const area = size * size;
  const images = new Uint8Array(channels * area);
  for (let p = 0; p < area; p++) {
    const [r, g, b] = [0, 1, 2].map(
      (c) => image.data[p * image.channels + Math.min(c, image.channels - 1)],
    );
    const values = channels === 1 ? [Math.round(0.299 * r + 0.587 * g + 0.114 * b)] : [r, g, b];
    values.forEach((value, c) => {
      images[c * area + p] = value;
    });
  }
  const name = basename(path).replace(/\.png$/i, '');
  const split = { count: 1, images, labels: new Int32Array(1), ids: [name] };
  return { split, indices: [0], names: [name], labelled: false };
}

function splitName(name: string): SplitName {
  if (name === 'train' || name === 'val' || name === 'test') return name;
  throw new RangeError(`--split is ${name}, expected train, val or test.`);
}

function classNumber(text: string, classes: readonly string[]): number {
  const named = classes.indexOf(text);
  const number = named >= 0 ? named : Number(text);
  if (Number.isInteger(number) && number >= 0 && number < classes.length) return number;
  const list = classes.map((name, i) => (name === String(i) ? name : `${i} ${name}`)).join(', ');
  throw new RangeError(`--target-class: no class ${text}, expected one of ${list}.`);
}
