// Checkpoints and masks as files: tensors as they are, everything else in the header, all of it exact.

import * as v from 'valibot';
import type { StateDict } from '../../model/weights.ts';
import type { Checkpoint } from '../train/trainer.ts';
import type { GuidancePlan } from '../train/training-batches.ts';
import { anyNumber, decodeTensorFile, encodeTensorFile, wholeNumber } from './tensor-file.ts';

type Plan = GuidancePlan & { readonly step: number };

const CHECKPOINT = 'gfsr-checkpoint-1';
const PLAN = 'gfsr-plan-1';

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

const planSchema = v.object({
  rate: anyNumber,
  step: wholeNumber,
  annotated: wholeNumber,
  segments: wholeNumber,
  meanRelevance: anyNumber,
  /** A run from before they were kept has none. */
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

export function encodeCheckpoint({ tensors, ...value }: Checkpoint): Uint8Array {
  return encodeTensorFile(CHECKPOINT, { tensors, value });
}

/** @throws RangeError naming `where` for a damaged file */
export function decodeCheckpoint(bytes: Uint8Array, where: string): Checkpoint {
  const { tensors, value } = decodeTensorFile(CHECKPOINT, bytes, checkpointSchema, where);
  return { tensors, ...value };
}

/** Tensors `masks` [N, height, width], `weights` [N] and, where there is one, `reference` [N, height, width]. */
export function encodePlan({ masks: plan, rate, reference, step }: Plan): Uint8Array {
  const { masks, weights, height, width, ...counts } = plan;
  const shape = [weights.length, height, width];
  const tensors: StateDict = new Map([
    ['masks', { shape, data: masks }],
    ['weights', { shape: [weights.length], data: weights }],
  ]);
  if (reference) tensors.set('reference', { shape, data: reference });
  return encodeTensorFile(PLAN, { tensors, value: { rate, step, ...counts } });
}

/** @throws RangeError naming `where` for a damaged file */
export function decodePlan(bytes: Uint8Array, where: string): Plan {
  const { tensors, value } = decodeTensorFile(PLAN, bytes, planSchema, where);
  const [masks, weights, reference] = ['masks', 'weights', 'reference'].map((name) =>
    tensors.get(name),
  );
  if (masks?.shape.length !== 3 || masks.shape[0] !== weights?.data.length) {
    throw new RangeError(`${where}: expected tensors masks [N, h, w] and weights [N].`);
  }
  const [, height, width] = masks.shape;
  const { rate, step, ...counts } = value;
  return {
    masks: { masks: masks.data, weights: weights.data, height, width, ...counts },
    rate,
    ...(reference && { reference: reference.data }),
    step,
  };
}
