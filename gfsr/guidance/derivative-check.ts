// Checks what a user's file defines, a relevance loss or any function, before anything is trained with it.

import { gradcheck } from '../../engine/autodiff/gradcheck.ts';
import type { Gpu } from '../../engine/core/gpu.ts';
import { Random } from '../../engine/core/random.ts';
import { sizeOf } from '../../engine/core/tensor.ts';
import { checkRelevanceLoss, type LossCheckReport, reportOf } from './loss-check.ts';
import { type CheckedFunction, guarded } from './loss-file.ts';
import type { RelevanceLoss } from './losses.ts';
import { callUserCode, withoutLostRejections } from './user-code.ts';

/** The limit of a call on the small inputs of a check. */
const CALL_SECONDS = 8;

/**
 * Compares every derivative with finite differences, to second order. Inputs are drawn from a fixed seed.
 *
 * @param path of its file, for errors
 * @throws UserCodeError if it never returns, or rejects a promise that nobody awaits
 */
export async function checkDerivatives(
  gpu: Gpu,
  path: string,
  checked: RelevanceLoss | CheckedFunction,
): Promise<LossCheckReport> {
  return withoutLostRejections(path, () =>
    'f' in checked
      ? checkFunction(gpu, path, checked)
      : checkRelevanceLoss(gpu, guarded(checked, CALL_SECONDS)),
  );
}

async function checkFunction(
  gpu: Gpu,
  path: string,
  { inputs, f }: CheckedFunction,
): Promise<LossCheckReport> {
  const random = new Random('gradcheck inputs');
  const tensors = Object.fromEntries(
    Object.entries(inputs).map(([name, shape]) => [
      name,
      gpu.tensor(
        Float32Array.from({ length: sizeOf(shape) }, () => random.normal()),
        shape,
      ),
    ]),
  );
  const report = await gradcheck(
    (given) => callUserCode(`f of ${path}`, CALL_SECONDS, () => f(given)),
    tensors,
  );
  return reportOf([report]);
}

/** How many derivatives of a loss were checked, and how many could not be. */
export type CheckedDerivatives = Pick<LossCheckReport, 'derivatives' | 'unchecked'>;

/**
 * Checks a loss before training.
 *
 * @param path of its file, for the error
 * @throws Error with everything that is wrong with it
 */
export async function requireRightLoss(
  gpu: Gpu,
  path: string,
  loss: RelevanceLoss,
): Promise<CheckedDerivatives> {
  const { problems, derivatives, unchecked } = await checkDerivatives(gpu, path, loss);
  if (problems.length > 0) throw new Error(`${path}: ${problems.join(' ')}`);
  return { derivatives, unchecked };
}
