// Where the annotations of a run come from: a file, a simulation from real masks, or nowhere.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type AnnotationKind, type AnnotationTarget, SIMULATED } from '../config/annotation.ts';
import type { Config } from '../config/config.ts';
import { withoutFolders } from '../config/portable.ts';
import type { Dataset, Split } from '../data/dataset.ts';
import { originOf } from '../data/origin.ts';
import { hasAny } from '../data/pixels.ts';
import { contentHash } from '../files/content-hash.ts';
import { decodeText } from '../files/decode-text.ts';
import { readText } from '../files/read-file.ts';
import { type AnnotationFile, mergeAnnotations, parseAnnotations } from './annotations.ts';
import { type BoundAnnotations, bindToImages, withHashes } from './binding.ts';
import { classSaid, correctedLabels, withClassesOf } from './classes.ts';
import { isOwnFormat } from './exchange/foreign-marks.ts';
import { annotationFiles, importAnnotations } from './exchange/import-marks.ts';
import { followPixels } from './follow-pixels.ts';
import { markableImages } from './markable-images.ts';
import { type Annotations, MARK, saysNothing } from './marks.ts';
import { annotationPlanes } from './planes.ts';
import { simulateAnnotations } from './simulate.ts';

/** The marks on a data set, and where they come from. */
export interface AnnotationSource {
  readonly annotations: Annotations;
  /** What the marks were made from; absent if there are none. */
  readonly file?: AnnotationFile;
  /** One line for a person. */
  readonly summary: string;
}

const NONE =
  'none, so only cross-entropy: guided training needs marks on a few images (--annotations file.json)';

/** @throws RangeError for a file that is missing, damaged, or about other images */
export async function readAnnotations(
  dataset: Dataset,
  { annotation, train: { seed } }: Pick<Config, 'annotation' | 'train'>,
): Promise<AnnotationSource> {
  const {
    source,
    fraction,
    kind,
    annotators,
    annotatorError: error,
    strikeBackground,
  } = annotation;
  if (source !== SIMULATED) return fromFile(dataset, source);
  const { train } = dataset;
  const target = annotation.target === 'auto' ? markable(train) : annotation.target;
  if (!target || fraction === 0) return { annotations: new Map(), summary: NONE };
  const people = { annotators, error, strikeBackground };
  const drawn = simulateAnnotations(dataset, { fraction, kind, seed, target, ...people });
  const file = {
    ...drawn,
    annotations: withHashes(drawn.annotations, markableImages(dataset), dataset.name),
  };
  const annotations = annotationPlanes(file, dataset);
  const stroke = target === 'rim' ? 'one mark' : STROKES[kind];
  const by = annotators > 1 ? ` by each of ${annotators} annotators` : '';
  const empty = [...annotations.values()].filter(saysNothing).length;
  const nothing = empty > 0 ? `, on ${empty} of which nothing is relevant` : '';
  const beside = strikeBackground ? ', striking out a piece of the background' : '';
  const wrong = error > 0 ? `, wrong with probability ${100 * error} %` : '';
  return {
    annotations,
    file,
    summary: `simulated, ${stroke}${by} on ${annotations.size} of ${train.count} training images${nothing}, ${MARKS[target]}${beside}${wrong}`,
  };
}

const STROKES: Readonly<Record<AnnotationKind, string>> = {
  click: 'one click',
  scribble: 'scribbles',
  mask: 'one mask',
};

const MARKS: Readonly<Record<AnnotationTarget, string>> = {
  relevant: 'from the real masks',
  shortcut: 'striking out the shortcut',
  both: 'from the real masks and striking out the shortcut',
  rim: 'striking out the rim',
};

/** What a simulated person can mark: real masks, or else the planted shortcut. */
function markable({ masks, shortcut }: Split): 'relevant' | 'shortcut' | undefined {
  for (const mask of masks?.values() ?? []) if (mask.includes(1)) return 'relevant';
  return shortcut && hasAny(shortcut) ? 'shortcut' : undefined;
}

/** The folder that holds `gfsr/annotations/`. */
const HOME = fileURLToPath(new URL('../..', import.meta.url));

/** Paths of annotation files in a setting. What is not there may come with the program: gfsr/annotations/busi.json. */
export const annotationPaths = (setting: string): string[] =>
  setting
    .split(',')
    .map((path) => path.trim())
    .filter((path) => path !== '')
    .map((path) => (!existsSync(path) && existsSync(join(HOME, path)) ? join(HOME, path) : path));

/** What decides the marks of a file or folder: its text, or the text or hash of each file in it. */
export async function annotationText(path: string): Promise<string> {
  const files = await annotationFiles(path);
  if (files.length === 1) return decodeText(files[0].bytes, path);
  return files.map((file) => `${file.path} ${contentHash(file.bytes)}`).join('\n');
}

/**
 * The data set with the classes that the annotation files of a run correct.
 *
 * @throws RangeError for a file that is missing, damaged, or about other images or classes
 */
export async function withCorrectedClasses(
  dataset: Dataset,
  { annotation: { source } }: Pick<Config, 'annotation'>,
): Promise<Dataset> {
  if (source === SIMULATED) return dataset;
  return withClassesOf(dataset, (await readFiles(source, dataset)).file);
}

/** What the files of a setting say about classes, as text that tells it from anything else; empty if nothing. */
export async function classesText(setting: string): Promise<string> {
  const said: [string | number, string][] = [];
  for (const path of annotationPaths(setting)) {
    const files = await annotationFiles(path);
    if (files.length > 1 || !isOwnFormat(files[0])) continue; // no other program's file has corrected classes
    const { annotations } = parseAnnotations(decodeText(files[0].bytes, path), undefined, path);
    for (const { image, strokes } of annotations) {
      const label = classSaid(strokes);
      if (label !== undefined) said.push([image, label]);
    }
  }
  return said.length > 0 ? JSON.stringify(said) : '';
}

/** All annotations of the files that a setting names, in their order. */
async function readFiles(setting: string, dataset: Dataset): Promise<BoundAnnotations> {
  const bound = await Promise.all(annotationPaths(setting).map((path) => readBound(path, dataset)));
  const notes = [...new Set(bound.flatMap((each) => each.notes))];
  return { file: mergeAnnotations(bound.map((each) => each.file)), notes };
}

async function fromFile(dataset: Dataset, path: string): Promise<AnnotationSource> {
  const { file, notes } = await readFiles(path, dataset);
  const annotations = annotationPlanes(file, dataset);
  const { labels, count } = dataset.train;
  const corrected = correctedLabels(dataset, file).filter((label, i) => label !== labels[i]).length;
  const decided = (mark: number) => mark === MARK.positive || mark === MARK.negative;
  const isDecided = [...annotations.values()].flat().some((plane) => plane.some(decided));
  if (!isDecided && (annotations.size > 0 || corrected === 0)) {
    throw new RangeError(
      `${path}: marks nothing as relevant or irrelevant, expected strokes on at least one training image.`,
    );
  }
  const people = new Set(file.annotations.map(({ annotator }) => annotator)).size;
  const by = people > 1 ? ` by ${people} annotators` : '';
  const told = [
    `${annotationPaths(path).map(withoutFolders).join(', ')}, marks on ${annotations.size} of ${count} training images${by}`,
    ...(corrected > 0 ? [`classes corrected: ${corrected}`] : []),
    ...(isDecided ? [] : ['no place is marked, so only cross-entropy']),
    ...notes,
  ];
  const summary = told.join('; ');
  return { annotations, file, summary };
}

/** @throws RangeError for a file that is missing, damaged, or about other images */
export async function readAnnotationFile(path: string, dataset: Dataset): Promise<AnnotationFile> {
  return (await readBound(path, dataset)).file;
}

async function readBound(path: string, dataset: Dataset): Promise<BoundAnnotations> {
  const imported = await importAnnotations(path, dataset);
  const file =
    imported?.file ?? parseAnnotations(await readText(path, 'annotationBytes'), undefined, path);
  const followed = followPixels(file, originOf(dataset));
  const bound = bindToImages(followed.file, markableImages(dataset), path);
  return { ...bound, notes: [...(imported?.notes ?? []), ...followed.notes, ...bound.notes] };
}
