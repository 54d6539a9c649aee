// The comparisons behind our results: their names, the data they need (fetched if possible), and how long they take.

import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Gpu } from '../../engine/core/gpu.ts';
import { catalog, type OfficialFile } from '../data/catalog.ts';
import { downloadOfficial, type FoundFile, findOfficial } from '../data/official.ts';
import { readText } from '../files/read-file.ts';
import { parseJson } from '../text/json.ts';
import { grouped } from '../text/lines.ts';
import { didYouMean } from '../text/suggestions.ts';
import { type Comparison, openComparison } from './comparison.ts';
import { type Estimate, estimateTrials, type Timings } from './estimate.ts';
import { finishedTrials } from './trial-files.ts';

const CONFIGS = fileURLToPath(new URL('./configs/', import.meta.url));

/** A comparison whose data is available, so it can run. */
export interface PublishedComparison {
  readonly name: string;
  readonly comparison: Comparison;
  /** On the data: the number of images, the notes of the data set, and whether the file is the published one. */
  readonly data: string;
}

/** Names of all published comparisons. */
export const publishedNames = (): string[] =>
  readdirSync(CONFIGS)
    .filter((file) => file.endsWith('.json'))
    .map((file) => basename(file, '.json'))
    .sort();

/**
 * The comparisons meant by `all`, by the name of one, or by the name of a data set.
 *
 * @throws RangeError that lists the names
 */
export function namesMeantBy(name: string | undefined): string[] {
  const all = publishedNames();
  const meant = all.filter(
    (each) => name === 'all' || each === name || each.startsWith(`${name}-`),
  );
  if (name !== undefined && meant.length > 0) return meant;
  const hint = name === undefined ? '' : didYouMean(name, [...all, 'all']);
  throw new RangeError(
    `reproduce: ${name === undefined ? 'needs a name' : `unknown name ${name}`}.${hint} Expected all, or one of: ${all.join(', ')}.`,
  );
}

export interface OpenHooks {
  /** Called when a file is fetched from this address. */
  readonly onFetch?: (url: string) => void;
  /** Called for a file that is there, with one sentence on what it is. */
  readonly onFile?: (note: string) => void;
  /** Called for a comparison that cannot run, with the reason; each reason is reported once. */
  readonly onMissing?: (name: string, why: string) => void;
}

/**
 * Opens every comparison whose data is in the folder or can be fetched into it.
 *
 * @param changes `quick`: the small size that each file defines
 * @returns the comparisons, and what is missing for the others, each reason once
 */
export async function openPublished(
  names: readonly string[],
  folder: string,
  { quick }: { readonly quick: boolean },
  hooks: OpenHooks = {},
): Promise<{ readonly opened: PublishedComparison[]; readonly missing: string[] }> {
  const opened: PublishedComparison[] = [];
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
      if (official && !files.has(source)) files.set(source, provide(official, folder, hooks));
      const file = await files.get(source);
      const comparison = await openComparison(config, { quick, data: file?.path });
      await checkMarks(comparison);
      const { train, val, test } = comparison.dataset;
      const counts = `${grouped(train.count)} train, ${grouped(val.count)} val and ${grouped(test.count)} test images.`;
      const said = [counts, ...comparison.dataset.notes, ...(file ? [file.note] : [])];
      opened.push({ name, comparison, data: said.join(' ') });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      if (!missing.has(error.message)) hooks.onMissing?.(name, error.message);
      missing.add(error.message);
    }
  }
  return { opened, missing: [...missing] };
}

/** @throws RangeError for marks of a file on images that the data does not have, which other copies of it may do */
async function checkMarks({ spec, trials, sources, dataset }: Comparison): Promise<void> {
  const guided = trials.find(({ condition }) => condition.guided);
  if (guided && spec.settings.annotation?.source) await sources.annotations(dataset, guided.config);
}

/** The file on this disk; fetched if it is not there. */
async function provide(official: OfficialFile, folder: string, { onFetch, onFile }: OpenHooks) {
  const there = findOfficial(official, folder);
  if (!there && official.url) onFetch?.(official.url);
  const file = there ?? (await downloadOfficial(official, folder));
  const note = describeFile(file, official);
  onFile?.(note);
  return { path: file.path, note };
}

function describeFile({ path, md5, official: same }: FoundFile, official: OfficialFile): string {
  const name = basename(path);
  if (same === undefined) return `${name} has MD5 ${md5}; no published checksum is known.`;
  return same
    ? `${name} is the published file (MD5 ${md5}).`
    : `${name} differs from the published file: MD5 ${md5}, published ${official.md5}.`;
}

export interface PartEstimate {
  /** All trials, including finished ones. */
  readonly trials: number;
  /** Trials that still have to run. */
  readonly left: number;
  /** Estimate for those; absent if none is left. */
  readonly estimate?: Estimate;
}

/** How long the missing trials will take on this adapter. Timings that comparisons share are measured once. */
export async function estimateMissing(
  gpu: Gpu,
  { trials, dataset, sources }: Comparison,
  folder: string,
  timings: Timings,
): Promise<PartEstimate> {
  const finished = finishedTrials(folder);
  const missing = trials.filter(({ key }) => !finished.has(key));
  const count = { trials: trials.length, left: missing.length };
  if (missing.length === 0) return count;
  return { ...count, estimate: await estimateTrials(gpu, missing, dataset, sources, timings) };
}
