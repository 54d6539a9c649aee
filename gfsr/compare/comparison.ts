// A comparison from its text to its tables and report: opened and checked first, then run in a folder.

import { type AdapterReport, adapterName } from '../../engine/core/adapter.ts';
import { OutOfMemoryError } from '../../engine/core/errors.ts';
import type { Gpu } from '../../engine/core/gpu.ts';
import { availableMemory } from '../../engine/node.ts';
import { timedSettings } from '../config/settings.ts';
import type { Dataset } from '../data/dataset.ts';
import { dataDefaults } from '../data/defaults.ts';
import { readText } from '../files/read-file.ts';
import { type CheckedDerivatives, requireRightLoss } from '../guidance/derivative-check.ts';
import type { RelevanceLoss } from '../guidance/losses.ts';
import { isOfGpu } from '../guidance/user-code-error.ts';
import { checkFits, checkModel } from '../job/fits.ts';
import { checkSettings, doubtsAbout } from '../job/settings-fit.ts';
import { codeVersion } from '../machine/code-version.ts';
import { ownCommit, ownVersion } from '../machine/provenance.ts';
import { toJson } from '../text/json.ts';
import { type ComparisonChanges, type ComparisonSpec, parseComparison } from './comparison-file.ts';
import { ComparisonFolder } from './comparison-folder.ts';
import { renderComparisonReport } from './comparison-report.ts';
import { tableFiles } from './comparison-tables.ts';
import { madeWithOf } from './made-with.ts';
import type { ComparisonOrigin } from './origin.ts';
import type { TrialContext, TrialSources } from './run-trial.ts';
import {
  type BrokenTrial,
  inThisProcess,
  isOfTrial,
  runTrials,
  type TrialHooks,
  type TrialResults,
  type TrialRunner,
} from './run-trials.ts';
import { type Summary, summarise } from './summary.ts';
import type { TrialRecord } from './trial-record.ts';
import { type DataReading, lossFiles, openSources } from './trial-sources.ts';
import { listTrials, type Trial } from './trials.ts';

/** What a comparison compares, and on which data. */
export interface Comparison {
  readonly spec: ComparisonSpec;
  /** The file and the changes from which it was read. */
  readonly origin: ComparisonOrigin;
  readonly trials: readonly Trial[];
  readonly sources: TrialSources;
  /** Data set of the first seed. */
  readonly dataset: Dataset;
  /** `codeVersion` of what trains and measures. */
  readonly code: string;
  /** By key of a trial: why it cannot be run, as far as is known. */
  readonly unfit: ReadonlyMap<string, Error>;
}

/**
 * Reads the file of a comparison and the data that it names.
 *
 * @param say is told once in a line what takes long
 * @throws RangeError if anything in them is wrong
 */
export async function openComparison(
  file: string,
  changes: ComparisonChanges = {},
  say?: (line: string) => void,
): Promise<Comparison> {
  const text = await readText(file);
  const spec = parseComparison(text, file, changes);
  return comparisonOf(spec, { kind: 'comparison', file, text, changes }, { say });
}

/**
 * A comparison with the data that it names.
 *
 * @throws RangeError if anything in it is wrong
 */
export async function comparisonOf(
  spec: ComparisonSpec,
  origin: ComparisonOrigin,
  reading: DataReading = {},
): Promise<Comparison> {
  const { sources, contents, classes } = await openSources(spec, reading);
  const dataset = await sources.dataset(spec.seeds[0]);
  const code = codeOfTrials();
  const defaults = dataDefaults(dataset, spec.settings);
  const trials = listTrials(spec, defaults, contents, code, classes);
  return { spec, origin, trials, sources, dataset, code, unfit: new Map() };
}

/** `codeVersion` of what trains and measures. */
export const codeOfTrials = (): string => codeVersion(import.meta.url);

/** A user's own loss whose derivatives were all correct. */
export interface CheckedLoss extends CheckedDerivatives {
  readonly loss: RelevanceLoss;
}

/** What `checkComparison` found. */
export interface CheckedComparison {
  /** The comparison, which now knows the trials that cannot be run. */
  readonly comparison: Comparison;
  /** Losses from files that are right. */
  readonly losses: readonly CheckedLoss[];
  /** What works, but will surprise: one sentence each. */
  readonly doubts: readonly string[];
}

/**
 * Checks everything that can be checked before training. A trial that does not fit, or has a wrong loss, is left out of
 * the run and does not stop the others.
 *
 * @throws the error of the first trial if none can be run; RangeError if nothing is annotated
 */
export async function checkComparison(
  gpu: Gpu,
  comparison: Comparison,
  adapter: AdapterReport,
): Promise<CheckedComparison> {
  const { spec, trials, sources, dataset } = comparison;
  const losses: CheckedLoss[] = [];
  const wrong = new Map<string, Error>();
  for (const path of lossFiles(spec)) {
    try {
      const loss = sources.loss(path);
      losses.push({ loss, ...(await requireRightLoss(gpu, path, loss)) });
    } catch (error) {
      if (isOfGpu(error)) throw error;
      wrong.set(path, error as Error);
    }
  }
  const unfit = new Map<string, Error>();
  const doubts = new Set<string>();
  const checked = new Map<string, Error | undefined>();
  for (const { key, condition, config } of trials) {
    const { guided, control } = condition;
    const { loss: name } = config.guidance;
    const error = guided ? wrong.get(name) : undefined;
    const use = { guided, spread: guided && !['oracle', 'annotated-only'].includes(control) };
    const steps = timedSettings(config, ['model', 'train', 'saliency', 'guidance']);
    const what = JSON.stringify([steps, config.train.epochs, config.masks, use]);
    const check = () => {
      checkSettings(config, dataset, use);
      checkFits(adapter, config, dataset, availableMemory());
      const pretrained = sources.pretrained(config.model.init);
      checkModel(gpu, { config, dataset, pretrained, ...(guided && { loss: sources.loss(name) }) });
    };
    if (!error && !checked.has(what)) checked.set(what, refusalOf(check));
    for (const doubt of doubtsAbout(config, use)) doubts.add(`${condition.label}: ${doubt}`);
    const found = error ?? checked.get(what);
    if (found) unfit.set(key, found);
  }
  const [first] = unfit.values();
  if (first && unfit.size === trials.length) throw first;
  for (const { condition, config, seed } of trials) {
    const marked = condition.guided && condition.control !== 'oracle';
    if (marked && seed === spec.seeds[0]) await sources.annotations(dataset, config);
  }
  return { comparison: { ...comparison, unfit }, losses, doubts: [...doubts] };
}

/** What `check` throws because of the trial itself, if it does. */
function refusalOf(check: () => void): Error | undefined {
  try {
    check();
    return undefined;
  } catch (error) {
    if (isOfTrial(error) || error instanceof OutOfMemoryError) return error;
    throw error;
  }
}

/** The result of `runComparison`. */
export interface Compared {
  readonly summary: Summary;
  /** Of the trials that were run to their end. */
  readonly records: readonly TrialRecord[];
  /** Trials that could not be run, or ended in an error. */
  readonly broken: readonly BrokenTrial[];
  /** Path of the HTML report. */
  readonly report: string;
}

/**
 * Runs the trials that are missing in the folder, and writes tables and report into it.
 *
 * @throws InterruptedError after the signal; RangeError if another process uses the folder
 */
export const runComparison = (
  gpu: Gpu,
  comparison: Comparison,
  path: string,
  adapter: AdapterReport,
  hooks: TrialHooks = {},
): Promise<Compared> =>
  runComparisonWith(runnerHere(gpu, comparison, adapter), comparison, path, hooks);

/** `runComparison` whose missing trials `run` has run. @throws RangeError if no trial is finished */
export async function runComparisonWith(
  run: TrialRunner,
  comparison: Comparison,
  path: string,
  hooks: TrialHooks = {},
): Promise<Compared> {
  const { trials, dataset, code } = comparison;
  return inFolder(comparison, { path, hooks, run }, (folder, { records: all, broken }) => {
    const records = all.filter((record) => record !== undefined);
    if (records.length === 0) {
      throw new RangeError(
        `comparison: none of its ${trials.length} trials is finished yet, so there is nothing to make a table of. Try again once one is.`,
      );
    }
    const summary = summarise(trials, all);
    const finished = trials.filter((_, i) => all[i]);
    const madeWith = madeWithOf(records);
    for (const [name, text] of tableFiles(summary, madeWith)) folder.write(name, text);
    const about = { format: 'gfsr-comparison', version: 1, code, trials: keysOf(trials), madeWith };
    folder.write('table.json', toJson({ ...about, ...summary }));
    const report = folder.write(
      'report.html',
      renderComparisonReport(summary, finished, records, dataset),
    );
    return { summary, records, broken, report };
  });
}

/** Keys that tell whether tables are about the same trials. */
export const keysOf = (trials: readonly Trial[]): string[] => trials.map(({ key }) => key);

/** What records say about an adapter and this program. */
export function contextOf(adapter: AdapterReport, code: string): TrialContext {
  const { vendor, architecture, device, description, backend, isSoftware } = adapter;
  return {
    ...{ adapter: adapterName(adapter), isSoftware },
    adapterInfo: { vendor, architecture, device, description, ...(backend && { backend }) },
    ...{ gfsr: ownVersion(), commit: ownCommit(), code },
  };
}

/** Runs trials of the comparison in this process, one after another. */
export const runnerHere = (
  gpu: Gpu,
  { spec: { validationOnly }, sources, code }: Comparison,
  adapter: AdapterReport,
): TrialRunner =>
  inThisProcess(gpu, { sources, context: contextOf(adapter, code), validationOnly });

/** Has the missing trials run in a folder, which no other process can use meanwhile, and then calls `write`. */
export async function inFolder<T>(
  { origin, trials, sources, code, unfit }: Comparison,
  where: {
    readonly path: string;
    readonly hooks: TrialHooks;
    readonly run: TrialRunner;
  },
  write: (folder: ComparisonFolder, results: TrialResults) => T,
): Promise<T> {
  const { path, hooks, run } = where;
  const folder = ComparisonFolder.open(path, origin.text, keysOf(trials));
  if (folder.kept) hooks.onKept?.(folder.kept);
  try {
    return write(folder, await runTrials(run, { trials, folder, sources, code, hooks, unfit }));
  } finally {
    folder.close();
  }
}
