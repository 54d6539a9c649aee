// A trial as a job of the queue: all that a worker on another machine needs, and what it must agree with.

import * as v from 'valibot';
import { parse } from '../compare/comparison-file.ts';
import { originSchema } from '../compare/origin.ts';

/** The kinds of adapters on which a trial may run. */
export const ADAPTERS = ['hardware', 'software', 'any'] as const;
export type AdapterClass = (typeof ADAPTERS)[number];

const hex = v.pipe(v.string(), v.regex(/^[0-9a-f]{8,64}$/, 'hexadecimal digits'));
/** One file or folder below `data/`, so that no job reaches anything else. */
const copy = v.pipe(
  v.string(),
  v.regex(/^data\/[0-9a-f]{16}\/(?!\.{1,2}$)[^/\\\p{Cc}]+$/u, 'data/<hash>/<name>'),
);

const jobSchema = v.object({
  format: v.literal('gfsr-job'),
  version: v.literal(1),
  /** Of the trial; also the ID of the job, so that a trial is in the queue once. */
  key: hex,
  /** For people. */
  label: v.string(),
  seed: v.number(),
  /** `codeVersion` that made the key. */
  code: v.string(),
  gfsr: v.string(),
  adapter: v.picklist(ADAPTERS),
  data: v.object({
    /** As the comparison names it. */
    source: v.string(),
    /** Fingerprint of the images of this seed. */
    sha256: hex,
    /** Path of a copy in the store. */
    copy: v.optional(copy),
  }),
  origin: originSchema,
});

export type TrialJob = v.InferOutput<typeof jobSchema>;

/** @throws RangeError with the first place that is wrong */
export const parseJob = (data: unknown, id: string): TrialJob => {
  const job = parse(jobSchema, data, `queue: job ${id}`);
  if (job.key === id) return job;
  throw new RangeError(`queue: job ${id}: is about trial ${job.key}, expected ${id}.`);
};
