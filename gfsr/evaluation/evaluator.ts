// Runs a classifier over many images in evaluation mode: probabilities, saliency maps, feature maps.

import { noGrad } from '../../engine/autodiff/tape.ts';
import type { Gpu } from '../../engine/core/gpu.ts';
import type { Program } from '../../engine/core/program.ts';
import { Random } from '../../engine/core/random.ts';
import { allOrNothing, type Tensor } from '../../engine/core/tensor.ts';
import { softmax } from '../../engine/ops/index.ts';
import type { Classifier } from '../../model/classifier.ts';
import type { Split } from '../data/dataset.ts';
import { type ChannelStats, gatherImages } from '../data/normalise.ts';
import { prefetch } from '../data/pixels.ts';
import { layerName, mapsFor, type SaliencyOptions, saliency, toMap } from '../guidance/saliency.ts';

/** Class probabilities of some images, in order. */
export interface Predictions {
  /** [N, classes]. */
  readonly probs: Float32Array;
}

/** Class probabilities and saliency maps of some images, in order. */
export interface Explanations extends Predictions {
  /** [N, height, width], not negative, in the resolution of the map. */
  readonly maps: Float32Array;
  readonly height: number;
  readonly width: number;
}

/** What a classifier can be asked, or an ensemble of several. */
export interface Predictor {
  predict(split: Split, indices?: ArrayLike<number>): Promise<Predictions>;
  explain(
    split: Split,
    options: SaliencyOptions,
    indices?: ArrayLike<number>,
  ): Promise<Explanations>;
}

/** Feature maps of some images at one layer, [n, K, h, w]. */
export interface LayerMaps {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** Limits the number of images at a time, so that no tensor has more elements than this [ours]. */
const MOST_BYTES = 64 * 2 ** 20;

type Outputs = Readonly<Record<string, Tensor>>;

/** An output of all images, joined along the first axis. */
interface Joined {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

/** How an `Evaluator` processes its images. */
export interface EvaluatorOptions {
  /** Maximum number of images at a time; fewer if they are large. Default 128. */
  readonly batch?: number;
  /** Whatever computes when it is aborted throws its reason before the next batch. */
  readonly signal?: AbortSignal;
}

/** Elements of the input or of the largest named feature map, per image. */
function largestFeatures(gpu: Gpu, classifier: Classifier): number {
  const { channels, size } = classifier.shape;
  return gpu.trace(() => {
    const x = gpu.zeros([1, channels, size, size]);
    const { features } = noGrad(() => classifier.forward(x, { training: false }));
    return Math.max(x.size, ...Object.values(features).map((map) => map.size));
  });
}

/** Evaluates one classifier on images of one data set. It keeps its recorded programs until it is disposed. */
export class Evaluator implements Predictor {
  readonly #gpu: Gpu;
  readonly #classifier: Classifier;
  readonly #stats: ChannelStats;
  readonly #batch: number;
  readonly #x: Tensor;
  readonly #labels: Tensor;
  readonly #pixels: Float32Array;
  /** `words` of the random stream that dropout draws from, where it is on. */
  readonly #noise: Tensor;
  readonly #programs = new Map<string, Promise<Program<Outputs>>>();
  readonly #signal: AbortSignal | undefined;

  constructor(
    gpu: Gpu,
    classifier: Classifier,
    stats: ChannelStats,
    { batch: most = 128, signal }: EvaluatorOptions = {},
  ) {
    const { channels, size } = classifier.shape;
    const { maxBufferSize, maxStorageBufferBindingSize } = gpu.device.limits;
    const room = Math.min(maxBufferSize, maxStorageBufferBindingSize, MOST_BYTES);
    const largest = classifier.largestActivation ?? largestFeatures(gpu, classifier);
    const batch = Math.max(1, Math.min(most, Math.floor(room / (4 * largest))));
    this.#gpu = gpu;
    this.#classifier = classifier;
    this.#stats = stats;
    this.#batch = batch;
    this.#signal = signal;
    this.#pixels = new Float32Array(batch * channels * size * size);
    [this.#x, this.#labels, this.#noise] = allOrNothing(() => [
      gpu.parameter(this.#pixels, [batch, channels, size, size]), // for input gradients, and for maps of frozen layers
      gpu.tensor(new Uint32Array(batch), [batch], 'u32'),
      gpu.tensor(new Uint32Array(4), [4], 'u32'),
    ]);
  }

  /** Feature maps that `features` can give, from the first stage to the last. */
  get layers(): readonly string[] {
    return this.#classifier.layers;
  }

  /** Class probabilities of the images at `indices` (default: all). */
  predict(split: Split, indices?: ArrayLike<number>): Promise<Predictions> {
    return this.#predict(split, indices);
  }

  /**
   * Class probabilities and saliency of the true class. The target `random-signs` is meant for training; here it stands
   * for `label`.
   */
  explain(
    split: Split,
    options: SaliencyOptions,
    indices?: ArrayLike<number>,
  ): Promise<Explanations> {
    return this.#explain(split, options, indices);
  }

  /** The same classifier with dropout on. What it drops is drawn from the stream `noise`: the same each time. */
  dropping(noise: string): Predictor {
    return {
      predict: (split, indices) => this.#predict(split, indices, noise),
      explain: (split, options, indices) => this.#explain(split, options, indices, noise),
    };
  }

  async #predict(split: Split, indices?: ArrayLike<number>, noise?: string): Promise<Predictions> {
    const { probs } = await this.#run('probs', split, indices, noise, () => {
      const { logits } = noGrad(() => this.#forward([], noise));
      return { probs: softmax(logits) };
    });
    return { probs: probs.data };
  }

  async #explain(
    split: Split,
    options: SaliencyOptions,
    indices?: ArrayLike<number>,
    noise?: string,
  ): Promise<Explanations> {
    const target = options.target === 'random-signs' ? 'label' : options.target;
    const key = `explain ${JSON.stringify({ ...options, target })}`;
    const { probs, map } = await this.#run(key, split, indices, noise, () => {
      const result = this.#forward(mapsFor(this.#classifier, options), noise);
      const context = { classifier: this.#classifier, image: this.#x, labels: this.#labels };
      const s = saliency({ ...context, result, createGraph: false }, { ...options, target });
      return { probs: softmax(result.logits), map: toMap(s, options.sign) };
    });
    const [, height, width] = map.shape;
    return { probs: probs.data, maps: map.data, height, width };
  }

  /** Feature maps of `layers` in batches: `visit([{ data [n, K, h, w], shape }, …], indices of the n images)`. */
  async features(
    split: Split,
    layers: readonly string[],
    visit: (maps: readonly LayerMaps[], indices: Uint32Array) => void,
  ): Promise<void> {
    const names = layers.map((layer) => layerName(this.#classifier, layer));
    const program = await this.#program(`features ${names}`, () => {
      const { features } = noGrad(() => this.#forward(names));
      return Object.fromEntries(names.map((name) => [name, features[name]]));
    });
    const tensors = names.map((name) => program.outputs[name]);
    for (const indices of this.#batches(split)) {
      this.#signal?.throwIfAborted();
      this.#write(split, indices);
      program.run();
      const values = await this.#gpu.readAll(tensors);
      const maps = tensors.map(({ shape, size }, i) => ({
        data: values[i].subarray(0, (size / this.#batch) * indices.length),
        shape: [indices.length, ...shape.slice(1)],
      }));
      visit(maps, indices);
    }
  }

  /** Frees its programs and buffers, but not the classifier. */
  async dispose(): Promise<void> {
    const programs = await Promise.allSettled(this.#programs.values());
    for (const each of programs) if (each.status === 'fulfilled') each.value.dispose();
    this.#programs.clear();
    this.#x.dispose();
    this.#labels.dispose();
    this.#noise.dispose();
  }

  #forward(features: readonly string[], noise?: string) {
    const dropout = noise === undefined ? {} : { dropout: { state: this.#noise } };
    return this.#classifier.forward(this.#x, { training: false, features, ...dropout });
  }

  #program(key: string, body: () => Outputs): Promise<Program<Outputs>> {
    let program = this.#programs.get(key);
    if (!program) {
      program = this.#gpu.capture(body);
      this.#programs.set(key, program);
      program.catch(() => this.#programs.delete(key)); // there may be memory for it later
    }
    return program;
  }

  /** Every output over all batches, joined along the images. */
  async #run(
    key: string,
    split: Split,
    indices: ArrayLike<number> | undefined,
    noise: string | undefined,
    body: () => Outputs,
  ): Promise<Record<string, Joined>> {
    const on = noise === undefined ? '' : ' with dropout';
    const program = await this.#program(`${key}${on}`, body);
    const count = indices?.length ?? split.count;
    const tensors = Object.values(program.outputs);
    const each = tensors.map(({ size }) => size / this.#batch);
    const data = each.map((size) => new Float32Array(size * count));
    const next = (from: number) => {
      const at = from + this.#batch;
      const until = Math.min(count, at + this.#batch);
      return Array.from({ length: Math.max(0, until - at) }, (_, i) => indices?.[at + i] ?? at + i);
    };
    let done = 0;
    for (const part of this.#batches(split, indices)) {
      this.#signal?.throwIfAborted();
      this.#write(split, part, noise);
      program.run();
      prefetch(split.images, next(done));
      const values = await this.#gpu.readAll(tensors);
      values.forEach((of, i) => {
        data[i].set(of.subarray(0, each[i] * part.length), each[i] * done);
      });
      done += part.length;
    }
    const shapes = tensors.map(({ shape }) => [count, ...shape.slice(1)]);
    return Object.fromEntries(
      Object.keys(program.outputs).map((name, i) => [name, { data: data[i], shape: shapes[i] }]),
    );
  }

  *#batches(split: Split, indices?: ArrayLike<number>): Iterable<Uint32Array> {
    const all = indices
      ? Uint32Array.from(indices)
      : Uint32Array.from({ length: split.count }, (_, i) => i);
    for (let at = 0; at < all.length; at += this.#batch) yield all.subarray(at, at + this.#batch);
  }

  #write(split: Split, indices: Uint32Array, noise?: string): void {
    const labels = new Uint32Array(this.#batch);
    indices.forEach((from, i) => {
      labels[i] = split.labels[from];
    });
    this.#x.write(gatherImages(split, indices, this.#stats, this.#pixels));
    this.#labels.write(labels);
    if (noise === undefined) return;
    // Ordered by first image, so that the order of the batches does not matter.
    this.#noise.write(new Random(`dropout/${noise}`, split.ids[indices[0]]).words);
  }
}
