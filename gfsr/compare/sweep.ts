// A sweep: candidates for settings are trained with several seeds and ranked by validation images alone.

import type { AdapterReport } from '../../engine/core/adapter.ts';
import type { Gpu } from '../../engine/core/gpu.ts';
import type { ConfigChanges } from '../config/config.ts';
import type { Dataset } from '../data/dataset.ts';
import { readText } from '../files/read-file.ts';
import { toJson } from '../text/json.ts';
import { type Comparison, comparisonOf, inFolder, keysOf, runnerHere } from './comparison.ts';
import type { ComparisonChanges } from './comparison-file.ts';
import {
  bestSettings,
  type Ranking,
  rankCandidates,
  rankingCsv,
  rankingMarkdown,
} from './ranking.ts';
import type { BrokenTrial, TrialHooks, TrialRunner } from './run-trials.ts';
import { parseSweep, type SweepSpec } from './sweep-file.ts';

/** A sweep with its data, which has no test images. */
export interface Sweep {
  readonly spec: SweepSpec;
  /** Its candidates as variants: `checkComparison` checks them. */
  readonly comparison: Comparison;
}

/** The result of `runSweep`. */
export interface Swept {
  readonly ranking: Ranking;
  /** Trials that could not be run, or ended in an error. */
  readonly broken: readonly BrokenTrial[];
  /** Settings of the first candidate over the shared ones. */
  readonly best: ConfigChanges;
  /** Path of the file with these settings. */
  readonly bestPath: string;
}

/**
 * Reads a sweep and the data that it names, without its test images.
 *
 * @param say is told once in a line what takes long
 * @throws RangeError if anything is wrong
 */
export async function openSweep(
  file: string,
  changes: Pick<ComparisonChanges, 'data'> = {},
  say?: (line: string) => void,
): Promise<Sweep> {
  const text = await readText(file);
  const spec = parseSweep(text, file, changes);
  const origin = { kind: 'sweep', file, text, changes } as const;
  const comparison = await comparisonOf(spec.comparison, origin, { say });
  checkCriteria(spec, comparison.dataset, file);
  return { spec, comparison };
}

/** Data without masks or a shortcut has no figures of them, by which all candidates would rank alike. */
function checkCriteria({ criterion, second }: SweepSpec, data: Dataset, file: string): void {
  for (const name of second ? [criterion, second] : [criterion]) {
    const [condition, accuracy] = name.split(' ');
    const lacks =
      name === 'epgGain' || name === 'pointingGame'
        ? !data.val.masks?.size && 'real masks of validation images'
        : accuracy && !(condition in data.tests) && 'a planted shortcut (data.shortcut)';
    if (lacks) {
      throw new RangeError(
        `${file}: criterion ${name} needs ${lacks}, which ${data.name} does not have. Use another, such as "accuracy".`,
      );
    }
  }
}

/**
 * Runs the trials that are missing in the folder, and writes the ranking and the best settings into it.
 *
 * @throws InterruptedError after the signal; RangeError if another process uses the folder
 */
export const runSweep = (
  gpu: Gpu,
  sweep: Sweep,
  path: string,
  adapter: AdapterReport,
  hooks: TrialHooks = {},
): Promise<Swept> => runSweepWith(runnerHere(gpu, sweep.comparison, adapter), sweep, path, hooks);

/** `runSweep` whose missing trials `run` has run. */
export async function runSweepWith(
  run: TrialRunner,
  { spec, comparison }: Sweep,
  path: string,
  hooks: TrialHooks = {},
): Promise<Swept> {
  const { trials, code } = comparison;
  return inFolder(comparison, { path, hooks, run }, (folder, { records, broken }) => {
    const ranking = rankCandidates(spec, trials, records);
    const best = bestSettings(ranking, spec.comparison.settings);
    folder.write('table.md', rankingMarkdown(ranking));
    folder.write('table.csv', rankingCsv(ranking));
    const bestPath = folder.write('best.json', toJson(best));
    const about = { format: 'gfsr-sweep', version: 1, code, trials: keysOf(trials) };
    folder.write('table.json', toJson({ ...about, ...ranking }));
    return { ranking, broken, best, bestPath };
  });
}
