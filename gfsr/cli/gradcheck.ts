// `gfsr gradcheck`: checks a user's relevance loss or function, and says in words what is wrong with its gradients.

import { gradcheck } from '../../engine/autodiff/gradcheck.ts';
import type { Gpu } from '../../engine/core/gpu.ts';
import { Random } from '../../engine/core/random.ts';
import { sizeOf } from '../../engine/core/tensor.ts';
import { checkRelevanceLoss } from '../guidance/loss-check.ts';
import { type CheckedFunction, loadChecked } from '../guidance/loss-file.ts';
import { withGpu } from './device.ts';
import type { Output } from './output.ts';

/** @returns 0 if every gradient is right, else 1 */
export async function gradcheckCommand(path: string, out: Output): Promise<number> {
  const checked = await loadChecked(path);
  const { problems, notes, derivatives } = await withGpu((gpu) =>
    'f' in checked ? checkFunction(gpu, checked) : checkRelevanceLoss(gpu, checked),
  );
  for (const note of notes) out.result(`note     ${note}`);
  for (const problem of problems) out.result(`WRONG    ${problem}`);
  const name = 'f' in checked ? path : checked.name;
  out.result(
    problems.length === 0
      ? `${name}: ${derivatives} derivatives agree with differences, to second order.`
      : `${name}: ${problems.length === 1 ? 'one thing is' : `${problems.length} things are`} wrong.`,
  );
  return problems.length === 0 ? 0 : 1;
}

async function checkFunction(gpu: Gpu, { inputs, f }: CheckedFunction) {
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
  const report = await gradcheck(f, tensors);
  return { ...report, derivatives: report.derivatives.length };
}
