// Plain training of a classifier, or of any function with parameters: batches, a recorded step, optimiser, schedule.

import { grad } from '../engine/autodiff/grad.ts';
import { noGrad } from '../engine/autodiff/tape.ts';
import { Eager, type Repeatable } from '../engine/core/eager.ts';
import type { Gpu } from '../engine/core/gpu.ts';
import { Random } from '../engine/core/random.ts';
import { ReadBehind } from '../engine/core/read-behind.ts';
import { type DType, sizeOf, type Tensor } from '../engine/core/tensor.ts';
import { equal, gather, max, mean, softmaxCrossEntropy } from '../engine/ops/index.ts';
import { type BatchOptions, batches } from './batches.ts';
import type { Classifier } from './classifier.ts';
import { createAdam, type Optimizer } from './optimizer.ts';
import type { Parameters } from './param-groups.ts';
import { pickSamples, type SampleArray, type Samples, sampleArray } from './samples.ts';
import { type Schedule, scheduleFactor } from './schedule.ts';

/** What `fit` trains besides classifiers: parameters, and a loss that is computed from them. */
export interface Trainable {
  readonly parameters: Parameters;
  /** Loss of a batch, of any shape; its mean is minimised. y is u32 if its samples are a Uint32Array, otherwise f32. */
  loss(x: Tensor, y: Tensor): Tensor;
}

/** Options of `fit`. */
export interface FitOptions extends Omit<BatchOptions, 'epoch'> {
  /** Number of passes over all samples. Default 10. */
  readonly epochs?: number;
  /** Largest learning rate. Default 1e-3. */
  readonly lr?: number;
  /** Default `createAdam`. */
  readonly optimizer?: (gpu: Gpu, parameters: Parameters) => Optimizer;
  /** Schedule of the learning rate over all steps. Default constant. */
  readonly schedule?: Schedule;
  /** Record the step once and replay it. Default true; false runs it op by op, with the same result. */
  readonly record?: boolean;
  /** Called after each epoch. Training ends if it returns false. */
  readonly onEpoch?: (epoch: FitEpoch) => unknown;
}

/** Names of the options, for an error that says which one is meant. */
const FIT_OPTIONS: Readonly<Record<keyof FitOptions, true>> = {
  epochs: true,
  lr: true,
  optimizer: true,
  schedule: true,
  record: true,
  onEpoch: true,
  batchSize: true,
  seed: true,
  shuffle: true,
  dropLast: true,
};

/** Means over the samples of one epoch, each with the model as it was when it saw the sample. */
export interface FitEpoch {
  /** From 0. */
  readonly epoch: number;
  readonly loss: number;
  /** Share of samples whose highest logit is that of their label; only for classifiers. */
  readonly accuracy?: number;
}

/** The results of a step: its mean loss, and for classifiers the share of hits. */
type Measured = Readonly<{ loss: Tensor; accuracy?: Tensor }>;

/**
 * Trains in place: softmax cross-entropy of a classifier, or the loss of a `Trainable`.
 *
 * @param x inputs [N, …]; for a classifier [N, channels, size, size], normalised
 * @param y [N, …]; for a classifier labels [N]
 * @returns the record of each epoch
 * @throws RangeError if the samples do not fit the model or one another, or for an option that there is not; TypeError
 *   without a model or samples; Error if the loss is not finite
 */
export async function fit(
  model: Classifier | Trainable,
  samples: { readonly x: Samples; readonly y: Samples },
  options: FitOptions = {},
): Promise<FitEpoch[]> {
  checkCall(model, samples, options);
  const { x, y } = samples;
  const { epochs = 10, lr = 1e-3, schedule = 'constant', record = true, onEpoch } = options;
  const { batchSize = 32, seed = 0, dropLast = false } = options;
  const classifier = 'forward' in model ? model : undefined;
  const parameters = 'forward' in model ? model.weights.trained : model.parameters;
  const list: readonly Tensor[] = [...parameters.values()];
  const gpu = list[0]?.gpu as Gpu;
  const [inputs, targets] = [sampleArray('fit: x', x), sampleArray('fit: y', y)];
  if (inputs.count !== targets.count) {
    throw new RangeError(`fit: x has ${inputs.count} samples, y ${targets.count}, expected equal.`);
  }
  if (classifier) checkClasses(targets, classifier.shape.classes);
  const optimizer = (options.optimizer ?? createAdam)(gpu, parameters);
  const noise = gpu.keep(gpu.tensor(new Uint32Array(4), [4], 'u32'));
  const measure = 'forward' in model ? ofClassifier(model, noise) : ofTrainable(model);
  const isLabels = classifier !== undefined || targets.data instanceof Uint32Array;
  const steps = new Map<number, BatchStep>();
  const perEpoch = dropLast
    ? Math.floor(inputs.count / batchSize)
    : Math.ceil(inputs.count / batchSize);
  const history: FitEpoch[] = [];

  const body = (batch: Batch) => (): Measured => {
    const measured = measure(batch.x, batch.y);
    optimizer.step(grad(measured.loss, list));
    return measured;
  };
  const stepOf = async (size: number): Promise<BatchStep> => {
    let step = steps.get(size);
    if (!step) {
      const batch = createBatch(gpu, size, inputs, targets, isLabels ? 'u32' : 'f32');
      try {
        const work = record ? await gpu.capture(body(batch)) : new Eager(gpu, body(batch));
        step = { ...batch, work };
      } catch (error) {
        batch.x.dispose();
        batch.y.dispose();
        throw error;
      }
      steps.set(size, step);
    }
    return step;
  };

  try {
    for (let epoch = 0; epoch < epochs; epoch++) {
      const sums = { loss: 0, accuracy: 0, count: 0 };
      const reads = new ReadBehind();
      let batch = 0;
      for (const indices of batches(inputs.count, { ...options, epoch })) {
        const step = await stepOf(indices.length);
        const t = epoch * perEpoch + batch++;
        step.x.write(pickSamples(inputs, indices, step.xs));
        step.y.write(pickSamples(targets, indices, step.ys));
        if (classifier?.dropout) noise.write(new Random(seed, `dropout/${t}`).words);
        optimizer.lr = lr * scheduleFactor(schedule, t, perEpoch * epochs);
        const { loss, accuracy } = step.work.run();
        const read = gpu
          .readAll(accuracy ? [loss, accuracy] : [loss])
          .then(([[value], [share] = [0]]) => {
            if (!Number.isFinite(value)) {
              throw new Error(
                `fit: the loss is ${value} in epoch ${epoch}, batch ${t - epoch * perEpoch}. ` +
                  'Lower lr, or look for what is not finite with detectAnomaly.',
              );
            }
            sums.loss += value * indices.length;
            sums.accuracy += share * indices.length;
            sums.count += indices.length;
          });
        await reads.add(read);
      }
      await reads.finish();
      const loss = sums.loss / sums.count;
      const result = classifier
        ? { epoch, loss, accuracy: sums.accuracy / sums.count }
        : { epoch, loss };
      history.push(result);
      if ((await onEpoch?.(result)) === false) break;
    }
  } finally {
    for (const { x, y, work } of steps.values()) for (const one of [x, y, work]) one.dispose();
    noise.dispose();
    optimizer.dispose();
  }
  return history;
}

const ofTrainable =
  (model: Trainable) =>
  (x: Tensor, y: Tensor): Measured => ({ loss: mean(model.loss(x, y)) });

const ofClassifier =
  (classifier: Classifier, state: Tensor) =>
  (x: Tensor, labels: Tensor): Measured => {
    const dropout = classifier.dropout ? { dropout: { state } } : {};
    const { logits } = classifier.forward(x, { training: true, features: [], ...dropout });
    // The logit of the label is the highest one. A tie counts as a hit.
    const hits = noGrad(() => mean(equal(gather(logits, labels), max(logits, [1]))));
    return { loss: mean(softmaxCrossEntropy(logits, labels)), accuracy: hits };
  };

/** Where a batch of one size lies, on the device and on the host. */
interface Batch {
  readonly x: Tensor;
  readonly y: Tensor;
  readonly xs: Float32Array;
  readonly ys: Float32Array | Uint32Array;
}

interface BatchStep extends Batch {
  readonly work: Repeatable<Measured>;
}

function createBatch(
  gpu: Gpu,
  size: number,
  inputs: SampleArray,
  targets: SampleArray,
  dtype: DType,
): Batch {
  const xs = new Float32Array(size * sizeOf(inputs.shape));
  const numbers = dtype === 'u32' ? Uint32Array : Float32Array;
  const ys = new numbers(size * sizeOf(targets.shape));
  return {
    x: gpu.keep(gpu.tensor(xs, [size, ...inputs.shape])),
    y: gpu.keep(gpu.tensor(ys, [size, ...targets.shape], dtype)),
    xs,
    ys,
  };
}

/** @throws TypeError or RangeError for what JavaScript lets pass */
function checkCall(model: unknown, samples: unknown, options: FitOptions): void {
  const has = (value: unknown, ...names: string[]) => names.every((name) => name in Object(value));
  if (!has(model, 'forward', 'weights') && !has(model, 'parameters', 'loss')) {
    throw new TypeError(
      `fit: the model is ${kindOf(model)}, expected a classifier, or { parameters, loss }.`,
    );
  }
  if (!has(samples, 'x', 'y')) {
    throw new TypeError(
      `fit: the samples are ${kindOf(samples)}, expected { x, y }. Call fit(model, { x, y }, options).`,
    );
  }
  const stranger = Object.keys(options).find((name) => !Object.hasOwn(FIT_OPTIONS, name));
  if (stranger !== undefined) {
    const names = Object.keys(FIT_OPTIONS).join(', ');
    throw new RangeError(`fit: unknown option ${stranger}, expected some of ${names}.`);
  }
  const { epochs = 1 } = options;
  if (!Number.isInteger(epochs) || epochs < 1) {
    throw new RangeError(`fit: epochs is ${epochs}, expected a whole number ≥ 1.`);
  }
}

const kindOf = (value: unknown): string =>
  typeof value === 'object' && value !== null
    ? `an object with ${Object.keys(value).join(', ') || 'nothing in it'}`
    : `${value}`;

/** @throws RangeError for a label outside the classes, naming the sample */
function checkClasses({ data, count, shape }: SampleArray, classes: number): void {
  if (shape.length > 0) {
    throw new RangeError(
      `fit: y has shape [${[count, ...shape].join(', ')}], expected labels [N].`,
    );
  }
  for (let i = 0; i < count; i++) {
    if (!Number.isInteger(data[i]) || data[i] < 0 || data[i] >= classes) {
      throw new RangeError(
        `fit: label of sample ${i} is ${data[i]}, expected 0 to ${classes - 1} for ${classes} classes.`,
      );
    }
  }
}

/**
 * Logits of a classifier in evaluation mode, computed batch by batch, for `probabilities` and `predictedClasses`.
 *
 * @param x [N, channels, size, size], normalised
 * @returns [N, classes]
 * @throws RangeError if x does not fit the classifier
 */
export async function predict(
  classifier: Classifier,
  x: Samples,
  { batchSize = 128 }: Pick<BatchOptions, 'batchSize'> = {},
): Promise<Float32Array> {
  const { gpu } = classifier.weights;
  const inputs = sampleArray('predict: x', x);
  const { classes } = classifier.shape;
  const all = new Float32Array(inputs.count * classes);
  let done = 0;
  for (const indices of batches(inputs.count, { batchSize, shuffle: false })) {
    const values = new Float32Array(indices.length * sizeOf(inputs.shape));
    const logits = gpu.scope(() => {
      const batch = gpu.tensor(pickSamples(inputs, indices, values), [
        indices.length,
        ...inputs.shape,
      ]);
      return noGrad(() => classifier.forward(batch, { training: false, features: [] }).logits);
    });
    all.set(await logits.data(), done * classes);
    logits.dispose();
    done += indices.length;
  }
  return all;
}
