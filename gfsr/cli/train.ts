// `gfsr train`: data, annotations, both arms with live progress, and a run folder with results and report.

import { existsSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { AdapterReport } from '../../engine/adapter.ts';
import type { Gpu } from '../../engine/gpu.ts';
import { type Config, dataDefaults, parseConfig, parseConfigFile } from '../config.ts';
import type { Dataset } from '../data/dataset.ts';
import { loadDataset } from '../data/load.ts';
import { InterruptedError, memoryStore, runExperiment } from '../experiment.ts';
import { type AnnotationSource, readAnnotations, readText } from './annotation-source.ts';
import { summariseDataset } from './dataset-summary.ts';
import { withGpu } from './device.ts';
import { describeFindings } from './findings.ts';
import { interruptible } from './interrupt.ts';
import { type Output, row } from './output.ts';
import { progressHooks } from './progress.ts';

export interface TrainOptions {
  /** Settings given as flags. */
  readonly settings: Readonly<Record<string, unknown>>;
  /** A JSON file with more settings; flags win over it. */
  readonly config?: string;
  readonly out?: string;
  readonly resume?: string;
}

/** What a shell expects of a program that Ctrl-C ended. */
const INTERRUPTED = 130;

interface Job {
  readonly config: Config;
  readonly dataset: Dataset;
  readonly source: AnnotationSource;
}

export async function trainCommand(options: TrainOptions, out: Output): Promise<number> {
  const { config, dataset, source } = await newJob(options);
  for (const line of summariseDataset(dataset)) out.say(line);
  out.say(row('annotations', source.summary));
  return withGpu(out, async (gpu) => {
    checkFits(gpu, dataset, config);
    const result = await interruptible(
      (signal) =>
        runExperiment(gpu, dataset, config, source.annotations, memoryStore(), {
          ...progressHooks(out, config),
          signal,
        }),
      () => out.say('stopping after this step, Ctrl-C again to stop at once …'),
    );
    for (const line of describeFindings(Object.fromEntries(Object.entries(result.arms).map(([a, r]) => [a, r.evaluation])), dataset)) out.result(line);
    return 0;
  });
}

/** Settings from defaults, file and flags, each winning over the one before; then the data they name. */
async function newJob({ settings, config: file }: TrainOptions): Promise<Job> {
  const given = {
    ...(file === undefined ? {} : parseConfigFile(await readText(file), file)),
    ...settings,
  };
  const { data, seed } = parseConfig(given); // what is wrong is said before any data is read
  const dataset = await loadDataset(data, { seed });
  const config = parseConfig(given, dataDefaults(dataset));
  return { config, dataset, source: await readAnnotations(dataset, config) };
}

/** @throws RangeError if not even one image fits into a buffer of the device */
function checkFits(gpu: Gpu, { name, channels, height, width }: Dataset, { batchSize }: Config): void {
  const { maxBufferSize, maxStorageBufferBindingSize } = gpu.device.limits;
  const limit = Math.min(maxBufferSize, maxStorageBufferBindingSize);
  const bytes = Math.max(batchSize, EVALUATED) * channels * height * width * 4;
  if (bytes <= limit) return;
}
