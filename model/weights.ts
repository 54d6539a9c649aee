// The named tensors of a model: trainable parameters and the buffers that travel with them.

import type { Gpu } from '../engine/core/gpu.ts';
import { Random } from '../engine/core/random.ts';
import {
  allOrNothing,
  formatShape,
  type Shape,
  sameShape,
  sizeOf,
  type Tensor,
} from '../engine/core/tensor.ts';

/** Fills a parameter's initial values from its own random stream. */
export type Init = (random: Random, shape: Shape) => Float32Array;

/** Values by name, as `encodeSafetensors` accepts them. */
export type StateDict = Map<string, { shape: number[]; data: Float32Array }>;

/** Values by name, as `decodeSafetensors` returns them. */
export type LoadableState = ReadonlyMap<
  string,
  { readonly shape: readonly number[]; readonly data: ArrayLike<number | bigint> }
>;

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

/**
 * Normal with variance 2/fan (He et al. 2015); `out` counts the outputs an input reaches, as torchvision's ResNets do.
 */
export const kaimingNormal =
  (mode: 'in' | 'out' = 'in'): Init =>
  (random, shape) => {
    const fan = mode === 'in' ? fanIn(shape) : shape[0] * sizeOf(shape.slice(2));
    const deviation = Math.sqrt(2 / fan);
    return Float32Array.from({ length: sizeOf(shape) }, () => random.normal() * deviation);
  };

/** Normal with mean 0. */
export const normal =
  (deviation: number): Init =>
  (random, shape) =>
    Float32Array.from({ length: sizeOf(shape) }, () => random.normal() * deviation);

/**
 * Creates and holds a model's tensors. Each draws from a random stream of its own name, so the order does not matter.
 */
export class Weights {
  /** The device that holds them. */
  readonly gpu: Gpu;
  /** What is trained, by name: `conv1.weight`. */
  readonly parameters = new Map<string, Tensor>();
  /** Running statistics: saved with the model, not trained. */
  readonly buffers = new Map<string, Tensor>();
  readonly #seed: number | string;

  constructor(gpu: Gpu, seed: number | string) {
    this.gpu = gpu;
    this.#seed = seed;
  }

  /**
   * Makes a trainable tensor with values from `init`, and holds it by `name`. @throws RangeError if the name is taken
   */
  parameter(name: string, shape: Shape, init: Init): Tensor {
    this.#needNew(name);
    const tensor = allOrNothing(() => {
      const empty = this.gpu.keep(this.gpu.empty(shape)); // first, for it says so if that is too much
      return empty.write(init(new Random(this.#seed, `weights/${name}`), shape));
    });
    tensor.requiresGrad = true;
    this.parameters.set(name, tensor);
    return tensor;
  }

  /**
   * Makes a tensor that is saved and not trained, with values from `init`, and holds it by `name`. @throws RangeError
   * if the name is taken
   */
  buffer(name: string, shape: Shape, init: Init): Tensor {
    this.#needNew(name);
    const values = init(new Random(this.#seed, `weights/${name}`), shape);
    const tensor = this.gpu.keep(this.gpu.tensor(values, shape));
    this.buffers.set(name, tensor);
    return tensor;
  }

  /** The parameters that require a gradient: all of them, unless some were frozen. */
  get trained(): Map<string, Tensor> {
    return new Map([...this.parameters].filter(([, { requiresGrad }]) => requiresGrad));
  }

  /** Otherwise only the second tensor with that name would be trained and saved. */
  #needNew(name: string): void {
    if (!this.parameters.has(name) && !this.buffers.has(name)) return;
    throw new RangeError(`weights: ${name} exists already. Give each layer a name of its own.`);
  }

  /** Number of values of all parameters. */
  get size(): number {
    return [...this.parameters.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /** Copies all values to the host, by name, as they are at this call. */
  async state(): Promise<StateDict> {
    return readState(this.gpu, new Map(this.#all()));
  }

  /**
   * Overwrites all values.
   *
   * @param state as returned by `state()`, or the `tensors` of `decodeSafetensors`
   * @throws RangeError for a missing, unknown or wrongly shaped tensor, TypeError for one that is not float; then
   *   nothing changes
   */
  load(state: LoadableState): void {
    const mine = new Map(this.#all());
    const missing = [...mine.keys()].filter((name) => !state.has(name));
    const unknown = [...state.keys()].filter((name) => !mine.has(name));
    if (missing.length > 0 || unknown.length > 0) {
      throw new RangeError(
        `weights: missing ${list(missing)}, unknown ${list(unknown)}. Are they of another model?`,
      );
    }
    loadTensors('weights', mine, state);
  }

  /** Frees all memory. */
  dispose(): void {
    for (const [, tensor] of this.#all()) tensor.dispose();
  }

  *#all(): Iterable<[string, Tensor]> {
    yield* this.parameters;
    yield* this.buffers;
  }
}

/** Copies the values of tensors to the host, by name, as they are at this call. */
export async function readState(
  gpu: Gpu,
  tensors: ReadonlyMap<string, Tensor>,
): Promise<StateDict> {
  const values = await gpu.readAll([...tensors.values()]);
  return new Map(
    [...tensors].map(([name, { shape }], i) => [name, { shape: [...shape], data: values[i] }]),
  );
}

/** Overwrites each tensor with the values of its name, once all are known to fit. */
export function loadTensors(
  where: string,
  tensors: ReadonlyMap<string, Tensor>,
  state: LoadableState,
): void {
  const loads = [...tensors].map(([name, tensor]) => {
    const saved = state.get(name);
    if (!saved) throw new RangeError(`${where}: the file has no ${name}. Is it of another model?`);
    const { shape, data } = saved;
    if (!sameShape(shape, tensor.shape)) {
      throw new RangeError(
        `${where}: ${name} has shape ${formatShape(shape)}, expected ${formatShape(tensor.shape)}.`,
      );
    }
    if (!(data instanceof Float32Array)) {
      throw new TypeError(
        `${where}: ${name} holds ${data.constructor.name}, expected Float32Array.`,
      );
    }
    return [tensor, data] as const;
  });
  for (const [tensor, data] of loads) tensor.write(data);
}

function list(names: readonly string[]): string {
  if (names.length === 0) return 'none';
  return names.length > 3
    ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more`
    : names.join(', ');
}
