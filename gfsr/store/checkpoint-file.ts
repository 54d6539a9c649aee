// Checkpoints and masks as files: tensors as they are, everything else in the header, all of it exact.

import * as v from 'valibot';
import type { WritableTensor } from '../../model/safetensors.ts';
import type { Checkpoint } from '../train/checkpoint.ts';
import type { DatedSupervision } from '../train/supervision.ts';
import {
  anyNumber,
  decodeTensorFile,
  encodeTensorFile,
  tensorFileParts,
  wholeNumber,
} from './tensor-file.ts';

const CHECKPOINT = 'gfsr-checkpoint-1';
/** The name of the file kind is older than the current name of its content. */
const SUPERVISION = 'gfsr-plan-1';

const checkpointSchema = v.object({
  step: wholeNumber,
  history: v.array(
    v.object({
      epoch: wholeNumber,
      crossEntropy: anyNumber,
      relevance: anyNumber,
      lambda: anyNumber,
      lr: anyNumber,
      valAccuracy: anyNumber,
      valAuc: anyNumber,
      valLoss: anyNumber,
      valAlignment: v.optional(anyNumber),
      note: v.optional(v.string()),
      seconds: anyNumber,
    }),
  ),
  partial: v.object({
    crossEntropy: anyNumber,
    relevance: anyNumber,
    guided: wholeNumber,
    steps: wholeNumber,
    seconds: anyNumber,
  }),
});

const supervisionFields = v.object({
  lossBalance: anyNumber,
  step: wholeNumber,
  annotated: wholeNumber,
  segments: wholeNumber,
  meanRelevance: anyNumber,
  quality: v.optional(
    v.object({
      images: wholeNumber,
      folds: wholeNumber,
      spread: v.object({ auc: anyNumber, brier: anyNumber }),
      mean: v.object({ auc: anyNumber, brier: anyNumber }),
      isMeanTaken: v.boolean(),
    }),
  ),
  /** Older runs have none, because they did not store it. */
  concepts: v.optional(
    v.array(
      v.object({
        segments: wholeNumber,
        relevance: v.array(anyNumber),
        confidence: v.array(anyNumber),
        examples: v.array(
          v.object({ image: wholeNumber, segment: wholeNumber, distance: anyNumber }),
        ),
      }),
    ),
  ),
});

/** `rate` is the older name of the balance. */
const supervisionSchema = v.pipe(
  v.looseObject({}),
  v.transform(({ rate, ...rest }: Record<string, unknown>) => ({ lossBalance: rate, ...rest })),
  supervisionFields,
);

/** @param owner the run and the part of it that the checkpoint belongs to */
export function encodeCheckpoint({ tensors, ...value }: Checkpoint, owner?: string): Uint8Array {
  return encodeTensorFile(CHECKPOINT, { tensors, value, owner });
}

/** @throws RangeError naming `where` for a damaged file, or one of another owner */
export function decodeCheckpoint(bytes: Uint8Array, where: string, owner?: string): Checkpoint {
  const { tensors, value } = decodeTensorFile(CHECKPOINT, bytes, checkpointSchema, where, owner);
  return { tensors, ...value };
}

/**
 * In parts, since masks need not be in memory: tensors `masks` [N, height, width], `weights` [N] and, if present,
 * `initialSaliency` [N, height, width].
 */
export function supervisionParts(
  supervision: DatedSupervision,
  owner?: string,
): Generator<Uint8Array> {
  const { masks: all, lossBalance, initialSaliency, step } = supervision;
  const { masks, weights, height, width, ...counts } = all;
  const shape = [weights.length, height, width];
  const tensors = new Map<string, WritableTensor>([
    ['masks', { shape, data: masks }],
    ['weights', { shape: [weights.length], data: weights }],
  ]);
  if (initialSaliency) tensors.set('initialSaliency', { shape, data: initialSaliency });
  return tensorFileParts(SUPERVISION, {
    ...{ tensors, owner },
    value: { lossBalance, step, ...counts },
  });
}

/** @throws RangeError naming `where` for a damaged file, or one of another owner */
export function decodeSupervision(
  bytes: Uint8Array,
  where: string,
  owner?: string,
): DatedSupervision {
  const { tensors, value } = decodeTensorFile(SUPERVISION, bytes, supervisionSchema, where, owner);
  const [masks, weights] = [tensors.get('masks'), tensors.get('weights')];
  if (masks?.shape.length !== 3 || masks.shape[0] !== weights?.data.length) {
    throw new RangeError(`${where}: expected tensors masks [N, h, w] and weights [N].`);
  }
  // Older files call it `reference`.
  const initialSaliency = tensors.get('initialSaliency') ?? tensors.get('reference');
  const [, height, width] = masks.shape;
  const { lossBalance, step, ...counts } = value;
  return {
    masks: { masks: masks.data, weights: weights.data, height, width, ...counts },
    lossBalance,
    ...(initialSaliency && { initialSaliency: initialSaliency.data }),
    step,
  };
}
