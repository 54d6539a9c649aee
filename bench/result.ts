// The result file: what was measured, sample by sample, on what, and from which source.

import * as v from 'valibot';
import { adapterSchema } from '../gfsr/machine/adapter-schema.ts';
import { parseJson } from '../gfsr/text/json.ts';

/** Raised with every change that an older reader would misread. */
export const SCHEMA_VERSION = 1;

const positive = v.pipe(v.number(), v.gtValue(0));
const count = v.pipe(v.number(), v.integer(), v.minValue(0));
/** Milliseconds per repetition, for each round. */
const rounds = v.pipe(v.array(v.pipe(v.number(), v.minValue(0))), v.minLength(1));

const overheadSchema = v.object({ name: v.string(), bytes: count, rounds });

const kernelSchema = v.object({
  suite: v.string(),
  name: v.string(),
  flops: count,
  /** The least that any kernel must move. */
  bytes: positive,
  /** Largest difference from float64 in a sample, as a part of the sample's largest value. */
  error: v.pipe(v.number(), v.minValue(0)),
  dispatches: positive,
  /** Runs in each round, and how often the op is repeated in one. */
  runs: count,
  repeats: count,
  rounds,
});

const stepSchema = v.object({
  name: v.string(),
  variant: v.string(),
  batch: count,
  dispatches: count,
  /** Planned memory of intermediates and outputs, and the memory without sharing. */
  plannedBytes: count,
  unsharedBytes: count,
  /** The most that an eager step held at once, as measured; absent from older files. */
  eagerBytes: v.optional(count),
  runs: count,
  /** Wall-clock time, inputs included. */
  rounds,
  /** Of that, the time that JavaScript took, round by round. */
  scriptRounds: rounds,
  /** Of the wall-clock time, that in which the pass ran, by the GPU's clock; absent where that is not trusted. */
  gpuRounds: v.optional(rounds),
});

const firstStepSchema = v.object({
  name: v.string(),
  /** State of the shader cache: `unknown` in a browser. */
  cache: v.picklist(['cold', 'warm', 'unknown']),
  pipelines: count,
  /** Each in a process of its own. */
  rounds,
});

const resultSchema = v.object({
  format: v.literal('gfsr-bench'),
  schemaVersion: v.literal(SCHEMA_VERSION),
  /** ISO 8601. */
  started: v.string(),
  seconds: v.pipe(v.number(), v.minValue(0)),
  quick: v.boolean(),
  only: v.optional(v.string()),
  /** Absent: f32. */
  operands: v.optional(v.picklist(['f32', 'f16'])),
  /** Git commit, with `+changes` where the files differed from it; `unknown` without git. */
  commit: v.string(),
  adapter: adapterSchema,
  platform: v.object({
    runtime: v.picklist(['node', 'browser']),
    os: v.string(),
    /** Model of the processor; `unknown` in a browser. */
    processor: v.string(),
    processors: count,
    /** Of Node and packages, or the browser's own name for itself. */
    versions: v.record(v.string(), v.string()),
  }),
  /** Which clock timed kernels, and why. */
  clock: v.object({ source: v.picklist(['timestamp', 'wall']), reason: v.string() }),
  peaks: v.array(kernelSchema),
  overheads: v.array(overheadSchema),
  kernels: v.array(kernelSchema),
  steps: v.array(stepSchema),
  firstSteps: v.array(firstStepSchema),
  /** Cases that gave a wrong result or could not run, so they were not timed. */
  failures: v.array(v.object({ name: v.string(), message: v.string() })),
});

export type Result = v.InferOutput<typeof resultSchema>;
export type KernelRow = v.InferOutput<typeof kernelSchema>;
export type StepRow = v.InferOutput<typeof stepSchema>;
export type FirstStepRow = v.InferOutput<typeof firstStepSchema>;
export type OverheadRow = v.InferOutput<typeof overheadSchema>;
export type Platform = Result['platform'];

/** Reads a result file; `where` begins the message. @throws RangeError if it is none, or has another version */
export function parseResult(text: string, where: string): Result {
  const json = parseJson(text, where);
  const { format, schemaVersion } = Object(json);
  if (format !== 'gfsr-bench') {
    throw new RangeError(
      `${where}: format is ${format}, expected gfsr-bench: no benchmark result.`,
    );
  }
  if (schemaVersion !== SCHEMA_VERSION) {
    throw new RangeError(
      `${where}: schemaVersion is ${schemaVersion}, expected ${SCHEMA_VERSION}. Measure again with this version.`,
    );
  }
  const parsed = v.safeParse(resultSchema, json);
  if (parsed.success) return parsed.output;
  const [issue] = parsed.issues;
  throw new RangeError(
    `${where}: ${v.getDotPath(issue)} is ${issue.received}, expected ${issue.expected}. The file is damaged.`,
  );
}
