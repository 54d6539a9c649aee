// The kernels of merged launches: those that whole training steps give a GPU, each a shader of its own.

import { mergeArgs, mergeKernels } from '../../kernels/merge.ts';
import type { Launch } from '../../tests/support/launches.ts';
import { AsOnGpu } from '../launches.ts';
import { sketchResNet, sketchStep, stepCases } from '../steps.ts';

const BATCH = 64;
const RESNET_BATCH = 32;

/** Of every step of the benchmark's small net at batch 64, and of a guided step of a ResNet-18. Nothing is computed. */
export function mergedLaunches(device: GPUDevice): Omit<Launch, 'sizes'>[] {
  const gpu = new AsOnGpu(device, { mergeLaunches: true });
  const sketches = [
    ...stepCases.filter(({ batch }) => batch === BATCH).map((step) => sketchStep(gpu, step)),
    sketchResNet(gpu, RESNET_BATCH),
  ];
  gpu.trim();
  const groups = sketches.flatMap(({ launches }) => launches).filter(({ length }) => length > 1);
  return groups.map((parts) => ({
    kernel: mergeKernels(parts.map(({ kernel }) => kernel)),
    args: mergeArgs(parts),
  }));
}
