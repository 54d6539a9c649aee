// The record of a finished trial: its settings, every figure, and the saliency of a few test images.

import * as v from 'valibot';
import { valueHash } from '../files/content-hash.ts';
import { adapterSchema } from '../machine/adapter-schema.ts';
import { MASK_CONTROLS } from '../masks/mask-controls.ts';
import { parseJson, toJson } from '../text/json.ts';
import { cut } from '../text/visible.ts';

const number = v.number();
const numberOrNothing = v.pipe(
  v.nullable(number),
  v.transform((value) => value ?? Number.NaN),
);

const examplesSchema = v.object({
  /** Of test images. */
  indices: v.array(number),
  height: number,
  width: number,
  /** Base64 of [indices, height, width] bytes: 255 = the largest saliency of that image. */
  maps: v.string(),
  predicted: v.array(number),
  /** Of the predicted class. */
  probabilities: v.array(number),
});

const side = v.pipe(number, v.integer(), v.minValue(1));
/** [height, width]. */
const size = v.tuple([side, side]);

const recordSchema = v.object({
  format: v.literal('gfsr-trial'),
  version: v.literal(2),
  key: v.string(),
  label: v.string(),
  seed: number,
  control: v.picklist(MASK_CONTROLS),
  settings: v.record(v.string(), v.unknown()),
  dataset: v.object({
    name: v.string(),
    sha256: v.string(),
    /** Images of each split, where the seed draws the splits. */
    drawn: v.optional(v.object({ train: number, val: number, test: number })),
  }),
  adapter: v.string(),
  /** What WebGPU says about the adapter; absent in records of earlier versions. */
  adapterInfo: v.optional(
    v.pick(adapterSchema, ['vendor', 'architecture', 'device', 'description', 'backend']),
  ),
  isSoftware: v.boolean(),
  gfsr: v.string(),
  /** Commit of the sources; absent for an installed package. */
  commit: v.optional(v.string()),
  /** `codeVersion` of what trained and measured. */
  code: v.string(),
  finished: v.string(),
  /** Training, evaluation and, if this trial made them, masks and warm start. */
  seconds: number,
  /** Number of images whose annotations or real masks guided it. */
  annotated: number,
  /** ΣCE/ΣL_rel before guidance started; null if nothing was guided. */
  lossBalance: v.nullable(number),
  /** The epoch whose weights were measured, from 0; absent where training diverged. */
  epoch: v.optional(number),
  /** By "<split or condition> <metric>"; NaN (null in the file) if it is not defined. */
  figures: v.record(v.string(), numberOrNothing),
  /** Sizes of the saliency and of the images to which it is upsampled; absent where training diverged. */
  resolution: v.optional(v.object({ mapSize: size, imageSize: size })),
  /** Why there are no figures: training diverged. */
  failed: v.optional(v.string()),
  examples: v.optional(examplesSchema),
});

export type TrialRecord = v.InferOutput<typeof recordSchema>;
export type TrialExamples = v.InferOutput<typeof examplesSchema>;

/** The record as a file, with a checksum of all that it says. */
export const formatTrialRecord = (record: TrialRecord): string =>
  toJson({ ...record, checksum: valueHash(record) });

/** @throws RangeError naming `where` if the text is no undamaged record of the trial `key` */
export function parseTrialRecord(text: string, key: string, where: string): TrialRecord {
  const { checksum, ...content } = Object(parseJson(text, where));
  const result = v.safeParse(recordSchema, content);
  if (!result.success) {
    const [issue] = result.issues;
    throw new RangeError(
      `${where}: ${v.getDotPath(issue) ?? 'content'} is ${cut(issue.received, 120)}, expected ${issue.expected}. Delete the file to run this trial again.`,
    );
  }
  if (result.output.key !== key) {
    throw new RangeError(
      `${where}: holds trial ${cut(result.output.key, 120)}, expected ${key}. Delete the file.`,
    );
  }
  if (checksum !== valueHash(content)) {
    throw new RangeError(
      `${where}: its content does not have the checksum that was written with it. It was damaged or edited: delete it to run this trial again.`,
    );
  }
  return result.output;
}
