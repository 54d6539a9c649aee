// Where the annotations of a run come from: a file, a simulation from real masks, or nowhere.

import { type AnnotationFile, parseAnnotations } from '../annotations.ts';
import { annotationPlanes } from '../annotations-planes.ts';
import { simulateAnnotations } from '../annotations-simulate.ts';
import type { Config } from '../config.ts';
import type { Dataset, Split } from '../data/dataset.ts';
import { MARK } from '../evidence.ts';
import type { Annotations } from '../masks.ts';
import { readText } from './files.ts';

export interface AnnotationSource {
  readonly annotations: Annotations;
  /** What they were made of; absent where there are none. */
  readonly file?: AnnotationFile;
  /** One line for a person. */
  readonly summary: string;
}

const NONE =
  'none, so cross-entropy only: guided training needs marks on a few images (--annotations file.json)';

/** @throws RangeError for a file that is missing, damaged or about other images */
export async function readAnnotations(dataset: Dataset, config: Config): Promise<AnnotationSource> {
  if (config.annotations !== 'simulated') return fromFile(dataset, config.annotations);
  const { train } = dataset;
  const target = markable(train, config.annotationTarget);
  if (!target || config.annotatedFraction === 0) return { annotations: new Map(), summary: NONE };
  const { annotatedFraction: fraction, annotationKind: kind, seed } = config;
  const file = simulateAnnotations(dataset, { fraction, kind, seed, target });
  const annotations = annotationPlanes(file, dataset);
  return {
    annotations,
    file,
    summary: `simulated, one ${kind} on ${annotations.size} of ${train.count} train images, ${MARKS[target]}`,
  };
}

type Target = Config['annotationTarget'];

const MARKS: Readonly<Record<Target, string>> = {
  relevant: 'from the real masks',
  shortcut: 'striking out the shortcut',
  both: 'from the real masks, and one striking out the shortcut',
};

/** What a simulated person can mark of what is asked for: without masks only a shortcut, without a shortcut only masks. */
function markable({ masks, shortcut }: Split, target: Target): Target | undefined {
  const relevant = [...(masks?.values() ?? [])].some((mask) => mask.includes(1));
  if (relevant && shortcut?.includes(1)) return target;
  if (relevant) return 'relevant';
  return shortcut?.includes(1) ? 'shortcut' : undefined;
}

async function fromFile(dataset: Dataset, path: string): Promise<AnnotationSource> {
  const file = await readAnnotationFile(path, dataset);
  const annotations = annotationPlanes(file, dataset);
  const decided = (mark: number) => mark === MARK.positive || mark === MARK.negative;
  if (![...annotations.values()].flat().some((plane) => plane.some(decided))) {
    throw new RangeError(
      `${path}: marks nothing as relevant or irrelevant, expected strokes on at least one train image.`,
    );
  }
  const summary = `${path}, marks on ${annotations.size} of ${dataset.train.count} train images`;
  return { annotations, file, summary };
}

/** @throws RangeError for a file that is missing, damaged or about other images */
export async function readAnnotationFile(
  path: string,
  { train, height, width }: Dataset,
): Promise<AnnotationFile> {
  return parseAnnotations(await readText(path), { ids: train.ids, height, width }, path);
}
