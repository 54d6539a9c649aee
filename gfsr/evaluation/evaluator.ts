// Runs a classifier over many images in evaluation mode: probabilities, saliency maps, feature maps.

import { noGrad } from '../../engine/autodiff/tape.ts';
import type { Gpu } from '../../engine/core/gpu.ts';
import type { Program } from '../../engine/core/program.ts';
import { Random } from '../../engine/core/random.ts';
import type { Tensor } from '../../engine/core/tensor.ts';
import { softmax } from '../../engine/ops/index.ts';
import type { Classifier } from '../../model/classifier.ts';
import type { Split } from '../data/dataset.ts';
import { type ChannelStats, gatherImages } from '../data/normalise.ts';
import { layerName, mapsFor, type SaliencyOptions, saliency, toMap } from '../guidance/saliency.ts';

/** Class probabilities of some images, in their order. */
export interface Predictions {
  /** [N, classes]. */
  readonly probs: Float32Array;
}

/** Class probabilities and saliency maps of some images, in their order. */
export interface Explanations extends Predictions {
  /** [N, height, width], none negative, in the map's own resolution. */
  readonly maps: Float32Array;
  readonly height: number;
  readonly width: number;
}

/** What can be asked of a classifier, or of several as one. */
export interface Predictor {
  predict(split: Split, indices?: ArrayLike<number>): Promise<Predictions>;
  explain(
    split: Split,
    options: SaliencyOptions,
    indices?: ArrayLike<number>,
  ): Promise<Explanations>;
}

/** Fewer images at a time where one tensor of theirs would take more [ours]. */
const MOST_BYTES = 64 * 2 ** 20;

type Outputs = Readonly<Record<string, Tensor>>;

/** How an `Evaluator` goes through its images. */
export interface EvaluatorOptions {
  /** Most images at a time, fewer where they are large. Default 128. */
  readonly batch?: number;
  /** Leave dropout on, and draw what is dropped from `noise`. Default false. */
  readonly dropout?: boolean;
}

/** Elements of the input or of the largest named feature map of one image. */
function largestFeatures(gpu: Gpu, classifier: Classifier): number {
  const { channels, size } = classifier.shape;
  return gpu.trace(() => {
    const x = gpu.zeros([1, channels, size, size]);
    const { features } = noGrad(() => classifier.forward(x, { training: false }));
    return Math.max(x.size, ...Object.values(features).map((map) => map.size));
  });
}

/** Evaluates one classifier on images of one data set; it keeps its recorded programs until it is disposed. */
export class Evaluator implements Predictor {
  readonly #gpu: Gpu;
  readonly #classifier: Classifier;
  readonly #stats: ChannelStats;
  readonly #batch: number;
  readonly #x: Tensor;
  readonly #labels: Tensor;
  readonly #pixels: Float32Array;
  readonly #dropout: Tensor | undefined;
  readonly #programs = new Map<string, Promise<Program<Outputs>>>();
  /** With dropout: the random stream of what is dropped. */
  noise = '';

  constructor(
    gpu: Gpu,
    classifier: Classifier,
    stats: ChannelStats,
    { batch: most = 128, dropout = false }: EvaluatorOptions = {},
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
    this.#pixels = new Float32Array(batch * channels * size * size);
    this.#x = gpu.tensor(this.#pixels, [batch, channels, size, size]);
    this.#x.requiresGrad = true; // for saliency by input gradient
    this.#labels = gpu.tensor(new Uint32Array(batch), [batch], 'u32');
    this.#dropout = dropout ? gpu.tensor(new Uint32Array(4), [4], 'u32') : undefined;
  }

  /** Class probabilities of the images at `indices` (all by default). */
  async predict(split: Split, indices?: ArrayLike<number>): Promise<Predictions> {
    const { probs } = await this.#run('probs', split, indices, () => {
      const { logits } = noGrad(() => this.#forward([]));
      return { probs: softmax(logits) };
    });
    return { probs };
  }

  /**
   * Class probabilities and saliency of the true class. A target of `random-signs` is a means of training;
   * here it stands for `label`.
   */
  async explain(
    split: Split,
    options: SaliencyOptions,
    indices?: ArrayLike<number>,
  ): Promise<Explanations> {
    const target = options.target === 'random-signs' ? 'label' : options.target;
    const key = `explain ${JSON.stringify({ ...options, target })}`;
    let size = [0, 0];
    const { probs, map } = await this.#run(key, split, indices, () => {
      const result = this.#forward(mapsFor(this.#classifier, options));
      const context = { classifier: this.#classifier, image: this.#x, labels: this.#labels };
      const s = saliency({ ...context, result, createGraph: false }, { ...options, target });
      return { probs: softmax(result.logits), map: toMap(s, options.sign) };
    });
    const program = (await this.#programs.get(key)) as Program<Outputs>;
    size = program.outputs.map.shape.slice(1) as number[];
    return { probs, maps: map, height: size[0], width: size[1] };
  }

  /** Feature maps of `layer` in batches: `visit(data [n, K, h, w], first, n)`. */
  async features(
    split: Split,
    layer: string,
    visit: (data: Float32Array, shape: readonly number[], indices: Uint32Array) => void,
  ): Promise<void> {
    const name = layerName(this.#classifier, layer);
    const program = await this.#program(`features ${name}`, () => {
      const { features } = noGrad(() => this.#forward([name]));
      return { map: features[name] };
    });
    for (const indices of this.#batches(split)) {
      this.#write(split, indices);
      const { map } = program.run();
      const shape = [indices.length, ...map.shape.slice(1)];
      const data = await map.data();
      visit(data.subarray(0, (data.length / this.#batch) * indices.length), shape, indices);
    }
  }

  /** Frees its programs and buffers; the classifier stays. */
  async dispose(): Promise<void> {
    for (const program of this.#programs.values()) (await program).dispose();
    this.#programs.clear();
    this.#x.dispose();
    this.#labels.dispose();
    this.#dropout?.dispose();
  }

  #forward(features: readonly string[]) {
    return this.#classifier.forward(this.#x, {
      training: false,
      features,
      ...(this.#dropout && { dropout: { state: this.#dropout } }),
    });
  }

  #program(key: string, body: () => Outputs): Promise<Program<Outputs>> {
    let program = this.#programs.get(key);
    if (!program) {
      program = this.#gpu.capture(body);
      this.#programs.set(key, program);
    }
    return program;
  }

  /** Every output over all batches, joined along the images. */
  async #run(
    key: string,
    split: Split,
    indices: ArrayLike<number> | undefined,
    body: () => Outputs,
  ): Promise<Record<string, Float32Array>> {
    const program = await this.#program(key, body);
    const count = indices?.length ?? split.count;
    const joined = Object.fromEntries(
      Object.entries(program.outputs).map(([name, { size }]) => [
        name,
        new Float32Array((size / this.#batch) * count),
      ]),
    );
    let done = 0;
    for (const part of this.#batches(split, indices)) {
      this.#write(split, part);
      const outputs = program.run();
      for (const [name, tensor] of Object.entries(outputs)) {
        const each = tensor.size / this.#batch;
        joined[name].set((await tensor.data()).subarray(0, each * part.length), each * done);
      }
      done += part.length;
    }
    return joined;
  }

  *#batches(split: Split, indices?: ArrayLike<number>): Iterable<Uint32Array> {
    const all = indices
      ? Uint32Array.from(indices)
      : Uint32Array.from({ length: split.count }, (_, i) => i);
    for (let at = 0; at < all.length; at += this.#batch) yield all.subarray(at, at + this.#batch);
  }

  #write(split: Split, indices: Uint32Array): void {
    const labels = new Uint32Array(this.#batch);
    indices.forEach((from, i) => {
      labels[i] = split.labels[from];
    });
    this.#x.write(gatherImages(split, indices, this.#stats, this.#pixels));
    this.#labels.write(labels);
    // By the first image, so that the order of the batches does not matter.
    const { words } = new Random(`dropout/${this.noise}`, split.ids[indices[0]]);
    this.#dropout?.write(Uint32Array.from(words));
  }
}
