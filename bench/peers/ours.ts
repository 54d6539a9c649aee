// GFSR itself, as it is used: recorded once and replayed.

import type { Gpu } from '../../engine/core/gpu.ts';
import { conv2d, conv2dInputGrad, conv2dWeightGrad, matmul } from '../../engine/ops/index.ts';
import type { GuidedInputs } from '../../gfsr/train/step-inputs.ts';
import { LEARNING_RATE, RecordedStep } from '../steps.ts';
import type { KernelWork, Numbers, Runner, StepWork } from './work.ts';

const BATCH = 64;

export async function prepareKernel(
  gpu: Gpu,
  { kind, window, operands }: KernelWork,
): Promise<Runner> {
  const [a, b] = operands.map(({ values, shape }) => gpu.keep(gpu.tensor(values, shape)));
  const padding = (window - 1) / 2;
  const ops = {
    forward: () => conv2d(a, b, { padding }),
    'input grad': () => {
      const [n, , ...plane] = b.shape;
      return conv2dInputGrad(b, a, { padding, inputShape: [n, a.shape[1], ...plane] });
    },
    'weight grad': () =>
      conv2dWeightGrad(a, b, {
        padding,
        weightShape: [b.shape[1], a.shape[1], window, window],
      }),
    matmul: () => matmul(a, b),
  };
  const program = await gpu.capture(ops[kind]);
  return {
    run: () => program.run(),
    done: () => gpu.sync(),
    result: () => {
      program.run();
      return program.outputs.data();
    },
  };
}

/** The step of the benchmark, and the same as a work for the others, which must start from the same weights. */
export async function prepareStep(
  gpu: Gpu,
  map?: StepWork['map'],
): Promise<{ work: StepWork; runner: Runner }> {
  const variant = map ?? 'plain';
  const step = await RecordedStep.record(gpu, { variant, batch: BATCH });
  const { shape, weights } = step.classifier;
  const { images, labels, masks } = step.batch as GuidedInputs;
  const oneHot = new Float32Array(BATCH * shape.classes);
  labels.forEach((label, i) => {
    oneHot[i * shape.classes + label] = 1;
  });
  const side = masks && Math.sqrt(masks.length / BATCH);
  const parameters: Record<string, Numbers> = {};
  for (const [name, { shape }] of weights.parameters) {
    const values = (await weights.parameters.get(name)?.data()) as Float32Array;
    parameters[name] = { shape, values };
  }
  const work: StepWork = {
    kind: 'step',
    name: map ? `step, guided at ${map}` : 'step, plain',
    map,
    learningRate: LEARNING_RATE,
    weights: parameters,
    images: { shape: [BATCH, 1, shape.size, shape.size], values: images },
    labels: { shape: [BATCH, shape.classes], values: oneHot },
    ...(side ? { mask: { shape: [BATCH, side, side], values: masks } } : {}),
  };
  return {
    work,
    runner: {
      run: () => step.run(),
      done: () => gpu.sync(),
      result: async () => {
        step.run();
        return [await step.loss()];
      },
    },
  };
}
