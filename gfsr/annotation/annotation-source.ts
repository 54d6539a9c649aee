// Where the annotations of a run come from: a file, a simulation from real masks, or nowhere.

import type { AnnotationKind, AnnotationTarget } from '../config/annotation.ts';
import type { Config } from '../config/config.ts';
import type { Dataset, Split } from '../data/dataset.ts';
import { hasAny } from '../data/pixels.ts';
import { AnnotationFiles, type AnnotationSource } from './annotation-files.ts';
import { withHashes } from './binding.ts';
import { markableImages } from './markable-images.ts';
import { describeEmptyClasses, saysNothing } from './marks.ts';
import { annotationPlanes } from './planes.ts';
import { simulateAnnotations } from './simulate.ts';

const NONE =
  'none, so only cross-entropy: guided training needs marks on a few images (--annotations file.json)';

/** @throws RangeError for a file that is missing, damaged, or about other images */
export async function readAnnotations(
  dataset: Dataset,
  config: Pick<Config, 'annotation' | 'train'>,
): Promise<AnnotationSource> {
  const files = await AnnotationFiles.named(config.annotation.source);
  return files ? files.marksOn(dataset) : simulated(dataset, config);
}

function simulated(
  dataset: Dataset,
  { annotation, train: { seed } }: Pick<Config, 'annotation' | 'train'>,
): AnnotationSource {
  const { fraction, kind, annotators, annotatorError: error, strikeBackground } = annotation;
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
  const unguided = describeEmptyClasses(annotations, train.labels, dataset.classes);
  return {
    annotations,
    file,
    summary: `simulated, ${stroke}${by} on ${annotations.size} of ${train.count} training images${nothing}, ${MARKS[target]}${beside}${wrong}${unguided && `; ${unguided}`}`,
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
