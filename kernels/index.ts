// Every kernel of the project, so that tests, the benchmark and the compile check can walk over all of them.

import { activationKernels } from './activations.ts';
import { findNonFinite } from './anomaly.ts';
import { contractions } from './contract.ts';
import { tiledContractions } from './contract-tiled.ts';
import { convRows } from './conv-rows.ts';
import { convRowsGrey } from './conv-rows-grey.ts';
import { convRowsShared } from './conv-rows-shared.ts';
import { copy } from './copy.ts';
import { dropout } from './dropout.ts';
import { binaryKernels, stridedCopy, stridedCopyRows, unaryKernels } from './elementwise.ts';
import * as gradients from './gradients.ts';
import * as indexing from './indexing.ts';
import type { Kernel } from './kernel.ts';
import * as norm from './norm.ts';
import * as optimizer from './optimizer.ts';
import { pack } from './pack.ts';
import * as pool from './pooling.ts';
import { maxPoolHalves } from './pooling-halves.ts';
import { reduceByWorkgroup, reduceKernels } from './reduce.ts';
import { relevanceKernels } from './relevance.ts';
import * as resize from './resize.ts';
import * as saliency from './saliency.ts';
import * as softmax from './softmax.ts';
import * as winograd from './winograd.ts';

export * from './kernel.ts';

/** All kernels. */
export const kernels: readonly Kernel[] = [
  ...Object.values(unaryKernels),
  ...Object.values(activationKernels),
  ...Object.values(binaryKernels).flatMap((family) => Object.values(family) as Kernel[]),
  stridedCopy,
  stridedCopyRows,
  copy,
  findNonFinite,
  ...Object.values(pack),
  ...[contractions, tiledContractions]
    .flatMap(Object.values<typeof tiledContractions.mixed>)
    .flatMap(({ f32, f16 }) => [f32, f16].flatMap(Object.values<Kernel>)),
  ...[...Object.values(convRows), ...Object.values(convRowsShared)].flatMap(Object.values<Kernel>),
  ...Object.values(convRowsGrey),
  dropout,
  ...Object.values(reduceKernels),
  ...Object.values(reduceByWorkgroup),
  gradients.gradientProducts,
  gradients.combineGradients,
  ...Object.values(maxPoolHalves).flatMap(Object.values<Kernel>),
  ...Object.values(relevanceKernels).flatMap(Object.values<Kernel>),
  ...[pool, norm, indexing, softmax, resize, saliency, optimizer, winograd].flatMap(
    (family) => Object.values(family) as Kernel[],
  ),
];
