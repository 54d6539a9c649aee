// Checks what a user's file defines, a relevance loss or any function, before anything is trained with it.

import { gradcheck } from '../../engine/autodiff/gradcheck.ts';
import type { Gpu } from '../../engine/core/gpu.ts';
import { Random } from '../../engine/core/random.ts';
import { sizeOf } from '../../engine/core/tensor.ts';
import { checkRelevanceLoss, type LossCheckReport } from './loss-check.ts';
import type { CheckedFunction } from './loss-file.ts';
import type { RelevanceLoss } from './losses.ts';

/** Compares every derivative with finite differences, to second order. Inputs are drawn from a fixed seed. */
export async function checkDerivatives(
  gpu: Gpu,
  checked: RelevanceLoss | CheckedFunction,
): Promise<LossCheckReport> {
  if (!('f' in checked)) return checkRelevanceLoss(gpu, checked);
  const random = new Random('gradcheck inputs');
  const tensors = Object.fromEntries(
    Object.entries(checked.inputs).map(([name, shape]) => [
      name,
      gpu.tensor(
        Float32Array.from({ length: sizeOf(shape) }, () => random.normal()),
        shape,
      ),
    ]),
  );
  const report = await gradcheck(checked.f, tensors);
  return { ...report, derivatives: report.derivatives.length };
}

/**
 * Checks a loss before training.
 *
 * @param path of its file, for the error
 * @returns the number of derivatives that were compared
 * @throws Error with everything that is wrong with it
 */
export async function requireRightLoss(
  gpu: Gpu,
  path: string,
  loss: RelevanceLoss,
): Promise<number> {
  const { problems, derivatives } = await checkRelevanceLoss(gpu, loss);
  if (problems.length > 0) throw new Error(`${path}: ${problems.join(' ')}`);
  return derivatives;
}
