// The comparisons of our results: their names, the data they need, fetched where it can be, and how long they take.

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
import { finishedTrials } from './comparison-folder.ts';
import { type Estimate, estimateTrials, type Timings } from './estimate.ts';

const CONFIGS = fileURLToPath(new URL('./configs/', import.meta.url));

/** A comparison that can be run: its data are there. */
export interface PublishedComparison {
  readonly name: string;
  readonly comparison: Comparison;
  /** The data in a sentence: how many images, and whether the file is the published one. */
  readonly data: string;
}

/** Names of all of them. */
export const publishedNames = (): string[] =>
  readdirSync(CONFIGS)
    .filter((file) => file.endsWith('.json'))
    .map((file) => basename(file, '.json'))
    .sort();

/**
 * The names that are meant by `all`, the name of one, or of a data set.
 *
 * @throws RangeError with those that exist
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
  /** A file is fetched from this address. */
  readonly onFetch?: (url: string) => void;
  /** A file is there; what it is, in a sentence. */
  readonly onFile?: (note: string) => void;
  /** A comparison cannot be run, and why; each reason is told once. */
  readonly onMissing?: (name: string, why: string) => void;
}

/**
 * Opens every comparison whose data are in the folder or can be fetched into it.
 *
 * @param changes `quick`: the small size that each file describes
 * @returns them, and what is missing for the others, each reason once
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
      const { train, val, test } = comparison.dataset;
      const counts = `${grouped(train.count)} train, ${grouped(val.count)} val and ${grouped(test.count)} test images.`;
      opened.push({ name, comparison, data: [counts, file?.note].filter(Boolean).join(' ') });
    } catch (error) {
      if (!(error instanceof RangeError)) throw error;
      if (!missing.has(error.message)) hooks.onMissing?.(name, error.message);
      missing.add(error.message);
    }
  }
  return { opened, missing: [...missing] };
}

/** The file on this disk, fetched where it is not there. */
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
  if (same === undefined) return `${name} has MD5 ${md5}; none is published.`;
  return same
    ? `${name} is the published file (MD5 ${md5}).`
    : `${name} is not the published file: MD5 ${md5}, published ${official.md5}.`;
}

export interface PartEstimate {
  /** Trials in all, finished ones too. */
  readonly trials: number;
  /** Trials that are still to be run. */
  readonly left: number;
  /** Of those; absent where none is left. */
  readonly estimate?: Estimate;
}

/** How long what a folder lacks will take on this adapter; timings that comparisons share are taken once. */
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
