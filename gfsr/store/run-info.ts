// The record of a run: everything that a reader needs besides its settings, from versions and adapter to data and
// status.

import * as v from 'valibot';
import type { Dataset } from '../data/dataset.ts';
import { adapterSchema } from '../machine/adapter-schema.ts';
import { cut } from '../text/visible.ts';

/** A file of the folder: the record of a stranger names no other. */
const inside = v.pipe(
  v.string(),
  v.check(
    (name) => /^(?!\/)(?!.*(^|\/)\.\.?(\/|$))[^\\\0]+$/.test(name),
    'the name of a file inside the folder',
  ),
);
const count = v.pipe(v.number(), v.integer(), v.minValue(0));

const contextSchema = v.object({
  /** ISO 8601. */
  started: v.string(),
  adapter: adapterSchema,
  /** Number of processor cores and model, as far as they are known. */
  processor: v.string(),
  versions: v.object({
    gfsr: v.string(),
    /** Absent where a browser trained. */
    node: v.optional(v.string()),
    /** The browser that trained, as it names itself. */
    browser: v.optional(v.string()),
    webgpu: v.optional(v.string()),
    os: v.string(),
  }),
  dataset: v.object({
    name: v.string(),
    images: v.object({ train: count, val: count, test: count }),
    classes: v.array(v.string()),
    notes: v.array(v.string()),
    /** Hash of the labels and pixels of all splits. */
    sha256: v.string(),
  }),
  /** Where the annotations come from, as one line for a person. */
  annotations: v.string(),
  /** SHA-256 of the pretrained weights; absent without any. */
  init: v.optional(v.string()),
});

/** What computes in one session of a run. */
const sessionSchema = v.object({
  /** ISO 8601. */
  started: v.string(),
  /** Adapter and driver. */
  adapter: v.string(),
  gfsr: v.string(),
  /** Of the sources; absent where an installed package ran. */
  commit: v.optional(v.string()),
  /** `codeVersion` of what trains. */
  code: v.string(),
  /** The command line without the folders of absolute paths; absent where a library began it. */
  command: v.optional(v.string()),
});

const infoSchema = v.object({
  format: v.literal('gfsr-run'),
  version: v.literal(1),
  /** Also `running` if the process was killed before it could change this. */
  status: v.picklist(['running', 'interrupted', 'failed', 'finished']),
  /** Wall-clock time of all sessions. */
  seconds: v.pipe(v.number(), v.minValue(0)),
  /** What one recorded step of each arm launches, and the bytes of its intermediates. Absent for an eager run. */
  steps: v.optional(
    v.record(
      v.string(),
      v.object({ dispatches: count, plannedBytes: count, unsharedBytes: count }),
    ),
  ),
  /** SHA-256 of the files of the folder that decide the result, by name; a run from before they were kept has none. */
  inputs: v.optional(v.record(inside, v.string())),
  /** When the run began, and each time that it was resumed. */
  sessions: v.optional(v.array(sessionSchema), []),
  ...contextSchema.entries,
});

/** Facts that are known when a run begins. */
export type RunContext = v.InferOutput<typeof contextSchema>;
/** What computes in one session of a run. */
export type RunSession = v.InferOutput<typeof sessionSchema>;
/** Contents of `run.json`. */
export type RunInfo = v.InferOutput<typeof infoSchema>;

/** What decides a result, for files that are passed on: versions and hashes, by name; no paths. */
export function madeWith({
  versions,
  dataset,
  init,
  inputs,
  sessions,
}: RunInfo): Record<string, string> {
  const [first] = sessions;
  return {
    gfsr: versions.gfsr,
    ...(first?.commit && { commit: first.commit }),
    ...(first && { code: first.code }),
    data: dataset.sha256,
    ...(init && { init }),
    ...inputs,
  };
}

/** What a record says about a data set, except its hash. */
export const describeData = ({
  name,
  train,
  val,
  test,
  classes,
  notes,
}: Dataset): Omit<RunContext['dataset'], 'sha256'> => ({
  name,
  images: { train: train.count, val: val.count, test: test.count },
  classes,
  notes,
});

/** The record of a run that begins now. */
export function beginRun(context: RunContext, inputs: Readonly<Record<string, string>>): RunInfo {
  return {
    format: 'gfsr-run',
    version: 1,
    status: 'running',
    seconds: 0,
    ...{ inputs, sessions: [] },
    ...context,
  };
}

/** @throws RangeError naming `where` if the text is not the record of a run */
export function parseRunInfo(text: string, where: string): RunInfo {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new RangeError(`${where}: damaged JSON (${(error as Error).message}).`);
  }
  const result = v.safeParse(infoSchema, json);
  if (result.success) return result.output;
  const [issue] = result.issues;
  throw new RangeError(
    `${where}: ${v.getDotPath(issue) ?? 'content'} is ${cut(issue.received, 120)}, expected ${issue.expected ?? issue.message}. The file is damaged or of another version.`,
  );
}
