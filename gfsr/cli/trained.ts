// Trained classifiers, from a run folder or from one weights file, checked against the data they are asked about.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Gpu } from '../../engine/core/gpu.ts';
import type { Dataset } from '../data/dataset.ts';
import { loadDataset } from '../data/load.ts';
import { loadModel } from '../store/load-model.ts';
import type { LoadedModel } from '../store/model-file.ts';
import { RunFolder } from '../store/run-folder.ts';
import { ARMS } from '../train/experiment.ts';

/** Where trained classifiers come from: exactly one of the two. */
export interface Source {
  /** A run folder. */
  readonly run?: string;
  /** A weights file of one. */
  readonly weights?: string;
}

/** All classifiers of a run, or the one of a file. @throws RangeError if there is none */
export function openTrained(gpu: Gpu, { run, weights }: Source): LoadedModel[] {
  if ((run === undefined) === (weights === undefined)) {
    throw new RangeError('name what was trained: either --run folder or --weights file.');
  }
  if (weights !== undefined) return [loadModel(gpu, weights)];
  const { path } = RunFolder.open(run as string);
  const trained = ARMS.map((arm) => join(path, `${arm}.safetensors`))
    .filter((file) => existsSync(file))
    .map((file) => loadModel(gpu, file));
  if (trained.length > 0) return trained;
  throw new RangeError(`${path} is not finished. Go on with: gfsr train --resume ${path}`);
}

/**
 * The classifiers named by `ensemble`, separated by commas: weights files, or run folders, of which the guided one is
 * taken where there is one.
 *
 * @throws RangeError for fewer than two, or together with a run or file of its own
 */
export function openEnsemble(
  gpu: Gpu,
  { ensemble = '', run, weights }: Source & { readonly ensemble?: string },
): LoadedModel[] {
  if (run !== undefined || weights !== undefined) {
    throw new RangeError('name what was trained once: --ensemble, --run or --weights.');
  }
  const paths = ensemble.split(',').filter((path) => path !== '');
  if (paths.length < 2) {
    throw new RangeError(
      `--ensemble: got ${paths.length} paths, expected at least 2, separated by commas.`,
    );
  }
  return paths.map((path) => {
    if (path.endsWith('.safetensors')) return loadModel(gpu, path);
    const all = openTrained(gpu, { run: path });
    const chosen = all.find(({ arm }) => arm === 'guided') ?? all[0];
    for (const other of all) if (other !== chosen) other.classifier.weights.dispose();
    return chosen;
  });
}

/**
 * Where the seed decides the split, a member of another seed was trained on test images of the first.
 *
 * @throws RangeError naming the member
 */
export async function checkMembers(all: readonly LoadedModel[], { test }: Dataset): Promise<void> {
  const [{ config: first }] = all;
  for (const [i, member] of all.entries()) {
    const { source, seed } = { ...member.config.data, ...member.config.train };
    if (source !== first.data.source || seed === first.train.seed) continue;
    const other = (await dataOf(member)).test;
    if (other.count === test.count && other.ids.every((id, k) => id === test.ids[k])) continue;
    throw new RangeError(
      `--ensemble: seed ${seed} of member ${i + 1} splits ${source} in another way than seed ${first.train.seed} of member 1, so it was trained on test images. Use data with a fixed split.`,
    );
  }
}

/** The data that a classifier was trained on, its planted shortcut included, or another set as it is. */
export function dataOf({ config }: LoadedModel, other?: string): Promise<Dataset> {
  const { data, train } = config;
  return other === undefined
    ? loadDataset(data.source, { ...data, seed: train.seed })
    : loadDataset(other, { seed: train.seed, side: data.side });
}

/** @throws RangeError if the images or classes are not those that the classifier was trained on */
export function checkData({ classifier, classes }: LoadedModel, dataset: Dataset): void {
  const { channels, size } = classifier.shape;
  const { name, height, width } = dataset;
  if (channels !== dataset.channels || size !== height || size !== width) {
    throw new RangeError(
      `${name}: images of [${dataset.channels}, ${height}, ${width}], ` +
        `expected [${channels}, ${size}, ${size}], as the classifier was trained on.`,
    );
  }
  if (classes.length !== dataset.classes.length) {
    throw new RangeError(
      `${name}: ${dataset.classes.length} classes, expected the ${classes.length} that the classifier was trained on.`,
    );
  }
}
