// One self-contained page about a run: what was found, in words, numbers, curves and pictures, and how.

import type { Dataset } from '../data/dataset.ts';
import type { ExperimentResult } from '../experiment.ts';
import type { Example } from './results.ts';
import type { RunFolder } from './run-folder.ts';

/** Writes `report.html` into the folder of the run; returns its path. */
export function writeReport(
  folder: RunFolder,
  _result: ExperimentResult,
  _dataset: Dataset,
  _examples: readonly Example[],
): string {
  return folder.write('report.html', '');
}
