// Writes what a run found: metrics as JSON and CSV, curves, weights and pictures.

import type { Dataset } from '../data/dataset.ts';
import type { ExperimentResult } from '../experiment.ts';
import type { RunFolder } from './run-folder.ts';

/** One image of the gallery with its pictures. */
export type Example = {};

export function writeResults(
  _folder: RunFolder,
  _result: ExperimentResult,
  _dataset: Dataset,
): Example[] {
  return [];
}
