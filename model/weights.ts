// The named tensors of a model: trainable parameters and the buffers that travel with them.

import type { Gpu } from '../engine/core/gpu.ts';
import { Random } from '../engine/core/random.ts';
import { formatShape, type Shape, sameShape, sizeOf, type Tensor } from '../engine/core/tensor.ts';

/** Fills a parameter's initial values from its own random stream. */
export type Init = (random: Random, shape: Shape) => Float32Array;

export type StateDict = Map<string, { shape: number[]; data: Float32Array }>;

/** Inputs that reach one output: the channels and window of a weight [out, in, …]. */
const fanIn = (shape: Shape): number => sizeOf(shape.slice(1));

/** Every value the same. */
export const constant =
  (value: number): Init =>
  (_, shape) =>
    new Float32Array(sizeOf(shape)).fill(value);

/** Uniform in ±√(1/fan): PyTorch's default for convolution and linear layers, weight and bias. */
export const uniformFan =
  (fan?: number): Init =>
  (random, shape) => {
    const bound = Math.sqrt(1 / (fan ?? fanIn(shape)));
    return Float32Array.from({ length: sizeOf(shape) }, () => (2 * random.uniform() - 1) * bound);
  };

/** Normal with variance 2/fan (He et al. 2015); `out` counts the outputs an input reaches, as torchvision's ResNets do. */
export const kaimingNormal =
  (mode: 'in' | 'out' = 'in'): Init =>
  (random, shape) => {
    const fan = mode === 'in' ? fanIn(shape) : shape[0] * sizeOf(shape.slice(2));
    const deviation = Math.sqrt(2 / fan);
    return Float32Array.from({ length: sizeOf(shape) }, () => random.normal() * deviation);
  };

/** Creates and holds a model's tensors; each draws from a random stream of its own name, whatever the order. */
export class Weights {
  readonly gpu: Gpu;
  readonly parameters = new Map<string, Tensor>();
  /** Running statistics: saved with the model, not trained. */
  readonly buffers = new Map<string, Tensor>();
  readonly #seed: number | string;

  constructor(gpu: Gpu, seed: number | string) {
    this.gpu = gpu;
    this.#seed = seed;
  }

  parameter(name: string, shape: Shape, init: Init): Tensor {
    const values = init(new Random(this.#seed, `weights/${name}`), shape);
    const tensor = this.gpu.keep(this.gpu.parameter(values, shape));
    this.parameters.set(name, tensor);
    return tensor;
  }

  buffer(name: string, shape: Shape, init: Init): Tensor {
    const values = init(new Random(this.#seed, `weights/${name}`), shape);
    const tensor = this.gpu.keep(this.gpu.tensor(values, shape));
    this.buffers.set(name, tensor);
    return tensor;
  }

  /** Number of trainable values. */
  get size(): number {
    return [...this.parameters.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Copies all values to the host, by name. */
  async state(): Promise<StateDict> {
    const state: StateDict = new Map();
    for (const [name, tensor] of this.#all()) {
      state.set(name, { shape: [...tensor.shape], data: await tensor.data() });
    }
    return state;
  }

  /**
   * Overwrites all values. @throws RangeError for a missing, unknown or wrongly shaped tensor; nothing is
   * changed then.
   */
  load(state: StateDict): void {
    const mine = new Map(this.#all());
    const missing = [...mine.keys()].filter((name) => !state.has(name));
    const unknown = [...state.keys()].filter((name) => !mine.has(name));
    if (missing.length > 0 || unknown.length > 0) {
      throw new RangeError(
        `weights: missing ${list(missing)}, unknown ${list(unknown)}. Are they of another model?`,
      );
    }
    for (const [name, tensor] of mine) {
      const { shape } = state.get(name) as { shape: number[] };
      if (!sameShape(shape, tensor.shape)) {
        throw new RangeError(
          `weights: ${name} has shape ${formatShape(shape)}, expected ${formatShape(tensor.shape)}.`,
        );
      }
    }
    for (const [name, tensor] of mine)
      tensor.write((state.get(name) as { data: Float32Array }).data);
  }

  dispose(): void {
    for (const [, tensor] of this.#all()) tensor.dispose();
  }

  *#all(): Iterable<[string, Tensor]> {
    yield* this.parameters;
    yield* this.buffers;
  }
}

function list(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  return names.length > 3
    ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`
    : names.join(', ');
}
