// `gfsr reproduce`: fetches the data, says how long it will take, runs the comparisons of gfsr/compare/configs, and writes one page.

import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { AdapterReport } from '../../engine/core/adapter.ts';
import type { Gpu } from '../../engine/core/gpu.ts';
import {
  type Comparison,
  checkComparison,
  openComparison,
  runComparison,
} from '../compare/comparison.ts';
import { finishedTrials } from '../compare/comparison-folder.ts';
import { estimateTrials, type Timings } from '../compare/estimate.ts';
import { type ReproducedPart, reproductionMarkdown } from '../compare/reproduction.ts';
import { catalog, type OfficialFile } from '../data/catalog.ts';
import { downloadOfficial, findOfficial } from '../data/official.ts';
import { writeAtomically } from '../files/atomic-file.ts';
import { readText } from '../files/read-file.ts';
import { parseJson } from '../text/json.ts';
import { clock, grouped, row } from '../text/lines.ts';
import { didYouMean } from '../text/suggestions.ts';
import { InterruptedError } from '../train/experiment.ts';
import { describeSummary, INTERRUPTED } from './compare.ts';
import { findAdapter, withGpu } from './device.ts';
import type { Output } from './output.ts';

export interface ReproduceOptions {
  /** A comparison, a data set with all its comparisons, or "all". */
  readonly name?: string;
  /** Folder with the published files, where missing ones are put too. Default data. */
  readonly data?: string;
  readonly quick: boolean;
  /** Default runs/reproduce, or runs/reproduce-quick. */
  readonly out?: string;
}

/** A comparison that can be run: its data are there. */
interface Part {
  readonly name: string;
  readonly comparison: Comparison;
  readonly data: string;
}

const CONFIGS = fileURLToPath(new URL('../compare/configs/', import.meta.url));

/** @throws RangeError for an unknown name, or if no data can be had at all */
export async function reproduceCommand(options: ReproduceOptions, out: Output): Promise<number> {
  const { name, data: folder = 'data', quick } = options;
  const path = options.out ?? join('runs', quick ? 'reproduce-quick' : 'reproduce');
  const names = namesOf(name);
  const { parts, missing } = await gather(names, folder, quick, out);
  if (parts.length === 0) return 1;
  const adapter = await findAdapter(out);
  return withGpu(async (gpu) => {
    const total = await sayHowLong(gpu, parts, path, adapter, out);
    out.say(row('time', `about ${clock(total)} for all of it on this adapter, timed just now`));
    const done: ReproducedPart[] = [];
    const page = () => {
      const command = `npm run reproduce -- ${name}${quick ? ' --quick' : ''}`;
      writeAtomically(
        join(path, 'results.md'),
        reproductionMarkdown(done, { command, quick, missing }),
      );
    };
    try {
      for (const { name: part, comparison, data } of parts) {
        out.say();
        out.say(out.style.bold(comparison.lab.title));
        const { summary, records } = await runComparison(
          gpu,
          comparison,
          join(path, part),
          adapter,
          out,
        );
        const { title, notes } = comparison.lab;
        done.push({ name: part, title, notes, data, summary, records });
        page();
        for (const line of describeSummary(summary)) out.result(line);
      }
    } catch (error) {
      if (!(error instanceof InterruptedError)) throw error;
      out.result('stopped; finished trials are kept. Go on with the same command.');
      return INTERRUPTED;
    }
    out.result();
    out.result(row('results', join(path, 'results.md')));
    return missing.length === 0 ? 0 : 1;
  });
}

/** Names of the comparisons that are meant. @throws RangeError with those that exist */
function namesOf(name: string | undefined): string[] {
  const all = readdirSync(CONFIGS)
    .filter((file) => file.endsWith('.json'))
    .map((file) => basename(file, '.json'))
    .sort();
  const meant = all.filter(
    (each) => name === 'all' || each === name || each.startsWith(`${name}-`),
  );
  if (name !== undefined && meant.length > 0) return meant;
  const hint = name === undefined ? '' : didYouMean(name, [...all, 'all']);
  throw new RangeError(
    `reproduce: ${name === undefined ? 'needs a name' : `unknown name ${name}`}.${hint} Expected all, or one of: ${all.join(', ')}.`,
  );
}

/** Opens every comparison whose data are there or can be fetched; says in a line what to put where for the others. */
async function gather(names: readonly string[], folder: string, quick: boolean, out: Output) {
  const parts: Part[] = [];
  const missing = new Set<string>();
  const files = new Map<string, Promise<{ readonly path: string; readonly note: string }>>();
  for (const name of names) {
    const config = join(CONFIGS, `${name}.json`);
    const { settings } = parseJson(await readText(config), config) as {
      settings: { data: { source: string } };
    };
    const { source } = settings.data;
    const official = catalog.get(source)?.file;
    try {
      if (official && !files.has(source)) files.set(source, provide(official, folder, out));
      const file = await files.get(source);
      const comparison = await openComparison(config, { quick, data: file?.path });
      const { train, val, test } = comparison.dataset;
      const counts = `${grouped(train.count)} train, ${grouped(val.count)} val and ${grouped(test.count)} test images.`;
      parts.push({ name, comparison, data: [counts, file?.note].filter(Boolean).join(' ') });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      if (!missing.has(error.message)) out.result(`${name}: ${error.message}`);
      missing.add(error.message);
    }
  }
  return { parts, missing: [...missing] };
}

/** The file on this disk, fetched where it is not there. */
async function provide(official: OfficialFile, folder: string, out: Output) {
  const there = findOfficial(official, folder);
  if (!there && official.url) out.say(row('data', `fetching ${official.url} …`));
  const { path, md5, official: same } = there ?? (await downloadOfficial(official, folder));
  const note =
    same === undefined
      ? `${basename(path)} has MD5 ${md5}; none is published.`
      : same
        ? `${basename(path)} is the published file (MD5 ${md5}).`
        : `${basename(path)} is not the published file: MD5 ${md5}, published ${official.md5}.`;
  out.say(row('data', note));
  return { path, note };
}

/** Checks every part, and says what each will take; returns all of it in seconds. */
async function sayHowLong(
  gpu: Gpu,
  parts: readonly Part[],
  path: string,
  adapter: AdapterReport,
  out: Output,
): Promise<number> {
  let total = 0;
  const timings: Timings = new Map();
  for (const { name, comparison } of parts) {
    await checkComparison(gpu, comparison, adapter, out);
    const { trials, dataset, sources } = comparison;
    const finished = finishedTrials(join(path, name));
    const left = trials.filter(({ key }) => !finished.has(key));
    if (left.length === 0) {
      out.say(row('time', `${name}: ${trials.length} trials, all of them finished`));
      continue;
    }
    const { seconds, plainStep, guidedSteps, masks, evaluation } = await estimateTrials(
      gpu,
      left,
      dataset,
      sources,
      timings,
    );
    total += seconds;
    const ms = (value: number) => Math.round(1000 * value);
    const guided = guidedSteps
      ? `, a guided one ${[...new Set(guidedSteps.map(ms))].join(' to ')}`
      : '';
    out.say(
      row(
        'time',
        `${name}: about ${clock(seconds)} for ${left.length} trials (a step takes ${ms(plainStep)} ms${guided}; masks ${masks.toFixed(1)} s, measuring ${evaluation.toFixed(1)} s)`,
      ),
    );
  }
  return total;
}
