// `gfsr compare`: variants, seeds, budgets and mask controls from one file, trial by trial, into tables and a report.

import { basename, join } from 'node:path';
import { type AdapterReport, adapterName } from '../../engine/adapter.ts';
import type { Gpu } from '../../engine/gpu.ts';
import { type Config, dataDefaults, parseConfig } from '../config.ts';
import type { Dataset } from '../data/dataset.ts';
import { loadDataset } from '../data/load.ts';
import { InterruptedError } from '../experiment.ts';
import { type Lab, parseLab } from '../lab/lab-config.ts';
import { LabFolder } from '../lab/lab-folder.ts';
import { renderLabReport } from '../lab/lab-report.ts';
import { heading, labCsv, labLatex, labMarkdown, showCell } from '../lab/lab-tables.ts';
import { type LabHooks, type LabProgress, type LabSources, runLab } from '../lab/run-lab.ts';
import { describeTest, type Summary, summarise } from '../lab/summary.ts';
import { listTrials, type Trial } from '../lab/trials.ts';
import { isLossFile } from '../losses.ts';
import { toJson } from '../run/atomic-file.ts';
import { readAnnotations } from './annotation-source.ts';
import { summariseDataset } from './dataset-summary.ts';
import { findAdapter, withGpu } from './device.ts';
import { ownVersion } from './doctor.ts';
import { readText } from './files.ts';
import { checkFits, checkModel } from './fits.ts';
import { interruptible } from './interrupt.ts';
import { loadLossFile } from './loss-file.ts';
import { clock, type Output, row, table } from './output.ts';
import { checkLoss } from './train.ts';

export interface CompareOptions {
  /** A JSON file that describes the comparison. */
  readonly config?: string;
  /** Default: runs/<name of the file>. */
  readonly out?: string;
}

/** What a shell expects of a program that Ctrl-C ended. */
const INTERRUPTED = 130;

/** @throws RangeError for a configuration, data or annotations that are wrong or do not fit */
export async function compareCommand(
  { config: file, out: path }: CompareOptions,
  out: Output,
): Promise<number> {
  if (file === undefined) {
    throw new RangeError('compare: needs --config lab.json, which names variants and seeds.');
  }
  const text = await readText(file);
  const lab = parseLab(text, file);
  const contents = await readNamedFiles(lab);
  const sources = labSources(lab);
  const dataset = await sources.dataset(lab.seeds[0]);
  const trials = listTrials(lab, dataDefaults(dataset), contents);
  for (const line of summariseDataset(dataset)) out.say(line);
  const adapter = await findAdapter(out);
  for (const { config } of trials) checkFits(adapter, config, dataset);
  for (const { condition, config, seed } of trials) {
    const marked = condition.guided && condition.control !== 'oracle';
    if (marked && seed === lab.seeds[0]) await sources.annotations(dataset, config);
  }
  return withGpu(async (gpu) => {
    const distinct = new Map(
      trials.map(({ config }) => [config.layer + config.architecture, config]),
    );
    for (const config of distinct.values()) checkModel(gpu, config, dataset);
    for (const loss of lossFiles(lab)) await checkLoss(gpu, loss, out);
    const folder = LabFolder.open(
      path ?? join('runs', basename(file).replace(/\.json$/, '')),
      text,
    );
    out.say(row('comparison', `${folder.path}, ${trials.length} trials`));
    const job = { gpu, trials, folder, sources, dataset, adapter };
    return run(job, `gfsr compare --config ${file}${path ? ` --out ${path}` : ''}`, out);
  });
}

interface Job {
  readonly gpu: Gpu;
  readonly trials: readonly Trial[];
  readonly folder: LabFolder;
  readonly sources: LabSources;
  /** Of the first seed. */
  readonly dataset: Dataset;
  readonly adapter: AdapterReport;
}

async function run(
  { gpu, trials, folder, sources, dataset, adapter }: Job,
  again: string,
  out: Output,
): Promise<number> {
  const { isSoftware } = adapter;
  const context = { adapter: adapterName(adapter), isSoftware, gfsr: ownVersion() };
  try {
    const records = await interruptible(
      (signal) => runLab(gpu, trials, folder, sources, context, { signal, ...progress(out) }),
      (name) => out.say(`${name}: stopping after this step; a second one stops at once …`),
    ).finally(() => out.status(''));
    const summary = summarise(trials, records);
    folder.write('table.md', labMarkdown(summary));
    folder.write('table.csv', labCsv(summary));
    folder.write('table.json', toJson({ format: 'gfsr-comparison', version: 1, ...summary }));
    folder.write('table.tex', labLatex(summary));
    const report = folder.write('report.html', renderLabReport(summary, trials, records, dataset));
    out.say();
    for (const line of describe(summary)) out.result(line);
    out.result();
    out.result(row('report', report));
    return 0;
  } catch (error) {
    if (!(error instanceof InterruptedError)) throw error;
    out.result(`stopped; finished trials are kept. Go on with: ${again}`);
    return INTERRUPTED;
  }
}

function progress(out: Output): Omit<LabHooks, 'signal'> {
  let current = '';
  const left = ({ done, total, secondsLeft }: LabProgress): string =>
    done < total && Number.isFinite(secondsLeft) ? `, about ${clock(secondsLeft)} left` : '';
  return {
    onStart: ({ condition, seed }, at) => {
      current = `trial ${at.done + 1}/${at.total}  ${condition.label}  seed ${seed}`;
      out.say(`${current} …${left(at)}`);
    },
    onStep: (_, { step, total }) => {
      out.status(`${current}  step ${step}/${total}`);
    },
    onFinish: ({ figures, failed, seconds }, at) => {
      const result = failed ?? `test accuracy ${figures['test accuracy'].toFixed(3)}`;
      out.say(`  ${result}  ${seconds.toFixed(1)} s; ${at.done}/${at.total} done${left(at)}`);
    },
  };
}

function describe(summary: Summary): string[] {
  const { columns, rows } = summary;
  return [
    ...table([
      ['', ...columns.map(heading)],
      ...rows.map(({ label, cells }) => [label, ...columns.map(({ key }) => showCell(cells[key]))]),
    ]),
    '',
    describeTest(summary),
  ];
}

/** Reads data and annotations once a seed: one data set is kept at a time. */
function labSources({ settings }: Lab): LabSources {
  let kept: { readonly seed: number; readonly dataset: Promise<Dataset> } | undefined;
  return {
    dataset: (seed) => {
      const config = parseConfig({ ...settings, seed });
      if (kept?.seed !== seed) kept = { seed, dataset: loadDataset(config.data, config) };
      return kept.dataset;
    },
    annotations: async (dataset: Dataset, config: Config) => {
      const { annotations } = await readAnnotations(dataset, config);
      if (annotations.size > 0) return annotations;
      throw new RangeError(
        `${dataset.name}: nothing is annotated, so there is nothing to guide by. Name an annotation file in settings.annotations, or compare cross-entropy only.`,
      );
    },
  };
}

const lossFiles = ({ variants }: Lab): string[] => [
  ...new Set(
    variants.flatMap(({ settings: { loss } }) =>
      typeof loss === 'string' && isLossFile(loss) ? [loss] : [],
    ),
  ),
];

/** Loads the losses that files define; returns the text of each file that decides a result. */
async function readNamedFiles(lab: Lab): Promise<Map<string, string>> {
  const contents = new Map<string, string>();
  for (const path of lossFiles(lab)) {
    await loadLossFile(path);
    contents.set(path, await readText(path));
  }
  const { annotations } = lab.settings;
  if (typeof annotations === 'string' && annotations !== 'simulated') {
    contents.set(annotations, await readText(annotations));
  }
  return contents;
}
