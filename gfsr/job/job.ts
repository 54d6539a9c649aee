// A job: the settings, data, marks and loss of a run, taken from settings or from the folder of a stopped run.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { AdapterReport } from '../../engine/core/adapter.ts';
import { readAnnotationFile } from '../annotation/annotation-files.ts';
import { readAnnotations } from '../annotation/annotation-source.ts';
import { serialiseAnnotations } from '../annotation/annotations.ts';
import { withCorrectedClasses } from '../annotation/classes.ts';
import { annotationPlanes } from '../annotation/planes.ts';
import { type Config, type ConfigChanges, withChanges } from '../config/config.ts';
import { isLossFile } from '../config/guidance.ts';
import { parseConfig } from '../config/parse.ts';
import type { Dataset } from '../data/dataset.ts';
import { dataDefaults } from '../data/defaults.ts';
import { fingerprint } from '../data/fingerprint.ts';
import { datasetOf, recordedDataset } from '../data/load.ts';
import { contentHash } from '../files/content-hash.ts';
import { makeWritableFolder } from '../files/make-folder.ts';
import { bundleLoss } from '../guidance/loss-bundle.ts';
import { loadLoss } from '../guidance/loss-file.ts';
import { adapterIdentity } from '../machine/adapter-schema.ts';
import { codeVersion } from '../machine/code-version.ts';
import { ownCommit, ownVersion, processor, versions } from '../machine/provenance.ts';
import { type PretrainedFile, readPretrained } from '../store/pretrained-file.ts';
import { ANNOTATIONS, STARTING_WEIGHTS } from '../store/run.ts';
import { defaultRunPath, RunFolder } from '../store/run-folder.ts';
import { describeData, type RunSession } from '../store/run-info.ts';
import type { Work } from './run-job.ts';

/** Everything that a training needs, and the folder for it. */
export interface Job extends Work {
  readonly pretrained?: PretrainedFile;
  /** Where the annotations come from, as text for a person. */
  readonly summary: string;
  /**
   * Creates the folder of a new run, or returns that of a resumed one. Other processes are kept out of it until
   * `runJob` is done.
   *
   * @throws RangeError if it is taken
   */
  readonly open: (adapter: AdapterReport, options?: OpenOptions) => RunFolder;
}

/** What a session is told and tells. */
export interface OpenOptions {
  /** The command line, for the record. */
  readonly command?: string;
  /** Is told what differs from earlier sessions and may change the last digits of the result. */
  readonly warn?: (line: string) => void;
}

/** The loss of the user's own with all that it imports, as it was when the run began. */
const LOSS = 'loss';

/**
 * A new job: completes settings with defaults that fit the data, and loads everything that they name.
 *
 * @param path of its folder; default: a new one under runs/
 * @param say is told in a line what takes long
 * @throws RangeError for settings, data or annotations that are wrong or do not fit
 */
export async function prepareJob(
  settings: ConfigChanges,
  path?: string,
  say?: (line: string) => void,
): Promise<Job> {
  const early = parseConfig(settings); // report wrong settings before any data is read
  const { loss: name } = settings.guidance ?? {};
  const own = name === undefined ? undefined : await loadLoss(name);
  const pretrained = await readPretrained(early.model.init);
  const dataset = await datasetOf(early, say);
  const config = parseConfig(settings, dataDefaults(dataset, settings));
  const loss = own ?? (await loadLoss(config.guidance.loss));
  const { annotations, file, summary } = await readAnnotations(dataset, config);
  const files = new Map<string, string | Uint8Array>(lossFiles(config));
  if (file) files.set(ANNOTATIONS, serialiseAnnotations(file));
  const open = (adapter: AdapterReport, { command }: OpenOptions = {}): RunFolder => {
    const context = {
      started: new Date().toISOString(),
      adapter,
      processor: processor(),
      versions: versions(),
      dataset: describe(dataset),
      annotations: summary,
      ...(pretrained && { init: pretrained.sha256 }),
    };
    const folder = RunFolder.create(path ?? defaultRunPath(dataset.name), config, context, files);
    return begin(folder, [session(adapter, command)]);
  };
  const trained = withCorrectedClasses(dataset, file);
  return { config, dataset: trained, loss, annotations, pretrained, summary, open };
}

/**
 * The job of a run, as its folder describes it.
 *
 * @param say is told in a line what takes long
 * @param source where the data lies now; default: where it was, which for the run of a page is only a name
 * @throws RangeError if it is no run folder, or settings, data, annotations or loss have changed since
 */
export async function resumeJob(
  path: string,
  say?: (line: string) => void,
  source?: string,
): Promise<Job> {
  const folder = RunFolder.open(path);
  makeWritableFolder(path);
  folder.checkInputs();
  const { info } = folder;
  const config =
    source === undefined ? folder.config : withChanges(folder.config, { data: { source } });
  if (info.inputs) checkLoss(folder, info.inputs);
  const loss = await loadLoss(config.guidance.loss);
  // The run of a page has no path to its weights: it keeps them.
  const kept = info.inputs?.[STARTING_WEIGHTS] !== undefined;
  const pretrained = await readPretrained(
    kept ? folder.locate(STARTING_WEIGHTS) : config.model.init,
  );
  if (pretrained?.sha256 !== info.init) {
    throw new RangeError(
      `${folder.path}: the weights ${config.model.init} are not what this run began with. Put them back, or begin a new run.`,
    );
  }
  const dataset = await recordedDataset(config, say);
  if (!isDeepStrictEqual(describe(dataset), info.dataset)) {
    throw new RangeError(
      `${folder.path}: ${config.data.source} has changed since this run began. Restore the data, or begin a new run.`,
    );
  }
  const marks = join(folder.path, ANNOTATIONS);
  const file = existsSync(marks) ? await readAnnotationFile(marks, dataset) : undefined;
  const annotations = file
    ? annotationPlanes(file, dataset)
    : (await readAnnotations(dataset, config)).annotations;
  const open = (adapter: AdapterReport, { command, warn }: OpenOptions = {}): RunFolder => {
    folder.lock();
    const [now, before] = [session(adapter, command), info.sessions.at(-1)];
    for (const [what, was, is] of [
      ['adapter', before?.adapter, now.adapter],
      ['code version', before?.code, now.code],
    ]) {
      if (was === undefined || was === is) continue;
      warn?.(`${what} was ${was}, is ${is} now: the result may differ in its last digits.`);
    }
    return begin(folder, [...info.sessions, now]);
  };
  const trained = withCorrectedClasses(dataset, file);
  const { annotations: summary } = info;
  return { config, dataset: trained, loss, annotations, pretrained, summary, open };
}

/** What the folder keeps of a loss of the user's own. */
const lossFiles = ({ guidance: { loss } }: Config): [string, Uint8Array][] =>
  isLossFile(loss)
    ? [...bundleLoss(loss).files].map(([name, content]) => [`${LOSS}/${name}`, content])
    : [];

/** @throws RangeError naming the first file of the loss that is not what the run began with */
function checkLoss({ path, config }: RunFolder, inputs: Readonly<Record<string, string>>): void {
  const now = new Map(lossFiles(config).map(([name, content]) => [name, contentHash(content)]));
  const before = Object.keys(inputs).filter((name) => name.startsWith(`${LOSS}/`));
  const changed = [...new Set([...before, ...now.keys()])].find(
    (name) => now.get(name) !== inputs[name],
  );
  if (changed === undefined) return;
  throw new RangeError(
    `${path}: the loss ${config.guidance.loss} is not what this run began with: ${changed.slice(LOSS.length + 1)} differs. The run's copy is in ${join(path, LOSS)}. Put it back, or begin a new run.`,
  );
}

/** Notes the sessions in a folder that was just locked; gives it back if that fails. */
function begin(folder: RunFolder, sessions: readonly RunSession[]): RunFolder {
  try {
    folder.update({ sessions: [...sessions] });
    return folder;
  } catch (error) {
    folder.close();
    throw error;
  }
}

/** Which code trains. */
export const ownCode = () => ({
  gfsr: ownVersion(),
  commit: ownCommit(),
  code: codeVersion(import.meta.url),
});

/** What computes from now on. */
const session = (adapter: AdapterReport, command?: string): RunSession => ({
  started: new Date().toISOString(),
  adapter: adapterIdentity(adapter),
  ...ownCode(),
  ...(command !== undefined && { command }),
});

const describe = (dataset: Dataset) => ({ ...describeData(dataset), sha256: fingerprint(dataset) });
