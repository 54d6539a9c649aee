// The algorithms for a convolution and its gradients, and which one is used without a measurement.

import { SUBGROUP } from '../../../kernels/contract.ts';
import type { Tensor, TensorDevice } from '../../core/tensor.ts';
import { type Choice, runChosen } from '../../tuning/strategy.ts';
import * as pointwise from './conv1x1.ts';
import * as direct from './direct.ts';
import { type Conv2d, sizes } from './geometry.ts';
import * as rows from './rows.ts';
import * as winograd from './winograd.ts';

type Run = (gpu: TensorDevice, a: Tensor, b: Tensor, attrs: Conv2d, y: Tensor) => void;

const strategy = (
  name: string,
  run: Run,
  fits?: (gpu: TensorDevice, attrs: Conv2d) => boolean,
) => ({
  name,
  ...(fits ? { fits } : {}),
  run: (gpu: TensorDevice, [a, b]: readonly Tensor[], attrs: Conv2d, y: Tensor) =>
    run(gpu, a, b, attrs, y),
});

const hasSubgroups = (gpu: TensorDevice) => gpu.subgroupSize === SUBGROUP;

const isSoftware = (gpu: TensorDevice) => gpu.isSoftware;

const isPointwise = (_: TensorDevice, attrs: Conv2d) => pointwise.isPointwise(attrs);

/** With fewer channels, vectors of four would be half empty. */
const isNarrow = ({ c, o }: { readonly c: number; readonly o: number }) => Math.min(c, o) <= 2;

/**
 * Number of channels from which the transforms cost less than the products they save, measured on a software adapter.
 */
const isWide = ({ c, o }: { readonly c: number; readonly o: number }) => Math.min(c, o) >= 128;

function usual(gpu: TensorDevice, attrs: Conv2d): string {
  if (pointwise.isPointwise(attrs) && !isNarrow(sizes(attrs))) return 'pointwise';
  if (isNarrow(sizes(attrs))) {
    if (!gpu.isSoftware) return 'rows by workgroups';
    return hasSubgroups(gpu) ? 'rows by subgroups' : 'rows';
  }
  return gpu.isSoftware && isWide(sizes(attrs)) && winograd.fits(gpu, attrs)
    ? 'winograd'
    : 'direct';
}

/** Three or four channels make one vector, of which a GPU has more when it shares the weights instead. */
const usualSliding = (gpu: TensorDevice, attrs: Conv2d): string =>
  !gpu.isSoftware && sizes(attrs).c <= 4 ? 'rows by workgroups' : usual(gpu, attrs);

const forwardChoice: Choice<Conv2d> = {
  name: 'conv2d',
  strategies: [
    strategy('direct', direct.forward),
    strategy('rows', rows.forward('own')),
    strategy('rows by subgroups', rows.forward('subgroup'), hasSubgroups),
    strategy('rows by workgroups', rows.forward('shared')),
    strategy('pointwise', pointwise.forward, isPointwise),
    strategy('winograd', winograd.forward, winograd.fits),
  ],
  usual: usualSliding,
};

const inputGradChoice: Choice<Conv2d> = {
  name: 'conv2dInputGrad',
  strategies: [
    strategy('direct', direct.inputGrad),
    strategy('rows', rows.inputGrad('own')),
    strategy('rows by subgroups', rows.inputGrad('subgroup'), hasSubgroups),
    strategy('rows by workgroups', rows.inputGrad('shared')),
    strategy('pointwise', pointwise.inputGrad, isPointwise),
    strategy('winograd', winograd.inputGrad, winograd.fits),
  ],
  usual: usualSliding,
};

const weightGradChoice: Choice<Conv2d> = {
  name: 'conv2dWeightGrad',
  strategies: [
    strategy('direct', direct.weightGrad),
    strategy('rows', rows.weightGrad('own'), isSoftware),
    strategy('rows by workgroups', rows.weightGrad('shared')),
  ],
  usual: (gpu, attrs) => {
    if (!isNarrow(sizes(attrs))) return 'direct';
    return gpu.isSoftware ? 'rows' : 'rows by workgroups';
  },
};

export const algorithms: readonly string[] = forwardChoice.strategies.map(({ name }) => name);

export const forward: Run = (gpu, x, w, attrs, y) =>
  runChosen(gpu, forwardChoice, [x, w], attrs, y);

export const inputGrad: Run = (gpu, dy, w, attrs, dx) =>
  runChosen(gpu, inputGradChoice, [dy, w], attrs, dx);

export const weightGrad: Run = (gpu, x, dy, attrs, dw) =>
  runChosen(gpu, weightGradChoice, [x, dy], attrs, dw);
