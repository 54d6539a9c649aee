// Runs the unfinished trials of a comparison: in this process seed by seed, or wherever a runner has them run.

import type { Gpu } from '../../engine/core/gpu.ts';
import type { Dataset } from '../data/dataset.ts';
import { fingerprint } from '../data/fingerprint.ts';
import { UserCodeError } from '../guidance/user-code-error.ts';
import type { TrainHooks } from '../train/train-hooks.ts';
import type { ComparisonFolder } from './comparison-folder.ts';
import { recordTrial, type TrialContext, type TrialSources } from './run-trial.ts';
import type { TrialFiles } from './trial-files.ts';
import type { TrialRecord } from './trial-record.ts';
import type { Trial } from './trials.ts';

export interface TrialProgress {
  /** Number of finished trials, of `total`. */
  readonly done: number;
  readonly total: number;
  /** Seconds for the missing trials, estimated from the finished ones; NaN if none is finished. */
  readonly secondsLeft: number;
}

export interface TrialHooks extends TrainHooks {
  /** The folder had tables of other trials: where they are now. */
  readonly onKept?: (folder: string) => void;
  readonly onStart?: (trial: Trial, progress: TrialProgress) => void;
  readonly onFinish?: (record: TrialRecord, progress: TrialProgress) => void;
  readonly onBroken?: (broken: BrokenTrial, progress: TrialProgress) => void;
}

/** A trial that cannot be run, or that ended in an error. It leaves no record, so the next run tries it again. */
export interface BrokenTrial {
  readonly trial: Trial;
  readonly error: Error;
}

/** The data of a seed, which is that of the finished trials. */
export interface SeedData {
  readonly dataset: Dataset;
  /** Fingerprint of the data. */
  readonly sha256: string;
}

/** What a runner has to do, and whom it tells. */
export interface TrialWork {
  /** In order, seed by seed. */
  readonly missing: readonly Trial[];
  /** Of the finished trials, by key. */
  readonly records: ReadonlyMap<string, TrialRecord>;
  /** Where warm starts are. */
  readonly files: TrialFiles;
  readonly hooks: TrialHooks;
  /** @throws RangeError if the data differs from that of the finished trials */
  readonly dataOf: (seed: number) => Promise<SeedData>;
  readonly started: (trial: Trial) => void;
  /** Keeps the record. @throws RangeError if it is of other data than is here */
  readonly finished: (record: TrialRecord) => Promise<void>;
  readonly broke: (trial: Trial, error: Error) => void;
}

/** Runs the missing trials somewhere. Those that it does not finish stay missing. */
export type TrialRunner = (work: TrialWork) => Promise<void>;

/** What is run, and where its records go. */
export interface TrialsJob {
  readonly trials: readonly Trial[];
  readonly folder: ComparisonFolder;
  readonly sources: TrialSources;
  /** `codeVersion` of what trains and measures. */
  readonly code: string;
  readonly hooks?: TrialHooks;
  /** By key of the trial: why it cannot be run. */
  readonly unfit?: ReadonlyMap<string, Error>;
}

/** What became of the trials. */
export interface TrialResults {
  /** In the order of the trials; undefined where a trial is broken or was not run. */
  readonly records: readonly (TrialRecord | undefined)[];
  readonly broken: readonly BrokenTrial[];
}

/**
 * Has all trials run that the folder does not hold. A training depends only on its trial, so it does not matter where
 * an earlier run was stopped. If a trial fails because of its own settings or loss, the others still run.
 *
 * @throws InterruptedError after the signal; RangeError if the data differs from that of the trials in the folder; the
 *   error of the first trial if all are broken
 */
export async function runTrials(
  run: TrialRunner,
  { trials, folder, sources, code, hooks = {}, unfit = new Map() }: TrialsJob,
): Promise<TrialResults> {
  const records = new Map<string, TrialRecord>();
  const broken = new Map<string, BrokenTrial>();
  for (const trial of trials) {
    const error = unfit.get(trial.key);
    if (error) broken.set(trial.key, { trial, error });
  }
  for (const { key } of trials) {
    const found = folder.loadTrial(key);
    if (!found) continue;
    requireSameCode(found, code, folder.path);
    records.set(key, found);
  }
  const isDone = ({ key }: Trial) => records.has(key) || broken.has(key);
  const progress = () => progressOf(trials, records, isDone);
  const { source } = trials[0].config.data;
  const check = (record: TrialRecord, sha256: string) =>
    requireSameData(record, { source, sha256 }, folder.path);
  const fingerprints = new Map<number, string>();
  const dataOf = async (seed: number) => {
    const dataset = await sources.dataset(seed);
    const sha256 = fingerprint(dataset);
    fingerprints.set(seed, sha256);
    for (const record of records.values()) if (record.seed === seed) check(record, sha256);
    return { dataset, sha256 };
  };
  const missing = trials.filter((trial) => !isDone(trial));
  // The first seed's data are at hand, and tell whether a finished comparison still holds. No seed gets trials of two.
  const found = new Set([...records.values()].map(({ seed }) => seed));
  const mixed = missing.map(({ seed }) => seed).filter((seed) => found.has(seed));
  for (const seed of new Set([trials[0].seed, ...mixed])) await dataOf(seed);
  await run({
    ...{ missing, records, files: folder, hooks, dataOf },
    started: (trial) => hooks.onStart?.(trial, progress()),
    finished: async (record) => {
      check(record, fingerprints.get(record.seed) ?? (await dataOf(record.seed)).sha256);
      folder.saveTrial(record);
      records.set(record.key, record);
      hooks.onFinish?.(record, progress());
    },
    broke: (trial, error) => {
      broken.set(trial.key, { trial, error });
      hooks.onBroken?.({ trial, error }, progress());
    },
  });
  const [first] = broken.values();
  if (first && records.size === 0) throw first.error;
  return { records: trials.map(({ key }) => records.get(key)), broken: [...broken.values()] };
}

/** What the trials run with in this process. */
export interface OwnProcess {
  readonly sources: TrialSources;
  readonly context: TrialContext;
  /** The data has no test images, so that only figures of validation images are kept. Default false. */
  readonly validationOnly?: boolean;
}

/** Runs trials in this process, one after another. */
export const inThisProcess =
  (gpu: Gpu, own: OwnProcess): TrialRunner =>
  async ({ missing, files, hooks, dataOf, started, finished, broke }) => {
    for (const seed of new Set(missing.map((trial) => trial.seed))) {
      const job = { gpu, ...own, ...(await dataOf(seed)), files, hooks };
      for (const trial of missing.filter((each) => each.seed === seed)) {
        started(trial);
        try {
          await finished(await recordTrial(trial, job));
        } catch (error) {
          if (!isOfTrial(error)) throw error;
          broke(trial, error);
        }
      }
    }
  };

/** Whether the settings or the loss of a trial are to blame, and not the device, the disk or the user. */
export const isOfTrial = (error: unknown): error is Error =>
  error instanceof UserCodeError || error instanceof RangeError || error instanceof TypeError;

/** Figures of two versions of the code are no comparison. */
function requireSameCode(record: TrialRecord, code: string, folder: string): void {
  if (record.code === code) return;
  throw new RangeError(
    `${folder}: trial ${record.key} (${record.label}, seed ${record.seed}) was made by code version ${record.code}, the others by ${code}. Delete its file to run it again, or choose a new folder with --out.`,
  );
}

/** Figures of two states of the data are no comparison. @param where the folder or store that has the record */
export function requireSameData(
  { key, label, seed, dataset }: TrialRecord,
  { source, sha256 }: { readonly source: string; readonly sha256: string },
  where: string,
): void {
  if (dataset.sha256 === sha256) return;
  throw new RangeError(
    `${where}: ${source} has changed since trial ${key} (${label}, seed ${seed}) was run; its images, labels or masks are others. Restore the data, or use a new folder.`,
  );
}

function progressOf(
  trials: readonly Trial[],
  records: ReadonlyMap<string, TrialRecord>,
  isDone: (trial: Trial) => boolean,
): TrialProgress {
  const known = trials.flatMap(({ key, condition }) => {
    const record = records.get(key);
    return record ? [{ guided: condition.guided, seconds: record.seconds }] : [];
  });
  const typical = (guided: boolean): number => {
    const alike = known.filter((trial) => trial.guided === guided);
    const of = alike.length > 0 ? alike : known;
    return of.reduce((sum, { seconds }) => sum + seconds, 0) / of.length;
  };
  const missing = trials.filter((trial) => !isDone(trial));
  return {
    done: trials.length - missing.length,
    total: trials.length,
    secondsLeft: missing.reduce((sum, { condition }) => sum + typical(condition.guided), 0),
  };
}
