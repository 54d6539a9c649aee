// Trained classifiers from the weights files that a run leaves on disk.

import type { Gpu } from '../../engine/core/gpu.ts';
import { readBytesSync } from '../files/read-file.ts';
import { decodeModel, type LoadedModel, type ModelFile, restoreModel } from './model-file.ts';

/**
 * Reads the content of a weights file, without a GPU.
 *
 * @throws RangeError if the file is missing, damaged, or not a GFSR weights file
 */
export function readModel(path: string): ModelFile {
  return decodeModel(readBytesSync(path), path);
}

/**
 * Rebuilds a trained classifier from its weights file alone.
 *
 * @throws RangeError if the file is missing, damaged, or not a GFSR weights file
 */
export function loadModel(gpu: Gpu, path: string): LoadedModel {
  const file = readModel(path);
  try {
    return restoreModel(gpu, file);
  } catch (error) {
    throw new RangeError(`${path}: ${(error as Error).message}`);
  }
}
