// Adds the gradient of a side task to that of the main one so that the side task does no harm, in a few launches.
//
// Source: Yu et al., "Gradient Surgery for Multi-Task Learning" (PCGrad), NeurIPS 2020; here only the side task gives
// way.

import type { Gpu } from '../engine/core/gpu.ts';
import { gathered, layOut, type Run } from '../engine/core/layout.ts';
import type { Shape, Tensor } from '../engine/core/tensor.ts';
import { add, sum } from '../engine/ops/index.ts';
import { BLOCK, combineGradients, gradientProducts } from '../kernels/gradients.ts';

/** How two gradients become one. */
export interface GradientMixOptions {
  /**
   * Take off the gradient g of the side task what opposes that of the main one, h: g ← g − (g·h/‖h‖²)·h where g·h < 0,
   * with all parameters as one vector. A small step along −g then does not increase the main loss. Default false.
   */
  readonly conflictFree?: boolean;
  /** Largest ‖w·g‖/‖h‖: the weight w is reduced where it would be more. Default 0: no limit. */
  readonly maxNormRatio?: number;
}

/** Invocations that sum products: enough for any device, few enough that the second sum is short. */
const MOST_PARTS = 64 * BLOCK;

/** Parameters in one buffer, and how many elements of each block belong to one of them. */
interface Section extends Run {
  readonly counts: Tensor;
}

/** Combines two gradients of some parameters. Create it after their optimiser, which places them in memory. */
export class GradientMix {
  readonly #gpu: Gpu;
  readonly #sections: readonly Section[];
  readonly #options: GradientMixOptions;
  readonly #shapes: readonly Shape[];

  constructor(gpu: Gpu, parameters: readonly Tensor[], options: GradientMixOptions) {
    this.#gpu = gpu;
    this.#options = options;
    this.#shapes = parameters.map(({ shape }) => shape);
    this.#sections = layOut(gpu, parameters).map((run) => {
      const counts = new Uint32Array(Math.ceil(run.flat.size / BLOCK));
      for (const { index, offset } of run.members) {
        const { size } = parameters[index];
        for (let from = 0; from < size; from += BLOCK) {
          counts[(offset + from) / BLOCK] = Math.min(BLOCK, size - from);
        }
      }
      return { ...run, counts: gpu.keep(gpu.tensor(counts, [counts.length], 'u32')) };
    });
  }

  /**
   * h + w·g, with g and w changed as the options say.
   *
   * @param h gradients of the main loss, one per parameter, in their order
   * @param g those of the side task
   * @param weight [1]
   * @returns one per parameter, placed like the parameters, so that an optimiser uses them where they are
   */
  combine(h: readonly Tensor[], g: readonly Tensor[], weight: Tensor): Tensor[] {
    const gpu = this.#gpu;
    const { conflictFree = false, maxNormRatio = 0 } = this.#options;
    const pairs = this.#sections.map((section) => ({
      ...section,
      g: gathered(gpu, section, g),
      h: gathered(gpu, section, h),
    }));
    const products = pairs.map((pair) => this.#products(pair)).reduce(add);
    const combined: Tensor[] = [];
    for (const { g, h, flat, members } of pairs) {
      const y = gpu.empty(flat.shape);
      gpu.run(
        combineGradients,
        { g, h, products, factor: weight, y },
        { size: y.size, conflict_free: conflictFree ? 1 : 0, max_ratio: maxNormRatio },
      );
      for (const { index, offset } of members) {
        combined[index] = gpu.part(y, offset, this.#shapes[index]);
      }
    }
    return combined;
  }

  /** [g·g, h·h, g·h] over a section. */
  #products({ g, h, flat, counts }: Section & { readonly g: Tensor; readonly h: Tensor }): Tensor {
    const blocks = Math.ceil(counts.size / 8); // at least eight elements to an invocation, where there are as many
    const size = Math.min(MOST_PARTS, BLOCK * blocks);
    const parts = this.#gpu.empty([3, size]);
    this.#gpu.run(gradientProducts, { g, h, counts, y: parts }, { size, length: flat.size });
    return sum(parts, [1]);
  }

  /** Frees what belongs to it, but not the parameters. */
  dispose(): void {
    for (const { flat, counts } of this.#sections) {
      flat.dispose();
      counts.dispose();
    }
  }
}
