// Loads a data set by name or path (Node only; the readers of bytes that it calls run anywhere).

import { existsSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { Config } from '../config/config.ts';
import { filesBelow } from '../files/folder-files.ts';
import { readBytes } from '../files/read-file.ts';
import { LONGEST_PATH, systemReason } from '../files/system-error.ts';
import { didYouMean } from '../text/suggestions.ts';
import { quoted } from '../text/visible.ts';
import { catalog } from './catalog.ts';
import type { Dataset } from './dataset.ts';
import { decoyMnist, decoyVariants } from './decoy-mnist.ts';
import { needSide } from './fit-pictures.ts';
import { type FileFolder, manifestOf } from './folder.ts';
import { type ManifestRow, readManifest } from './manifest.ts';
import { readMedmnist } from './medmnist.ts';
import { loadMnistDigits } from './mnist-digits-node.ts';
import { pathOfSource } from './official.ts';
import { type PrepareOptions, prepareDataset } from './prepare.ts';
import { type LargeOptions, readLargeFolder } from './prepared/large-folder.ts';

/** How a data set is read, and what becomes of it. */
export interface LoadOptions extends PrepareOptions, Omit<LargeOptions, 'maxBytes' | 'side'> {
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
  const { fit = 'none', side = 0 } = options;
  if (fit !== 'none') needSide(fit, side);
  return prepareDataset(await loadPlain(source, { ...options, fit, side }), options);
}

/**
 * The rows of the manifest of a folder of images, or of the one that its folders of classes stand for.
 *
 * @throws RangeError for data of another kind, which has no manifest
 */
export async function loadManifest(source: string): Promise<readonly ManifestRow[]> {
  const path = pathOfSource(source);
  const found = await stat(path).catch(() => undefined);
  if (!found?.isDirectory()) {
    throw new RangeError(
      `manifest: ${quoted(source, LONGEST_PATH)} has none, expected a folder of images.`,
    );
  }
  const folder = folderOnDisk(path, basename(resolve(path)));
  return readManifest(await manifestOf(folder), folder.name).rows;
}

/** The data set that the settings of a run name, drawn by its seed. @param say is told in a line what takes long */
export const datasetOf = (
  { data, train }: Pick<Config, 'data' | 'train'>,
  say?: (line: string) => void,
): Promise<Dataset> => loadDataset(data.source, { ...data, seed: train.seed, ...(say && { say }) });

/** `datasetOf` of a run that was kept. @throws RangeError as `loadDataset`; it says what to do if the data was moved */
export async function recordedDataset(
  config: Pick<Config, 'data' | 'train'>,
  say?: (line: string) => void,
): Promise<Dataset> {
  try {
    return await datasetOf(config, say);
  } catch (error) {
    const { source } = config.data;
    if (!(error instanceof RangeError) || existsSync(source)) throw error;
    throw new RangeError(
      `${error.message} If the data of this run lies elsewhere now, add --data.`,
    );
  }
}

async function loadPlain(
  given: string,
  options: Pick<LoadOptions, 'seed'> & LargeOptions,
): Promise<Dataset> {
  const variant = decoyVariants.get(given);
  if (variant) return decoyMnist(await loadMnistDigits(), { seed: options.seed, variant });
  const source = pathOfSource(given);
  const found = await stat(source).catch((error) => {
    if (error.code === 'ENOENT') return null;
    throw new RangeError(`cannot read ${quoted(source, LONGEST_PATH)}: ${systemReason(error)}.`);
  });
  const got = quoted(source, LONGEST_PATH);
  if (!found) {
    throw new RangeError(
      `loadDataset: no such file or folder, got ${got}, expected ${EXPECTED}.${didYouMean(given, NAMES)}`,
    );
  }
  const name = basename(resolve(source)).replace(/\.npz$/i, '');
  if (found.isDirectory()) {
    return readLargeFolder(source, folderOnDisk(source, name), options);
  }
  if (!source.toLowerCase().endsWith('.npz')) {
    throw new RangeError(`loadDataset: kind of file, got ${got}, expected ${EXPECTED}.`);
  }
  return readMedmnist(await readBytes(source), name, options);
}

const folderOnDisk = (path: string, name: string): FileFolder => ({
  name,
  has: (file) => existsSync(join(path, file)),
  paths: () => filesBelow(path),
  read: (file, limit) => readBytes(join(path, file), limit),
});
