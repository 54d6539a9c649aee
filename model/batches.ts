// The order in which a seed visits samples, and the batches that this makes.

import { Random } from '../engine/core/random.ts';

/** 0 to count − 1 in the order of an epoch. The same seed gives the same order, whatever is trained. */
export function epochOrder(seed: number | string, epoch: number, count: number): Uint32Array {
  return new Random(seed, `batches/${epoch}`).permutation(count);
}

/** Options of `batches`. */
export interface BatchOptions {
  /** Samples per batch. Default 32. */
  readonly batchSize?: number;
  /** Default 0. */
  readonly seed?: number | string;
  /** Each epoch has its own order. Default 0. */
  readonly epoch?: number;
  /** If false, the samples keep their order. Default true. */
  readonly shuffle?: boolean;
  /** Leave out the last batch if it is not full. Default false. */
  readonly dropLast?: boolean;
}

/**
 * The samples of an epoch, batch by batch: `for (const indices of batches(1000, { epoch })) …`. Names as in PyTorch's
 * `DataLoader`.
 *
 * @param count number of samples
 * @returns indices, [batchSize] each, fewer in the last batch
 * @throws RangeError unless count and batchSize are whole and ≥ 1, or if dropLast leaves nothing
 */
export function* batches(
  count: number,
  { batchSize = 32, seed = 0, epoch = 0, shuffle = true, dropLast = false }: BatchOptions = {},
): Generator<Uint32Array> {
  for (const [name, value] of Object.entries({ count, batchSize })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`batches: ${name} is ${value}, expected a whole number ≥ 1.`);
    }
  }
  if (dropLast && count < batchSize) {
    throw new RangeError(
      `batches: ${count} samples do not fill a batch of ${batchSize}. Use a smaller batch, or dropLast: false.`,
    );
  }
  const order = shuffle
    ? epochOrder(seed, epoch, count)
    : Uint32Array.from({ length: count }, (_, i) => i);
  const end = dropLast ? count - (count % batchSize) : count;
  for (let at = 0; at < end; at += batchSize)
    yield order.subarray(at, Math.min(end, at + batchSize));
}
