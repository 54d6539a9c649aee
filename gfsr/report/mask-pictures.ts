// Shows how annotations were spread: concepts with their evidence, and images with their segments and marks.

import type { MaskSettings } from '../config/masks.ts';
import { type Dataset, subset } from '../data/dataset.ts';
import type { Image } from '../image/png.ts';
import { encodePng } from '../image/png-encode.ts';
import { rowAt } from '../image/rows.ts';
import { Turns } from '../machine/long-work.ts';
import { type ConceptSummary, meanRelevanceOf } from '../masks/concept-summary.ts';
import type { Segmentation } from '../masks/segmentation.ts';
import { segmentImages } from '../masks/segments.ts';
import type { Run } from '../store/run.ts';
import { formatCsv } from '../text/csv.ts';
import { toJson } from '../text/json.ts';
import type { ExperimentResult } from '../train/experiment.ts';
import { below, beside, drawMask, pictureAt } from './pictures.ts';
import { drawConcept, drawConceptSheet, drawCut } from './segment-pictures.ts';

/** A concept as shown to people; the most relevant come first. */
export interface ShownConcept extends ConceptSummary {
  /** Its index in the clustering, from 0. */
  readonly concept: number;
  /** Mean over the classes. */
  readonly meanRelevance: number;
  /** Its nearest segments side by side. */
  readonly picture: Image;
}

/**
 * Writes into the folder of a guided run: `concepts.png` (the most relevant first: number, nearest segments, relevance
 * by class), `concepts.csv` (one row per concept and class), `concepts.json` (the same with the segments) and
 * `masks.png` (one row per example: with segments and marks, and under its mask).
 *
 * @returns the concepts, for the report; empty for a run without annotations
 * @throws the reason of the signal if it is aborted meanwhile
 */
export async function writeMaskPictures(
  folder: Run,
  result: ExperimentResult,
  dataset: Dataset,
  signal?: AbortSignal,
): Promise<ShownConcept[]> {
  const { masks, annotations, examples } = result;
  if (!masks) return [];
  const cut = cutter(dataset, folder.config.masks);
  const turns = new Turns(signal);
  const rows = await turns.map(examples.train, (index) => {
    const picture = pictureAt(dataset, dataset.train, index);
    const { height, width } = masks;
    const values = rowAt(masks.masks, index, height * width);
    const mask = drawMask(picture, { values, height, width });
    return beside([drawCut(picture, cut(index), annotations?.get(index)), mask]);
  });
  folder.write('masks.png', encodePng(below(rows)));
  await turns.give();
  const drawn = await turns.map((masks.concepts ?? []).entries(), ([concept, summary]) => ({
    ...summary,
    concept,
    meanRelevance: meanRelevanceOf(summary),
    picture: drawConcept(summary, dataset, cut),
  }));
  const shown = drawn.sort((a, b) => b.meanRelevance - a.meanRelevance);
  if (shown.length === 0) return [];
  const sheet = drawConceptSheet(shown);
  await turns.give();
  folder.write('concepts.png', encodePng(sheet));
  await turns.give();
  folder.write('concepts.csv', conceptsCsv(shown, dataset));
  const { classes, train } = dataset;
  const concepts = shown.map(({ picture: _, examples: nearest, ...rest }) => ({
    ...rest,
    examples: nearest.map((example) => ({ ...example, id: train.ids[example.image] })),
  }));
  folder.write('concepts.json', toJson({ format: 'gfsr-concepts', version: 1, classes, concepts }));
  return shown;
}

/** Segments single images again. The result depends only on the image and the settings. */
function cutter(dataset: Dataset, settings: MaskSettings): (image: number) => Segmentation {
  const known = new Map<number, Segmentation>();
  return (image) => {
    let found = known.get(image);
    if (!found) {
      [found] = segmentImages(subset(dataset.train, [image]), dataset, settings);
      known.set(image, found);
    }
    return found;
  };
}

function conceptsCsv(shown: readonly ShownConcept[], { classes }: Dataset): string {
  return formatCsv([
    ['concept', 'segments', 'class', 'relevance', 'confidence'],
    ...shown.flatMap(({ concept, segments, relevance, confidence }) =>
      classes.map((name, c) => [concept, segments, name, relevance[c], confidence[c]]),
    ),
  ]);
}
