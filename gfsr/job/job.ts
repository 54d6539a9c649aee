// A job: the settings, data, marks and loss of a run, taken from settings or from the folder of a stopped run.

import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import type { AdapterReport } from '../../engine/core/adapter.ts';
import { readAnnotationFile, readAnnotations } from '../annotation/annotation-source.ts';
import { serialiseAnnotations } from '../annotation/annotations.ts';
import type { Annotations } from '../annotation/marks.ts';
import { annotationPlanes } from '../annotation/planes.ts';
import type { Config, ConfigChanges } from '../config/config.ts';
import { parseConfig } from '../config/parse.ts';
import type { Dataset } from '../data/dataset.ts';
import { dataDefaults } from '../data/defaults.ts';
import { fingerprint } from '../data/fingerprint.ts';
import { datasetOf } from '../data/load.ts';
import { loadLoss } from '../guidance/loss-file.ts';
import type { RelevanceLoss } from '../guidance/losses.ts';
import { versions } from '../machine/provenance.ts';
import { defaultRunPath, RunFolder } from '../store/run-folder.ts';

/** Everything that a training needs, and the folder for it. */
export interface Job {
  readonly config: Config;
  readonly dataset: Dataset;
  readonly loss: RelevanceLoss;
  readonly annotations: Annotations;
  /** Where the annotations come from, as text for a person. */
  readonly summary: string;
  /** Creates the folder of a new run, or returns that of a resumed one. @throws RangeError if it is taken */
  readonly open: (adapter: AdapterReport) => RunFolder;
}

/** The annotations of a run, from any source, so that a resumed run uses the same ones. */
const ANNOTATIONS = 'annotations.json';

/**
 * A new job: completes settings with defaults that fit the data, and loads everything that they name.
 *
 * @param path of its folder; default: a new one under runs/
 * @throws RangeError for settings, data or annotations that are wrong or do not fit
 */
export async function prepareJob(settings: ConfigChanges, path?: string): Promise<Job> {
  const early = parseConfig(settings); // report wrong settings before any data is read
  const loss = await loadLoss(early.guidance.loss);
  const dataset = await datasetOf(early);
  const config = parseConfig(settings, dataDefaults(dataset));
  const { annotations, file, summary } = await readAnnotations(dataset, config);
  const open = (adapter: AdapterReport): RunFolder => {
    const folder = RunFolder.create(path ?? defaultRunPath(dataset.name), config, {
      started: new Date().toISOString(),
      adapter,
      versions: versions(),
      dataset: describe(dataset),
      annotations: summary,
    });
    if (file) folder.write(ANNOTATIONS, serialiseAnnotations(file));
    return folder;
  };
  return { config, dataset, loss, annotations, summary, open };
}

/**
 * The job of a run, as its folder describes it.
 *
 * @throws RangeError if it is no run folder, or if the data has changed since
 */
export async function resumeJob(path: string): Promise<Job> {
  const folder = RunFolder.open(path);
  const { config, info } = folder;
  const loss = await loadLoss(config.guidance.loss);
  const dataset = await datasetOf(config);
  if (!isDeepStrictEqual(describe(dataset), info.dataset)) {
    throw new RangeError(
      `${folder.path}: ${config.data.source} has changed since this run began. Restore the data, or begin a new run.`,
    );
  }
  const file = join(folder.path, ANNOTATIONS);
  const annotations = existsSync(file)
    ? annotationPlanes(await readAnnotationFile(file, dataset), dataset)
    : (await readAnnotations(dataset, config)).annotations;
  return { config, dataset, loss, annotations, summary: info.annotations, open: () => folder };
}

const describe = ({ name, train, val, test, classes, notes }: Dataset) => ({
  name,
  images: { train: train.count, val: val.count, test: test.count },
  classes,
  notes,
  sha256: fingerprint({ train, val, test }),
});
