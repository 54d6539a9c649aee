// The kernels of merged launches: those that whole training steps give a GPU, each a shader of its own.

import type { Gpu } from '../../engine/core/gpu.ts';
import { relevanceLossNamed } from '../../gfsr/guidance/losses.ts';
import { TrainingStep } from '../../gfsr/train/step.ts';
import { mergeArgs, mergeKernels } from '../../kernels/merge.ts';
import { createClassifier } from '../../model/architectures.ts';
import { createAdam } from '../../model/optimizer.ts';
import type { Launch } from '../../tests/support/launches.ts';
import { AsOnGpu } from '../launches.ts';
import { GRADCAM, LEARNING_RATE, sketchStep, stepCases } from '../steps.ts';

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

/** A ResNet-18 on images of 64 × 64, guided by Grad-CAM at its last map. */
function sketchResNet(gpu: Gpu, images: number) {
  const shape = { architecture: 'resnet18', channels: 3, classes: 2, size: 64 } as const;
  const classifier = createClassifier(gpu, shape, 'bench');
  const optimizer = createAdam(gpu, classifier.weights.parameters, { lr: LEARNING_RATE });
  const saliency = { source: 'cam', layer: 'last', ...GRADCAM } as const;
  const guidance = { loss: relevanceLossNamed('gfsr'), saliency, images };
  const sketch = TrainingStep.sketch(gpu, classifier, optimizer, images, guidance);
  for (const one of [optimizer, classifier.weights]) one.dispose();
  return sketch;
}
