// Saliency without a gradient: what a classifier must be like, and the filter that makes it from the last feature map.

import type { StateDict } from '../../../model/weights.ts';
import type { ModelFile } from '../model-file.ts';
import type { Step } from './network.ts';

/** S_c = sign(Σ_k w_ck A_k / hw) of every class c, at every position. */
export interface ClosedSaliency {
  /** Name of the value A, [N, K, side, side]. */
  readonly map: string;
  readonly side: number;
  /** w/hw, [classes, K, 1, 1]. */
  readonly filter: { shape: number[]; data: Float32Array };
  /** Negative evidence is dropped, or counted as evidence. */
  readonly sign: 'relu' | 'abs';
}

/**
 * The closed form of the saliency that the settings of a classifier describe. A linear head on the mean of a map A has
 * the gradient w_ck/hw at every position, so Grad-CAM and HiResCAM are the class activation map (Zhou et al. 2016).
 *
 * @param steps of its network
 * @throws RangeError saying why there is none
 */
export function closedSaliency(
  { architecture, config, weights }: Pick<ModelFile, 'architecture' | 'config' | 'weights'>,
  steps: readonly Step[],
): ClosedSaliency {
  const { source, layer, method, sign } = config.saliency;
  const refuse = (what: string): never => {
    throw new RangeError(
      `export: ${what} has no closed form, expected Grad-CAM or HiResCAM at the last feature map of a pooled, linear head. Leave out --saliency; gfsr predict writes the maps.`,
    );
  };
  if (source !== 'cam') refuse(`the saliency ${source}`);
  if (method === 'gradcam++') refuse(`the method ${method}`);
  const [mean, head] = steps.slice(-2);
  if (mean?.op !== 'mean' || head?.op !== 'linear') return refuse('a head with a hidden layer');
  const last = steps.findLast((step) => step.op === 'conv')?.weight ?? '';
  if (layer !== 'last' && !last.startsWith(`${layer}.`)) refuse(`the saliency at ${layer}`);
  const [map] = mean.from;
  const side = sideOf(map, architecture.size, steps, weights);
  const { shape, data } = tensorOf(weights, `${head.name}.weight`);
  const filter = { shape: [...shape, 1, 1], data: data.map((w) => w / side ** 2) };
  return { map, side, filter, sign: sign === 'abs' ? 'abs' : 'relu' };
}

/** Height and width of a value, for images of `size`. */
function sideOf(value: string, size: number, steps: readonly Step[], weights: StateDict): number {
  const sides = new Map([['x', size]]);
  for (const step of steps) {
    let side = sides.get(step.from[0]) as number;
    if (step.op === 'conv' || step.op === 'max_pool') {
      const kernel = step.op === 'conv' ? tensorOf(weights, step.weight).shape[2] : step.kernel;
      side = Math.floor((side + 2 * step.padding - kernel) / step.stride) + 1;
    }
    sides.set(step.to, step.op === 'pool' ? 1 : side);
  }
  return sides.get(value) as number;
}

function tensorOf(weights: StateDict, name: string) {
  const tensor = weights.get(name);
  if (!tensor) throw new RangeError(`export: the weights have no ${name}. The file is damaged.`);
  return tensor;
}
