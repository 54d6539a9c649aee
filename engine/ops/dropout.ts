// Dropout whose mask depends only on a seed, a step and a position: the device draws it, and a replay draws a new one.

import { dropout as kernel } from '../../kernels/dropout.ts';
import { type ApplyOp, defineOp } from '../autodiff/registry.ts';
import { formatShape, type Tensor } from '../core/tensor.ts';

interface Dropout {
  readonly rate: number;
  readonly site: number;
}

const dropoutOp: ApplyOp<Dropout> = defineOp('dropout', {
  inputs: ['x', 'state'],
  dtypes: ['f32', 'u32'],
  shape: ([x, state], { rate, site }) => {
    if (!(rate >= 0 && rate < 1)) {
      throw new RangeError(`dropout: rate is ${rate}, expected a number in [0, 1).`);
    }
    if (!Number.isInteger(site) || site < 0 || site >= 2 ** 32) {
      throw new RangeError(`dropout: site is ${site}, expected a whole number from 0 to 2³² − 1.`);
    }
    if (state.size !== 4) {
      throw new RangeError(
        `dropout: state has shape ${formatShape(state.shape)}, expected [4]. Fill it from Random.words.`,
      );
    }
    return x.shape;
  },
  forward: (gpu, [x, state], { rate, site }, y) =>
    gpu.run(
      kernel,
      { x, state, y },
      { size: y.size, site, threshold: Math.floor(rate * 2 ** 32), scale: 1 / (1 - rate) },
    ),
  vjp: [({ dy, inputs: [, state], attrs }) => dropoutOp([dy, state], attrs), 'zero'],
});

/** Options of `dropout`. */
export interface DropoutOptions {
  /** The generator, u32 [4]: `new Random(seed, step).words`. Write it again before each step or replay. */
  readonly state: Tensor;
  /** Distinguishes the masks within one step: use another number for each dropout in a model. Default 0. */
  readonly site?: number;
}

/**
 * y = x/(1 − rate) where kept, x·0 elsewhere (Srivastava et al. 2014): element i is kept if word i of Philox4x32 with
 * key (state[0], state[1]) and counter (⌊i/4⌋, site, state[2], state[3]) is at least rate·2³². At site 0 these are the
 * words that successive calls of `new Random(seed, step).uint32()` return.
 *
 * The gradient draws the same mask again, so `state` must not change between y and its gradient.
 *
 * @param rate share of elements that are dropped, in [0, 1)
 * @throws RangeError for another rate, site or size of the state
 */
export function dropout(x: Tensor, rate: number, options: DropoutOptions): Tensor {
  if (!options?.state) {
    throw new TypeError(
      "dropout: state is missing. Give { state: gpu.tensor(new Random(seed, step).words, [4], 'u32') }.",
    );
  }
  const { state, site = 0 } = options;
  return dropoutOp([x, state], { rate, site });
}
