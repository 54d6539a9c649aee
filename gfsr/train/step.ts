// One training step, recorded or eager: forward, cross-entropy, guided saliency, gradients, update.

import { AnomalyWatch } from '../../engine/autodiff/anomaly.ts';
import { grad } from '../../engine/autodiff/tape.ts';
import { Eager, type Repeatable } from '../../engine/core/eager.ts';
import type { Gpu } from '../../engine/core/gpu.ts';
import type { Program } from '../../engine/core/program.ts';
import { PART_ALIGN, type Shape, type Tensor } from '../../engine/core/tensor.ts';
import { add, concat, mean, mul, slice } from '../../engine/ops/index.ts';
import type { Classifier } from '../../model/classifier.ts';
import type { Mode } from '../../model/layers.ts';
import type { Optimizer } from '../../model/optimizer.ts';
import { decomposition, secondPass } from '../guidance/loss-context.ts';
import type { RelevanceLoss } from '../guidance/losses.ts';
import {
  keepsChannels,
  layerName,
  mapsFor,
  type SaliencyOptions,
  saliency,
} from '../guidance/saliency.ts';
import {
  type ClassificationLoss,
  classificationLoss,
  crossEntropyLoss,
} from './classification-loss.ts';

/** Read the losses of a step with so many later ones under way, so that the GPU never waits for the host. */
export const READ_BEHIND = 2;

/** How saliency is guided. The loss's own saliency options win over `saliency`. */
export interface Guidance {
  readonly loss: RelevanceLoss;
  readonly saliency: SaliencyOptions;
  /** How many images of a batch, its first ones, get the relevance loss. */
  readonly images: number;
}

export interface StepInputs {
  /** Normalised pixels [N, C, H, W]. */
  readonly images: Float32Array;
  /** [N]. */
  readonly labels: Uint32Array;
  /** `words` of a random stream, from which dropout draws. Default zeros. */
  readonly noise?: Uint32Array;
}

export interface GuidedInputs extends StepInputs {
  /** M of the guided images, in the resolution of `maskSize`. */
  readonly masks: Float32Array;
  /** ω of the guided images. */
  readonly weights: Float32Array;
  /** ±1 for each guided image and class; used by the target `random-signs`. */
  readonly signs: Float32Array;
  /** Saliency of the guided images before guidance, as large as `masks`; for a loss that needs it. */
  readonly initialSaliency?: Float32Array;
}

/** Means over the batch: cross-entropy (or the classification loss chosen in its place), and ω·relevance loss where the step is guided. */
export interface StepLosses {
  readonly crossEntropy: number;
  readonly relevance: number;
}

/** Options of the saliency that a loss is defined on. */
export const lossSaliency = ({ loss, saliency: chosen }: Guidance): SaliencyOptions => ({
  ...chosen,
  ...loss.saliency,
});

/** Shape of a guided image's mask: the feature map's height and width, or the image's. */
export function maskSize(
  gpu: Gpu,
  classifier: Classifier,
  options: SaliencyOptions,
): readonly [number, number] {
  const { channels, size } = classifier.shape;
  if (options.source !== 'cam') return [size, size];
  const [, , h, w] = gpu.trace(() => {
    const x = gpu.zeros([1, channels, size, size]);
    return classifier.forward(x, { training: false }).features[
      layerName(classifier, options.layer)
    ];
  }).shape;
  return [h, w];
}

const wholeShape = (x: Tensor): number[] => x.shape.map(() => 0);

/** The first `count` images of a batch, and the others. */
function split(x: Tensor, count: number): [Tensor, Tensor | undefined] {
  const [n, ...rest] = x.shape;
  if (count === n) return [x, undefined];
  const from = wholeShape(x);
  from[0] = count;
  return [slice(x, wholeShape(x), [count, ...rest]), slice(x, from, [n - count, ...rest])];
}

type Inputs = Readonly<Record<string, Tensor>>;

/** The tensors that a step is fed with; the guided ones only where there is guidance. */
function createInputs(
  gpu: Gpu,
  classifier: Classifier,
  batchSize: number,
  guidance: Guidance | undefined,
  { weights }: ClassificationLoss,
): Inputs {
  const { channels, size, classes } = classifier.shape;
  const zeros = (shape: Shape) => gpu.keep(gpu.zeros(shape));
  const labels = (n: number) => gpu.keep(gpu.tensor(new Uint32Array(n), [n], 'u32'));
  const plain = {
    images: zeros([batchSize, channels, size, size]),
    labels: labels(batchSize),
    noise: labels(4),
    ...(weights && { classWeights: gpu.keep(gpu.tensor(weights, [classes])) }),
  };
  if (!guidance) return plain;
  const options = lossSaliency(guidance);
  const n = guidance.images;
  const [h, w] = maskSize(gpu, classifier, options);
  return {
    ...plain,
    guidedLabels: labels(n),
    masks: zeros(keepsChannels(options) ? [n, 1, h, w] : [n, h, w]),
    weights: zeros([n]),
    signs: zeros([n, classes]),
    lambda: gpu.keep(gpu.tensor([1], [1])),
    ...(guidance.loss.initialSaliency && { initialSaliency: zeros([n, h, w]) }),
  };
}

function writeInputs(inputs: Inputs, batch: StepInputs | GuidedInputs): void {
  inputs.images.write(batch.images);
  inputs.labels.write(batch.labels);
  if (batch.noise) inputs.noise.write(batch.noise);
  if (!('masks' in batch)) return;
  inputs.guidedLabels.write(batch.labels.slice(0, inputs.guidedLabels.size));
  inputs.masks.write(batch.masks);
  inputs.weights.write(batch.weights);
  inputs.signs.write(batch.signs);
  if (batch.initialSaliency) inputs.initialSaliency?.write(batch.initialSaliency);
}

/** The losses of a batch as tensors: mean classification loss, and mean_i ω_i L_rel,i of the guided images. */
function lossTensors(
  classifier: Classifier,
  inputs: Inputs,
  guidance: Guidance | undefined,
  classLoss: ClassificationLoss,
  { training }: Mode,
): { crossEntropy: Tensor; relevance?: Tensor } {
  const [image, rest] = split(inputs.images, guidance?.images ?? inputs.images.shape[0]);
  const options = guidance && lossSaliency(guidance);
  if (options && options.source !== 'cam') image.requiresGrad = true;
  const features = options ? mapsFor(classifier, options) : [];
  const drawn = (site: number): Mode =>
    training ? { training, dropout: { state: inputs.noise, site } } : { training };
  const result = classifier.forward(image, { ...drawn(0), features });
  const others = rest && classifier.forward(rest, { ...drawn(1), features: [] }).logits;
  const logits = others ? concat([result.logits, others]) : result.logits;
  const crossEntropy = classificationLoss(logits, inputs.labels, classLoss, inputs.classWeights);
  if (!guidance || !options) return { crossEntropy };
  const { guidedLabels: labels, signs, masks: mask, weights, initialSaliency } = inputs;
  const context = { classifier, image, result, labels, signs, createGraph: true };
  let map: Tensor | undefined;
  const each = guidance.loss.loss({
    ...{ mask, logits: result.logits, labels, image, initialSaliency },
    // A loss that does not ask for it does not pay for it.
    get saliency() {
      map ??= saliency(context, options);
      return map;
    },
    forward: secondPass(classifier),
    decompose: decomposition(classifier),
  });
  return { crossEntropy, relevance: mean(mul(each, weights)) };
}

/** Elements from one loss to the next where they lie together. */
const APART = PART_ALIGN / 4;

/** Both losses in one tensor, so that one read brings them. */
function together(gpu: Gpu, { crossEntropy, relevance }: ReturnType<typeof lossTensors>): Tensor {
  if (!relevance) return crossEntropy;
  const both = gpu.empty([APART + 1]);
  gpu.copy(crossEntropy, gpu.part(both, 0, []));
  gpu.copy(relevance, gpu.part(both, APART, []));
  return both;
}

/** The losses just computed, copied out in order: a later run does not change them. */
async function readLosses(losses: Tensor): Promise<StepLosses> {
  const values = await losses.data();
  return { crossEntropy: values[0], relevance: values[APART] ?? 0 };
}

export interface StepOptions {
  /** Default false. */
  readonly detectAnomaly?: boolean;
  /** Default cross-entropy. */
  readonly classLoss?: ClassificationLoss;
  /** What else each step does, once the weights have changed. */
  readonly after?: () => void;
  /** Run every step op by op, and replay nothing: the same bits, more JavaScript, more memory. Default false. */
  readonly eager?: boolean;
}

/** What a recorded step launches, and the bytes of its intermediates: as planned, and if none shared memory. */
export type StepCost = Pick<Program, 'dispatches' | 'plannedBytes' | 'unsharedBytes'>;

/** A training step of one classifier, for one batch size. */
export class TrainingStep {
  /** Of a recorded step only. */
  readonly cost: StepCost | undefined;
  readonly #work: Repeatable<Tensor>;
  readonly #inputs: Inputs;
  readonly #watch: AnomalyWatch | undefined;

  private constructor(
    work: Program<Tensor> | Eager<Tensor>,
    inputs: Inputs,
    watch: AnomalyWatch | undefined,
  ) {
    if (!(work instanceof Eager)) {
      const { dispatches, plannedBytes, unsharedBytes } = work;
      this.cost = { dispatches, plannedBytes, unsharedBytes };
    }
    this.#work = work;
    this.#inputs = inputs;
    this.#watch = watch;
  }

  /**
   * Prepares the step: plain cross-entropy, or with `guidance` L = CE + λ·mean_i ω_i L_rel,i; `classLoss` takes the
   * place of CE. With `detectAnomaly`, `check` can tell where a value is not finite; a step then takes several times as long.
   */
  static async create(
    gpu: Gpu,
    classifier: Classifier,
    optimizer: Optimizer,
    batchSize: number,
    guidance?: Guidance,
    { detectAnomaly = false, classLoss = crossEntropyLoss, after, eager = false }: StepOptions = {},
  ): Promise<TrainingStep> {
    const inputs = createInputs(gpu, classifier, batchSize, guidance, classLoss);
    const named = [...Object.entries(inputs), ...classifier.weights.parameters];
    const watch = detectAnomaly
      ? new AnomalyWatch(gpu, new Map(named.map(([name, tensor]) => [tensor, name])))
      : undefined;
    const parameters = [...classifier.weights.parameters.values()];
    const body = () => {
      const losses = lossTensors(classifier, inputs, guidance, classLoss, { training: true });
      const { crossEntropy, relevance } = losses;
      const total = relevance ? add(crossEntropy, mul(relevance, inputs.lambda)) : crossEntropy;
      optimizer.step(grad(total, parameters));
      after?.();
      return together(gpu, losses);
    };
    const work = () => (watch ? watch.observe(body) : body());
    if (eager) await gpu.prepare(work);
    return new TrainingStep(eager ? new Eager(gpu, work) : await gpu.capture(work), inputs, watch);
  }

  /** @throws AnomalyError naming the op where a value of the step just run is not finite, if it is watched. */
  async check(): Promise<void> {
    await this.#watch?.check();
  }

  /** Runs one step. Call `optimizer.advance` before it. `timestampWrites` as in `Program.run`, for a recorded step. */
  run(batch: StepInputs | GuidedInputs, timestampWrites?: GPUComputePassTimestampWrites): void {
    writeInputs(this.#inputs, batch);
    this.#work.run(timestampWrites);
  }

  /** λ(t), the weight of the relevance loss in the steps that follow; 1 until it is set. */
  setLambda(lambda: number): void {
    this.#inputs.lambda?.write([lambda]);
  }

  /** The losses of the step just run. */
  losses(): Promise<StepLosses> {
    return readLosses(this.#work.outputs);
  }

  dispose(): void {
    this.#work.dispose();
    this.#watch?.dispose();
    for (const tensor of Object.values(this.#inputs)) tensor.dispose();
  }
}

/** The mean losses over batches of guided images, in evaluation mode: what balances λ before guidance starts. */
export async function measureLosses(
  gpu: Gpu,
  classifier: Classifier,
  guidance: Guidance,
  batches: Iterable<GuidedInputs>,
  classLoss: ClassificationLoss = crossEntropyLoss,
): Promise<StepLosses> {
  const inputs = createInputs(gpu, classifier, guidance.images, guidance, classLoss);
  const program = await gpu.capture(() =>
    together(gpu, lossTensors(classifier, inputs, guidance, classLoss, { training: false })),
  );
  let [crossEntropy, relevance, count] = [0, 0, 0];
  const take = (losses: StepLosses) => {
    crossEntropy += losses.crossEntropy;
    relevance += losses.relevance;
    count++;
  };
  const reads: Promise<StepLosses>[] = [];
  for (const batch of batches) {
    writeInputs(inputs, batch);
    const read = readLosses(program.run());
    read.catch(() => {}); // awaited below, but perhaps after another has failed
    reads.push(read);
    if (reads.length > READ_BEHIND) take(await (reads.shift() as Promise<StepLosses>));
  }
  for (const read of reads) take(await read);
  program.dispose();
  for (const tensor of Object.values(inputs)) tensor.dispose();
  return { crossEntropy: crossEntropy / count, relevance: relevance / count };
}
