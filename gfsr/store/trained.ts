// Trained classifiers from run folders and weights files, and the data that belongs to them.

import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Gpu } from '../../engine/core/gpu.ts';
import { type Dataset, mapSplits } from '../data/dataset.ts';
import { loadDataset, recordedDataset } from '../data/load.ts';
import { contentHash, valueHash } from '../files/content-hash.ts';
import { grouped } from '../text/lines.ts';
import { listed } from '../text/visible.ts';
import { ARMS } from '../train/experiment.ts';
import { loadModel } from './load-model.ts';
import type { LoadedModel } from './model-file.ts';
import { RunFolder, resumeCommand } from './run-folder.ts';

/**
 * All classifiers of a finished run.
 *
 * @throws RangeError if the folder is not a run, or the run is not finished
 */
export function loadRun(gpu: Gpu, folder: string): LoadedModel[] {
  const { path } = RunFolder.open(folder);
  const trained = ARMS.map((arm) => ({ arm, file: join(path, `${arm}.safetensors`) }))
    .filter(({ file }) => existsSync(file))
    .map(({ arm, file }) => loadModel(gpu, file, arm));
  if (trained.length > 0) return trained;
  throw new RangeError(`${path}: is not finished. Continue it with: ${resumeCommand(path)}`);
}

/** The classifier of a run for explanations and ensembles: the guided one, if there is one. */
export const preferGuided = (all: readonly LoadedModel[]): LoadedModel =>
  all.find(({ arm }) => arm === 'guided') ?? all[0];

/** The classifier of a weights file, or the preferred one of a run folder. */
export function loadTrained(gpu: Gpu, path: string): LoadedModel {
  if (path.endsWith('.safetensors')) return loadModel(gpu, path);
  const all = loadRun(gpu, path);
  const chosen = preferGuided(all);
  for (const other of all) if (other !== chosen) other.classifier.weights.dispose();
  return chosen;
}

/**
 * The members of an ensemble, each as `loadTrained` finds it.
 *
 * @throws RangeError if two of them are the same classifier, which would count twice
 */
export async function loadMembers(gpu: Gpu, paths: readonly string[]): Promise<LoadedModel[]> {
  const members = paths.map((path) => loadTrained(gpu, path));
  const pathOf = new Map<string, string>();
  for (const [i, { classifier }] of members.entries()) {
    const state = await classifier.weights.state();
    const tensors = [...state].map(([name, { shape, data }]) => {
      const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
      return [name, shape, contentHash(bytes)];
    });
    const hash = valueHash([classifier.config, tensors]);
    const before = pathOf.get(hash);
    if (before !== undefined) {
      throw new RangeError(
        `ensemble: ${paths[i]} is the same classifier as ${before}, and would count twice. Name each one once.`,
      );
    }
    pathOf.set(hash, paths[i]);
  }
  return members;
}

/**
 * If settings decide the split, as the seed of Decoy-MNIST or the folds of a cross-validation, another member may have
 * been trained on test images of the first.
 *
 * @throws RangeError naming the member
 */
export async function checkMembers(all: readonly LoadedModel[], { test }: Dataset): Promise<void> {
  const [first] = all;
  for (const [i, member] of all.entries()) {
    if (isDeepStrictEqual(drawnBy(member), drawnBy(first))) continue;
    const { source } = member.config.data;
    if (resolve(source) !== resolve(first.config.data.source)) continue;
    const seen = new Set((await dataOf(member)).train.ids);
    const leaked = test.ids.filter((id) => seen.has(id)).length;
    if (leaked === 0) continue;
    const [own, others] = [member, first].map(
      ({ config: { data, train } }) => `seed ${train.seed}, folds ${data.folds}`,
    );
    throw new RangeError(
      `ensemble: member ${i + 1} (${own}) was trained on ${grouped(leaked)} of the ${grouped(test.count)} test images of member 1 (${others}), expected none. Use members with the same split of ${source}.`,
    );
  }
}

/** What decides which images are in which split. */
const drawnBy = ({ config: { data, train } }: LoadedModel) => ({ data, seed: train.seed });

/**
 * The data that a classifier was trained on, with its planted shortcut; or another data set, without one, all of it. A
 * cross-validation stays: of the same data at another place, the images to train on must not be tested.
 *
 * @param say is told in a line what takes long
 */
export function dataOf(
  { config }: LoadedModel,
  other?: string,
  say: (line: string) => void = () => {},
): Promise<Dataset> {
  const { data, train } = config;
  return other === undefined
    ? recordedDataset({ data, train }, say)
    : loadDataset(other, { ...data, seed: train.seed, shortcut: 'none', limit: 0, say });
}

/**
 * The data with the classes of a classifier, in its order. Classes are matched by name. Data whose classes have no
 * names, only numbers, gets the names in the order of the numbers, with a note. The other way round there is no order:
 * the classes of a folder are sorted by name.
 *
 * @throws RangeError if the images or the names of the classes differ from those that the classifier was trained on
 */
export function dataFor({ classifier, classes }: LoadedModel, dataset: Dataset): Dataset {
  const { channels, size } = classifier.shape;
  const { name, height, width } = dataset;
  if (channels !== dataset.channels || size !== height || size !== width) {
    throw new RangeError(
      `${name}: has images of [${dataset.channels}, ${height}, ${width}], ` +
        `expected [${channels}, ${size}, ${size}], like the images that the classifier was trained on.`,
    );
  }
  if (classes.length !== dataset.classes.length) {
    throw new RangeError(
      `${name}: has ${dataset.classes.length} classes, expected the ${classes.length} that the classifier was trained on.`,
    );
  }
  if (classes.every((label, i) => label === dataset.classes[i])) return dataset;
  if (isNumbered(dataset.classes)) {
    const names = classes.map((label, i) => `${i} ${label}`);
    return withNote(
      { ...dataset, classes: [...classes] },
      `classes without names are taken in the order of their numbers: ${listed(names)}`,
    );
  }
  const numbers = dataset.classes.map((label) => classes.indexOf(label));
  if (numbers.includes(-1)) {
    throw new RangeError(
      `${name}: has the classes ${listed(dataset.classes)}, expected ${listed(classes)}, as the classifier was trained on. Give them ${isNumbered(classes) ? 'these numbers as names' : 'the same names'}.`,
    );
  }
  const reordered = mapSplits(dataset, (split) => ({
    ...split,
    labels: split.labels.map((label) => numbers[label]),
  }));
  return withNote(
    { ...reordered, classes: [...classes] },
    'classes are in another order than in training, and matched by name',
  );
}

const isNumbered = (classes: readonly string[]): boolean =>
  classes.every((label, i) => label === String(i));

const withNote = (dataset: Dataset, note: string): Dataset => ({
  ...dataset,
  notes: [...dataset.notes, note],
});
