// Loads a data set by name or path (Node only; the readers of bytes that it calls run anywhere).

import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Config } from '../config/config.ts';
import type { DataSettings } from '../config/data.ts';
import { filesBelow } from '../files/folder-files.ts';
import { readBytes, readText } from '../files/read-file.ts';
import { catalog } from './catalog.ts';
import { classFolderManifest } from './class-folders.ts';
import type { Dataset } from './dataset.ts';
import { decoyMnist, decoyVariants } from './decoy-mnist.ts';
import { backgroundLevel, needSide } from './fit-pictures.ts';
import { imageFolderDataset } from './image-folder.ts';
import { limitImages, thinTrain } from './limit.ts';
import { masksByRule } from './mask-rules.ts';
import { readMedmnist } from './medmnist.ts';
import { loadMnistDigits } from './mnist-digits-node.ts';
import { pathOfSource } from './official.ts';
import { withOrigin } from './origin.ts';
import type { PictureOptions } from './picture-files.ts';
import { fitImages, reduceImages } from './resize.ts';
import { plantShortcut } from './shortcuts/plant.ts';

/** How many images `loadDataset` keeps, how large, and with which shortcut. */
export interface LoadOptions extends Omit<PictureOptions, 'name' | 'maxBytes' | 'side'> {
  /** Seed of everything that is drawn: Decoy-MNIST, shortcuts, a limit. Default 0. */
  seed?: number | string;
  /** Shortcut to plant in the data. Default: none. */
  shortcut?: DataSettings['shortcut'];
  /** How reliably it gives the class away in training, in [0, 1]. Default 1. */
  shortcutStrength?: number;
  /** Share of the training images of each class to keep, drawn by the seed. Default 1. */
  trainShare?: number;
  /** Maximum number of images per split, drawn by the seed. Default 0 = all. */
  limit?: number;
  /**
   * Without a fit, the longest side of an image in pixels: larger images are reduced to it before a shortcut is
   * planted. Default 0 = keep their size. With a fit, both sides.
   */
  side?: number;
  /** Rule that makes masks for data without any, before a shortcut is planted. Default "none". */
  maskRule?: DataSettings['maskRule'];
  /** Maximum number of bytes that the data may unpack to. Default as in `readNpz` for .npz, 2 GiB for a folder. */
  maxBytes?: number;
}

/** Data sets that are loaded by name. */
const NAMES = [
  ...decoyVariants.keys(),
  ...[...catalog].filter(([, { file }]) => file).map(([name]) => name),
];

const EXPECTED = `a MedMNIST-style .npz file, a folder of images with a manifest.csv or one folder per class, or one of ${NAMES.join(', ')}`;

/**
 * Loads a known data set by name, an .npz file in MedMNIST's layout, or a folder of images with a manifest.csv
 * (or .tsv), or with one folder per class.
 *
 * @throws RangeError for a missing or unreadable file, or data that fails the checks
 */
export async function loadDataset(source: string, options: LoadOptions = {}): Promise<Dataset> {
  const {
    seed,
    shortcut: kind = 'none',
    shortcutStrength: strength,
    trainShare = 1,
    limit = 0,
    side = 0,
    maskRule = 'none',
    fit = 'none',
    ...reading
  } = options;
  if (fit !== 'none') needSide(fit, side);
  const whole = withOrigin(await loadPlain(source, { seed, side, fit, ...reading }));
  const thinned = trainShare < 1 ? thinTrain(whole, trainShare, seed ?? 0) : whole;
  const fewer = limit > 0 ? limitImages(thinned, limit, seed) : thinned;
  const sized = resized(fewer, { side, fit, ...reading });
  const dataset = maskRule === 'none' ? sized : masksByRule(sized, maskRule);
  return kind === 'none' ? dataset : plantShortcut(dataset, { kind, strength, seed });
}

/** The data set that the settings of a run name, drawn by its seed. */
export const datasetOf = ({ data, train }: Pick<Config, 'data' | 'train'>): Promise<Dataset> =>
  loadDataset(data.source, { ...data, seed: train.seed });

/** Folders are read as squares already, which `fitImages` leaves unchanged. */
function resized(
  dataset: Dataset,
  { side = 0, fit = 'none', background }: Pick<LoadOptions, 'side' | 'fit' | 'background'>,
): Dataset {
  if (fit !== 'none') return fitImages(dataset, side, fit, backgroundLevel(background));
  return side > 0 ? reduceImages(dataset, side) : dataset;
}

async function loadPlain(
  given: string,
  options: Pick<LoadOptions, 'seed'> & Omit<PictureOptions, 'name'>,
): Promise<Dataset> {
  const variant = decoyVariants.get(given);
  if (variant) return decoyMnist(await loadMnistDigits(), { seed: options.seed, variant });
  const source = pathOfSource(given);
  const found = await stat(source).catch(() => null);
  if (!found) {
    throw new RangeError(
      `loadDataset: no such file or folder, got "${source}", expected ${EXPECTED}.`,
    );
  }
  const name = basename(resolve(source)).replace(/\.npz$/i, '');
  if (found.isDirectory()) {
    const read = (file: string) => readBytes(join(source, file));
    return imageFolderDataset(await readManifestText(source, name), read, { ...options, name });
  }
  if (!source.toLowerCase().endsWith('.npz')) {
    throw new RangeError(`loadDataset: kind of file, got "${source}", expected ${EXPECTED}.`);
  }
  return readMedmnist(await readBytes(source), name, options);
}

/** The manifest of a folder, or the one that its folders of classes stand for. */
async function readManifestText(folder: string, name: string): Promise<string> {
  const given = ['manifest.csv', 'manifest.tsv'].find((file) => existsSync(join(folder, file)));
  if (given) return readText(join(folder, given), 'manifestBytes');
  return classFolderManifest(await filesBelow(folder), name);
}
