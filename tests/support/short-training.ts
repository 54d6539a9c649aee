// A guided training run of a small net, for tests of a whole step: memory, repeatability.

import { createHash } from 'node:crypto';
import type { Gpu } from '../../engine/index.ts';
import { parseConfig } from '../../gfsr/config/parse.ts';
import { relevanceLossNamed } from '../../gfsr/guidance/losses.ts';
import { TrainingStep } from '../../gfsr/train/step.ts';
import type { GuidedInputs } from '../../gfsr/train/step-inputs.ts';
import { type ClassifierConfig, createClassifier } from '../../model/architectures.ts';
import type { GradientMixOptions } from '../../model/gradient-mix.ts';
import { createAdam } from '../../model/optimizer.ts';

export const BATCH = 4;
export const SIZE = 8;
export const CNN = {
  architecture: 'small-cnn',
  channels: 1,
  classes: 2,
  size: SIZE,
  widths: [2, 3],
  hidden: 4,
  head: 'dense',
  norm: 'none',
} as const satisfies ClassifierConfig;

export const wave = (n: number, phase: number) =>
  Float32Array.from({ length: n }, (_, i) => Math.sin(i * 7.31 + phase));

const batch = (t: number, images = BATCH): GuidedInputs => ({
  images: wave(BATCH * SIZE * SIZE, t),
  labels: Uint32Array.from({ length: BATCH }, (_, i) => (i + t) % 2),
  masks: wave(images * SIZE * SIZE, t + 1).map(Math.abs),
  weights: new Float32Array(images).fill(1),
  signs: wave(images * 2, t + 2).map(Math.sign),
  initialSaliency: wave(images * SIZE * SIZE, t + 3).map(Math.abs),
});

export interface ShortTraining {
  /** Name of the relevance loss. Default `gfsr`. */
  readonly loss?: string;
  readonly steps: number;
  /** Default true. */
  readonly guided?: boolean;
  /** Default false. */
  readonly eager?: boolean;
  /** How the gradients of a guided step are combined. */
  readonly gradients?: GradientMixOptions;
  /** Of the initial weights. Default 0. */
  readonly seed?: number;
  readonly during?: (step: number) => Promise<void>;
}

/** Trains a fresh model, half of each batch guided if guidance is on; returns the last losses and all weights. */
export async function trainShortly(
  gpu: Gpu,
  { loss = 'gfsr', steps, guided = true, eager, gradients, seed = 0, during }: ShortTraining,
) {
  const classifier = createClassifier(gpu, CNN, seed);
  const optimizer = createAdam(gpu, classifier.weights.parameters, { lr: 1e-2 });
  const guidance = guided && {
    loss: relevanceLossNamed(loss),
    saliency: parseConfig({ saliency: { layer: 'conv1' } }).saliency,
    images: BATCH / 2,
    gradients,
  };
  const step = await TrainingStep.create(gpu, classifier, optimizer, BATCH, guidance || undefined, {
    eager,
  });
  for (let t = 0; t < steps; t++) {
    const { images, labels, ...rest } = batch(t, BATCH / 2);
    step.run(guided ? { images, labels, ...rest } : { images, labels });
    await during?.(t);
  }
  const losses = await step.losses();
  const weights = await classifier.weights.state();
  step.dispose();
  optimizer.dispose();
  classifier.weights.dispose();
  return { losses, weights };
}

/** SHA-256 over the bytes of all weights of such a run. */
export async function trainingHash(gpu: Gpu, options: ShortTraining): Promise<string> {
  const { weights } = await trainShortly(gpu, options);
  const hash = createHash('sha256');
  for (const [name, { data }] of weights) {
    hash.update(name).update(new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  }
  return hash.digest('hex');
}
