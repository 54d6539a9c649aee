// Trained classifiers from the weights files that a run leaves on disk.

import { dirname } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { Gpu } from '../../engine/core/gpu.ts';
import type { Config } from '../config/config.ts';
import { portable } from '../config/portable.ts';
import { readBytesSync } from '../files/read-file.ts';
import type { Arm } from '../train/experiment.ts';
import { decodeModel, type LoadedModel, type ModelFile, restoreModel } from './model-file.ts';
import { RunFolder } from './run-folder.ts';

/**
 * Reads the content of a weights file, without a GPU.
 *
 * @param arm of the run that it must be of
 * @throws RangeError if the file is missing, damaged, or not a GFSR weights file
 */
export function readModel(path: string, arm?: Arm): ModelFile {
  const file = decodeModel(readBytesSync(path), path);
  if (arm !== undefined && arm !== file.arm) {
    throw new RangeError(
      `${path}: holds the classifier of ${file.arm}, expected that of ${arm}. It was put here from elsewhere.`,
    );
  }
  const run = configBeside(path);
  // The run beside it still knows the folders that the file leaves out.
  return run && isDeepStrictEqual(portable(run), file.config) ? { ...file, config: run } : file;
}

/** Settings of the run in whose folder a file lies. */
function configBeside(path: string): Config | undefined {
  try {
    return RunFolder.open(dirname(path)).config;
  } catch {
    return undefined;
  }
}

/**
 * Rebuilds a trained classifier from its weights file alone.
 *
 * @param arm of the run that it must be of
 * @throws RangeError if the file is missing, damaged, or not a GFSR weights file
 */
export function loadModel(gpu: Gpu, path: string, arm?: Arm): LoadedModel {
  const file = readModel(path, arm);
  try {
    return restoreModel(gpu, file);
  } catch (error) {
    throw new RangeError(`${path}: ${(error as Error).message}`);
  }
}
