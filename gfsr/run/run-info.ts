// What a reader of a run must know beside its settings: versions, machine, adapter, data and annotations.

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { arch, cpus, platform, release } from 'node:os';
import * as v from 'valibot';
import type { AdapterReport } from '../../engine/adapter.ts';
import type { Dataset, SplitName } from '../data/dataset.ts';

/** `running` also where the process was killed before it could say otherwise. */
export type RunStatus = 'running' | 'interrupted' | 'finished';

const count = v.pipe(v.number(), v.integer(), v.minValue(0));
const splitSchema = v.object({ images: count, sha256: v.string() });

const infoSchema = v.object({
  format: v.literal('gfsr-run'),
  version: v.literal(1),
  status: v.picklist(['running', 'interrupted', 'finished']),
  /** ISO 8601, UTC. */
  started: v.string(),
  /** When the status was last set. */
  updated: v.string(),
  /** Wall-clock time of all sessions that ended well or were interrupted. */
  seconds: v.pipe(v.number(), v.minValue(0)),
  versions: v.object({ gfsr: v.string(), node: v.string(), webgpu: v.optional(v.string()) }),
  machine: v.object({ system: v.string(), processor: v.string() }),
  adapter: v.object({
    vendor: v.string(),
    architecture: v.string(),
    device: v.string(),
    description: v.string(),
    backend: v.optional(v.string()),
    isSoftware: v.boolean(),
    features: v.array(v.string()),
    limits: v.record(v.string(), v.number()),
  }),
  data: v.object({
    name: v.string(),
    classes: v.array(v.string()),
    channels: count,
    height: count,
    width: count,
    splits: v.object({ train: splitSchema, val: splitSchema, test: splitSchema }),
    notes: v.array(v.string()),
  }),
  annotations: v.object({ images: count, summary: v.string() }),
});

/** Contents of `run.json`. */
export type RunInfo = v.InferOutput<typeof infoSchema>;
export type DataSummary = RunInfo['data'];
/** `images`: how many train images are marked; `summary`: by whom and how, one line for a person. */
export type AnnotationSummary = RunInfo['annotations'];

/** What a new run is about; the rest of `RunInfo` is found out. */
export interface RunContext {
  readonly adapter: AdapterReport;
  readonly dataset: Dataset;
  readonly annotations: AnnotationSummary;
}

/** The record of a run that begins now. */
export function beginRun({ adapter, dataset, annotations }: RunContext): RunInfo {
  const now = new Date().toISOString();
  return {
    format: 'gfsr-run',
    version: 1,
    status: 'running',
    started: now,
    updated: now,
    seconds: 0,
    versions: packageVersions(),
    machine: {
      system: `${platform()} ${arch()} ${release()}`,
      processor: `${cpus().length} × ${cpus()[0]?.model.trim() ?? 'unknown processor'}`,
    },
    adapter,
    data: describeData(dataset),
    annotations,
  };
}

/** @throws RangeError naming `where` if the text is no record of a run */
export function parseRunInfo(text: string, where: string): RunInfo {
  const result = v.safeParse(infoSchema, parseJson(text, where));
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new RangeError(
    `${where}: ${v.getDotPath(issue) ?? 'content'} is ${issue.received}, expected ${issue.expected}. The file is damaged or of another version.`,
  );
}

/** @throws RangeError naming `where` if the text is no JSON */
export function parseJson(text: string, where: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new RangeError(`${where}: damaged JSON (${(error as Error).message}).`);
  }
}

/** Name, sizes and notes, and a fingerprint of each split's images and labels. */
export function describeData(dataset: Dataset): DataSummary {
  const { name, classes, channels, height, width, notes } = dataset;
  const split = (which: SplitName) => {
    const { count, images, labels } = dataset[which];
    const hash = createHash('sha256').update(images);
    hash.update(new Uint8Array(labels.buffer, labels.byteOffset, labels.byteLength));
    return { images: count, sha256: hash.digest('hex') };
  };
  const splits = { train: split('train'), val: split('val'), test: split('test') };
  return { name, classes: [...classes], channels, height, width, splits, notes: [...notes] };
}

/** Versions of this package, of Node and of `webgpu`, where that is installed. */
export function packageVersions(): RunInfo['versions'] {
  const require = createRequire(import.meta.url);
  const webgpu = versionIn(() => require.resolve('webgpu/package.json'));
  return {
    gfsr: ownVersion(),
    node: process.versions.node,
    ...(webgpu && { webgpu }),
  };
}

/** Our package.json lies two folders up, or three from dist. */
function ownVersion(): string {
  const candidates = ['../../package.json', '../../../package.json'];
  const versions = candidates.map((path) => versionIn(() => new URL(path, import.meta.url)));
  return versions.find((version) => version !== undefined) ?? 'unknown';
}

/** The version in a package.json; undefined where there is none. */
function versionIn(file: () => string | URL): string | undefined {
  try {
    return JSON.parse(readFileSync(file(), 'utf8')).version;
  } catch {
    return undefined;
  }
}
