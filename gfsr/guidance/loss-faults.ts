// Finds what is wrong with the result of a relevance loss: its kind and shape, whether it repeats, and edge cases.

import { dependsOn, grad } from '../../engine/autodiff/grad.ts';
import type { Gpu } from '../../engine/core/gpu.ts';
import { formatShape, sameShape, Tensor } from '../../engine/core/tensor.ts';
import { sum } from '../../engine/ops/index.ts';
import { edgeCases } from './check-inputs.ts';
import type { RelevanceLoss, RelevanceLossInputs } from './losses.ts';
import { describeThrown, UserCodeError } from './user-code-error.ts';

/** The problem of the result itself, if there is one. Nothing more can be checked then. */
export async function contractFault(
  gpu: Gpu,
  loss: RelevanceLoss,
  inputs: RelevanceLossInputs,
): Promise<string | undefined> {
  const { name } = loss;
  const values: Float32Array[] = [];
  for (let time = 0; time < 2; time++) {
    const draws = countDraws();
    let y: unknown;
    try {
      gpu.scope(() => {
        y = loss.loss(inputs);
        return y instanceof Tensor ? y : [];
      });
    } catch (error) {
      return error instanceof UserCodeError
        ? error.message
        : `${name} throws: ${describeThrown(error)}`;
    } finally {
      draws.stop();
    }
    const fault = resultFault(name, y, inputs.labels.size);
    if (fault) return fault;
    if (draws.count > 0) {
      return `${name} calls Math.random: it is recorded once, so every step would use the same numbers, and no run could be repeated.`;
    }
    const tensor = y as Tensor;
    values.push(await tensor.data());
    if (tensor !== inputs.saliency) tensor.dispose();
  }
  const [first, second] = values;
  const at = first.findIndex((value, i) => !Object.is(value, second[i]));
  if (at === -1) return undefined;
  return `${name} is ${first[at]}, and ${second[at]} when evaluated again on the same inputs. Does it count its calls, keep state between them, or read the clock? A loss may only use its inputs and constants.`;
}

function resultFault(name: string, y: unknown, images: number): string | undefined {
  const expected = 'expected a tensor of shape [N]';
  if (typeof y === 'number') {
    return `${name} returns the number ${y}, ${expected}. Combine tensors with functions: mul(a, b), not a * b.`;
  }
  if (typeof (y as PromiseLike<unknown> | undefined)?.then === 'function') {
    (y as Promise<unknown>).catch?.(() => {}); // the promise itself is the first mistake
    return `${name} returns a promise, ${expected}: a loss cannot wait. Remove async.`;
  }
  if (!(y instanceof Tensor)) {
    return `${name} returns ${y === null ? 'null' : typeof y}, ${expected}. Does it come from another copy of gfsr?`;
  }
  if (!sameShape(y.shape, [images])) {
    return `${name} returns shape ${formatShape(y.shape)} for ${images} images, expected [${images}]: one loss per image. Sum or average over the map's axes.`;
  }
  return undefined;
}

/** Counts the calls of Math.random until `stop`. */
function countDraws(): { readonly count: number; readonly stop: () => void } {
  const { random } = Math;
  const draws = {
    count: 0,
    stop: () => {
      Math.random = random;
    },
  };
  Math.random = () => {
    draws.count++;
    return random();
  };
  return draws;
}

/** Losses and gradients that are not finite for inputs that occur in real batches, one sentence each. */
export async function edgeFaults(
  gpu: Gpu,
  loss: RelevanceLoss,
  inputs: RelevanceLossInputs,
): Promise<string[]> {
  const faults: string[] = [];
  for (const [what, each] of edgeCases(gpu, inputs)) {
    each.saliency.requiresGrad = true;
    const results = gpu.scope(() => {
      const y = loss.loss(each);
      const flows = dependsOn(y, each.saliency);
      return { y, ...(flows && { dy: grad(sum(y), [each.saliency])[0] }) };
    });
    const [y, dy] = await Promise.all([results.y.data(), results.dy?.data()]);
    each.saliency.requiresGrad = false;
    const bad = [y, dy].map((values) => values?.find((value) => !Number.isFinite(value)));
    if (bad[0] !== undefined) {
      faults.push(
        `${loss.name} is ${bad[0]} for ${what}. Does it divide by a sum without adding an eps?`,
      );
    } else if (bad[1] !== undefined) {
      faults.push(
        `${loss.name} has a gradient of ${bad[1]} for ${what}. A square root has no gradient at 0: use norm, std or cosineSimilarity of gfsr/engine, or add an eps under it.`,
      );
    }
    for (const name of ['saliency', 'mask'] as const) {
      if (each[name] !== inputs[name]) each[name].dispose();
    }
  }
  return faults;
}
