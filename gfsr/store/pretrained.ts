// Pretrained weights from the bytes of a safetensors file: one of torchvision's, converted, or one that a run left.

import { decodeSafetensors } from '../../model/safetensors.ts';
import type { Pretrained } from '../train/classifier.ts';
import { decodeModel, isModelFile } from './model-file.ts';

/**
 * Weights and, from the metadata `mean` and `std` (JSON arrays, per channel, for pixels in [0, 1]), their
 * normalisation.
 *
 * @param where name of the file in errors, such as its path
 * @throws RangeError if it is damaged, or says a normalisation that is none
 */
export function decodePretrained(bytes: Uint8Array, where = 'decodePretrained'): Pretrained {
  try {
    const { tensors, metadata } = decodeSafetensors(bytes);
    if (isModelFile(metadata)) {
      const { weights, stats } = decodeModel(bytes, where);
      return { tensors: weights, stats };
    }
    const { mean, std } = metadata;
    if (mean === undefined && std === undefined) return { tensors };
    const stats = { mean: numbers('mean', mean), std: numbers('std', std) };
    if (stats.mean.length !== stats.std.length || stats.std.some((value) => value <= 0)) {
      throw new RangeError(
        `metadata mean is ${mean} and std ${std}, expected as many of both, and deviations above 0.`,
      );
    }
    return { tensors, stats };
  } catch (error) {
    const { message } = error as Error;
    throw new RangeError(message.startsWith(where) ? message : `${where}: ${message}`);
  }
}

function numbers(name: string, text: string | undefined): Float32Array {
  let list: unknown;
  try {
    list = JSON.parse(text ?? '');
  } catch {}
  if (Array.isArray(list) && list.length > 0 && list.every(Number.isFinite)) {
    return Float32Array.from(list);
  }
  throw new RangeError(`metadata ${name} is ${text}, expected a JSON array of numbers.`);
}
