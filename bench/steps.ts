// Whole training steps of one small net, plain and guided, recorded and replayed as the trainer does it.

import type { Gpu } from '../engine/core/gpu.ts';
import type { ProgramCost } from '../engine/core/memory-plan.ts';
import { Random } from '../engine/core/random.ts';
import { ReadBehind } from '../engine/core/read-behind.ts';
import { globalAvgPool, maxPool2d } from '../engine/ops/index.ts';
import { relevanceLossNamed } from '../gfsr/guidance/losses.ts';
import { TrainingStep } from '../gfsr/train/step.ts';
import {
  type Guidance,
  type GuidedInputs,
  lossSaliency,
  type StepInputs,
} from '../gfsr/train/step-inputs.ts';
import { type ClassifierConfig, createClassifier } from '../model/architectures.ts';
import type { Classifier } from '../model/classifier.ts';
import { addBiasRelu, channelBias, convLayer, linearLayer } from '../model/layers.ts';
import { createAdam } from '../model/optimizer.ts';
import { Weights } from '../model/weights.ts';
import type { Timestamps } from './stopwatch.ts';

/** conv(1–16) relu pool conv(16–32) relu pool conv(32–64) relu mean dense(2), 28². */
const NET = {
  architecture: 'small-cnn',
  channels: 1,
  classes: 2,
  size: 28,
  widths: [16, 32, 64],
  head: 'pooled',
  norm: 'none',
} as const satisfies ClassifierConfig;

export const LEARNING_RATE = 3e-3;
/** Steps after which the loss on the same batch must have fallen. */
const PROOF_STEPS = 6;

/** What a step trains on beside cross-entropy. */
export type Variant =
  | 'plain'
  | 'last map'
  | 'last conv input'
  | 'before the pool'
  | 'input gradient';

/** The feature map that Grad-CAM is taken at; `pool2` is one that the trainer's own net does not name. */
const LAYERS: Readonly<Partial<Record<Variant, string>>> = {
  'last map': 'conv3',
  'last conv input': 'pool2',
  'before the pool': 'conv2',
};

export const GRADCAM = { method: 'gradcam', sign: 'relu', target: 'label' } as const;

export interface StepCase {
  readonly name: string;
  readonly variant: Variant;
  readonly batch: number;
  readonly quick: boolean;
}

const stepCase = (variant: Variant, batch: number, quick: boolean): StepCase => ({
  name: `${variant === 'plain' ? 'plain' : `guided, ${variant}`}, batch ${batch}`,
  variant,
  batch,
  quick,
});

/** Each variant at batch 64, then the plain step from small to large batches. */
export const stepCases: readonly StepCase[] = [
  stepCase('plain', 64, true),
  stepCase('last map', 64, true),
  stepCase('last conv input', 64, true),
  stepCase('before the pool', 64, true),
  stepCase('input gradient', 64, true),
  ...[8, 16, 32, 128, 256].map((batch) => stepCase('plain', batch, batch === 8 || batch === 256)),
];

/** Milliseconds of some steps. */
export interface StepTime {
  /** From the first line of JavaScript to the end of the last step. */
  readonly wall: number;
  /** The part of it in which JavaScript submitted the steps. */
  readonly script: number;
  /** The part of it in which a pass ran, by the GPU's clock. */
  readonly gpu?: number;
}

/** A step that is ready to run repeatedly on one batch. */
export class RecordedStep {
  readonly cost: ProgramCost;
  readonly batch: StepInputs | GuidedInputs;
  readonly classifier: Classifier;
  readonly #step: TrainingStep;
  readonly #optimizer: ReturnType<typeof createAdam>;

  private constructor(
    step: TrainingStep,
    batch: StepInputs | GuidedInputs,
    classifier: Classifier,
    optimizer: ReturnType<typeof createAdam>,
  ) {
    this.#step = step;
    this.cost = step.cost as ProgramCost;
    this.batch = batch;
    this.classifier = classifier;
    this.#optimizer = optimizer;
  }

  static async record(
    gpu: Gpu,
    { variant, batch }: Pick<StepCase, 'variant' | 'batch'>,
  ): Promise<RecordedStep> {
    const { classifier, optimizer, guidance } = prepare(gpu, variant, batch);
    const step = await TrainingStep.create(gpu, classifier, optimizer, batch, guidance);
    return new RecordedStep(step, makeBatch(batch, guidance), classifier, optimizer);
  }

  /** Submits one step to the GPU, including its inputs. */
  run(): void {
    this.#step.run(this.batch);
  }

  /** CE + λ·relevance of the step just run. */
  async loss(): Promise<number> {
    const { crossEntropy, relevance } = await this.#step.losses();
    return crossEntropy + relevance;
  }

  /** Trains a few steps on the one batch. @throws Error unless the loss is a number and falls */
  async prove(): Promise<void> {
    this.run();
    const first = await this.loss();
    for (let t = 1; t < PROOF_STEPS; t++) this.run();
    const last = await this.loss();
    if (!(last < first)) {
      throw new Error(
        `the loss went from ${first} to ${last} in ${PROOF_STEPS} steps, expected a fall.`,
      );
    }
  }

  /** Times `steps` steps, the losses of each read while later ones run; with `timestamps`, at most 2,048. */
  async time(steps: number, timestamps?: Timestamps): Promise<StepTime> {
    const reads = new ReadBehind();
    let script = 0;
    const start = performance.now();
    for (let i = 0; i < steps; i++) {
      const before = performance.now();
      if (timestamps) timestamps.note(2 * i, 2 * i + 1, () => this.run());
      else this.run();
      const read = this.loss();
      script += performance.now() - before;
      await reads.add(read);
    }
    await reads.finish();
    const wall = performance.now() - start;
    if (!timestamps) return { wall, script };
    const notes = await timestamps.read(2 * steps);
    const gpu = notes.reduce((sum, note, i) => sum + (i % 2 === 0 ? -note : note), 0);
    return { wall, script, gpu };
  }

  dispose(): void {
    this.#step.dispose();
    this.#optimizer.dispose();
    this.classifier.weights.dispose();
  }
}

/** What one step launches and needs. Nothing is computed. */
export function sketchStep(gpu: Gpu, { variant, batch }: Pick<StepCase, 'variant' | 'batch'>) {
  const { classifier, optimizer, guidance } = prepare(gpu, variant, batch);
  const sketch = TrainingStep.sketch(gpu, classifier, optimizer, batch, guidance);
  for (const one of [optimizer, classifier.weights]) one.dispose();
  return sketch;
}

/** The most bytes that an eager step of a case holds at once, in addition to weights, state and inputs. */
export async function eagerBytes(
  gpu: Gpu,
  { variant, batch }: Pick<StepCase, 'variant' | 'batch'>,
): Promise<number> {
  const { classifier, optimizer, guidance } = prepare(gpu, variant, batch);
  const options = { eager: true };
  const step = await TrainingStep.create(gpu, classifier, optimizer, batch, guidance, options);
  const start = gpu.pool.usedBytes;
  gpu.pool.peakUsedBytes = start;
  step.run(makeBatch(batch, guidance));
  const most = gpu.pool.peakUsedBytes;
  for (const one of [step, optimizer, classifier.weights]) one.dispose();
  gpu.trim();
  return most - start;
}

/** A net, its optimiser, and what guides it. */
function prepare(gpu: Gpu, variant: Variant, batch: number) {
  const classifier =
    variant === 'last conv input' ? netWithPool2(gpu) : createClassifier(gpu, NET, 'bench');
  const optimizer = createAdam(gpu, classifier.weights.parameters, { lr: LEARNING_RATE });
  return { classifier, optimizer, guidance: guidanceOf(variant, batch) };
}

/** The variants whose first step is measured: those with the fewest and the most kernels to compile. */
export const firstStepVariants: readonly Variant[] = ['plain', 'before the pool', 'input gradient'];

/** From nothing to the losses of one step: weights, recording, compilation, one run, read-back. */
export async function firstStep(
  gpu: Gpu,
  variant: Variant,
): Promise<{ ms: number; pipelines: number }> {
  const before = gpu.stats.pipelines;
  const start = performance.now();
  const step = await RecordedStep.record(gpu, { variant, batch: 64 });
  step.run();
  await step.loss();
  const ms = performance.now() - start;
  step.dispose();
  return { ms, pipelines: gpu.stats.pipelines - before };
}

function guidanceOf(variant: Variant, images: number): Guidance | undefined {
  if (variant === 'plain') return undefined;
  if (variant === 'input gradient') {
    const saliency = { source: 'input-gradient', layer: 'last', ...GRADCAM } as const;
    return { loss: relevanceLossNamed('rrr'), saliency, images };
  }
  const saliency = { source: 'cam', layer: LAYERS[variant] as string, ...GRADCAM } as const;
  return { loss: relevanceLossNamed('gfsr'), saliency, images };
}

/** The same net with a name for the map after its second pooling. */
function netWithPool2(gpu: Gpu): Classifier {
  const weights = new Weights(gpu, 'bench');
  const widths = [NET.channels, ...NET.widths];
  const convs = NET.widths.map((outChannels, i) =>
    convLayer(weights, `conv${i + 1}`, {
      inChannels: widths[i],
      outChannels,
      kernelSize: 3,
      padding: 1,
      bias: false,
    }),
  );
  const biases = NET.widths.map((channels, i) =>
    channelBias(weights, `conv${i + 1}`, channels, widths[i] * 9),
  );
  const out = linearLayer(weights, 'fc', { inFeatures: 64, outFeatures: NET.classes });
  return {
    shape: NET,
    weights,
    layers: ['pool2'],
    forward(x, mode) {
      const pool1 = addBiasRelu(maxPool2d(convs[0](x, mode), { kernelSize: 2 }), biases[0]);
      const pool2 = addBiasRelu(maxPool2d(convs[1](pool1, mode), { kernelSize: 2 }), biases[1]);
      const conv3 = addBiasRelu(convs[2](pool2, mode), biases[2]);
      return { logits: out(globalAvgPool(conv3), mode), features: { pool2 } };
    },
  };
}

/** Noise with a bright square in the corner that is the class's; masks mark the middle. */
function makeBatch(images: number, guidance?: Guidance): StepInputs | GuidedInputs {
  const random = new Random('bench', 'batch');
  const { size, classes } = NET;
  const area = size * size;
  const pixels = random.fillUniform(new Float32Array(images * area), -0.5, 0.5);
  const labels = Uint32Array.from({ length: images }, (_, i) => i % classes);
  labels.forEach((label, image) => {
    const corner = label * (size - 8) * (size + 1);
    for (let i = 0; i < 64; i++) pixels[image * area + corner + (i >> 3) * size + (i & 7)] += 2;
  });
  if (!guidance) return { images: pixels, labels };
  const side =
    lossSaliency(guidance).source === 'input-gradient' ? size : sideOf(guidance.saliency.layer);
  const inside = (p: number) => Math.abs(p - (side - 1) / 2) < side / 4;
  return {
    images: pixels,
    labels,
    masks: Float32Array.from({ length: images * side * side }, (_, i) =>
      Number(inside(i % side) && inside(Math.floor(i / side) % side)),
    ),
    weights: new Float32Array(images).fill(1),
    signs: new Float32Array(images * classes).fill(1),
  };
}

/** Height and width of a named map. */
const sideOf = (layer: string): number => (layer === 'conv2' ? NET.size / 2 : NET.size / 4);
