// The golden networks: runs the layers of networks.json, with weights from the formula.

import type { Gpu, Tensor } from '../../engine/index.ts';
import * as e from '../../engine/index.ts';
import type { SaliencyOptions } from '../../gfsr/guidance/saliency.ts';
import { goldenValues, type Kind } from './formula.ts';
import type { Golden, Goldens, Projection } from './golden.ts';

type Layer = readonly [name: keyof LayerOptions, options?: object];

export interface NetworkSpec {
  readonly image: readonly number[];
  /** The map feeds global pooling and one linear layer, so that `saliency` takes its shortcut. */
  readonly pooledHead?: boolean;
  readonly layers: readonly Layer[];
}

/** A relevance loss on saliency, or for `cross-entropy` its Hessian times v. */
export interface NetworkGolden extends Golden, Partial<SaliencyOptions> {
  readonly network: string;
  readonly loss: string;
  /** By the image, then by each weight in the order in which layers meet them. */
  readonly gradients: readonly (readonly [name: string, ...Projection])[];
}

export interface NetworkGoldens extends Goldens<NetworkGolden> {
  readonly networks: Readonly<Record<string, NetworkSpec>>;
  readonly classes: number;
}

/** Streams of the formula; weights count on from the last. */
export const NETWORK_STREAM = { image: 0, labels: 1, mask: 2, signs: 3, weights: 10 } as const;

interface Conv {
  readonly out: number;
  readonly kernel: number;
  readonly bias: boolean;
  readonly options: e.Conv2dOptions;
}

interface LayerOptions {
  readonly conv: Conv;
  readonly linear: { readonly out: number };
  readonly residual: { readonly main: readonly Layer[]; readonly shortcut: readonly Layer[] };
  readonly groupNorm: { readonly groups: number };
  readonly maxPool: e.PoolOptions;
  readonly avgPool: e.PoolOptions;
  readonly resize: { readonly size: readonly [number, number] };
  readonly batchNorm: undefined;
  readonly frozenNorm: undefined;
  readonly relu: undefined;
  readonly tanh: undefined;
  readonly sigmoid: undefined;
  readonly globalPool: undefined;
  readonly flatten: undefined;
  readonly map: undefined;
}

type Layers = { [Name in keyof LayerOptions]: (x: Tensor, options: LayerOptions[Name]) => Tensor };

/** Logits of x, the feature map on the way, and every trained weight. */
export function runNetwork(gpu: Gpu, layers: readonly Layer[], seed: number, x: Tensor) {
  const trained: Tensor[] = [];
  let streams = 0;
  let activations: Tensor | undefined;

  /** The largest power of two up to √fan divides, so that float32 holds the values exactly. */
  function constant(kind: Kind, shape: readonly number[], fan = 1): Tensor {
    let scale = 1;
    while (4 * scale * scale <= fan) scale *= 2;
    const values = goldenValues(kind, seed, NETWORK_STREAM.weights + streams++, shape);
    return gpu.tensor(
      values.map((v) => v / scale),
      shape,
    );
  }

  function weight(kind: Kind, shape: readonly number[], fan?: number): Tensor {
    const made = constant(kind, shape, fan);
    made.requiresGrad = true;
    trained.push(made);
    return made;
  }

  const run = (list: readonly Layer[], from: Tensor): Tensor =>
    list.reduce((y, [name, options]) => layer[name](y, options as never), from);
  const scaleAndShift = (c: number) => [weight('positive', [c]), weight('unit', [c])] as const;
  const rowOf = (v: Tensor) => e.reshape(v, [1, v.size]);

  const layer: Layers = {
    conv(y, { out, kernel, bias, options }) {
      const c = y.shape[1] / (options.groups ?? 1);
      const fan = c * kernel ** 2;
      const w = weight('unit', [out, c, kernel, kernel], fan);
      return e.conv2d(y, w, options, bias ? weight('unit', [out], fan) : undefined);
    },
    linear(y, { out }) {
      const w = weight('unit', [out, y.shape[1]], y.shape[1]);
      return e.add(e.matmul(y, w, { transposeB: true }), weight('unit', [out], y.shape[1]));
    },
    batchNorm: (y) => e.batchNorm(y, e.channelMoments(y), ...scaleAndShift(y.shape[1])),
    frozenNorm(y) {
      const c = y.shape[1];
      const moments = [constant('unit', [c]), constant('positive', [c])].map(rowOf);
      return e.batchNorm(y, e.concat(moments), ...scaleAndShift(c));
    },
    groupNorm: (y, { groups }) => e.groupNorm(y, groups, ...scaleAndShift(y.shape[1])),
    residual: (y, { main, shortcut }) => e.add(run(main, y), run(shortcut, y)),
    maxPool: (y, options) => e.maxPool2d(y, options),
    avgPool: (y, options) => e.avgPool2d(y, options),
    resize: (y, { size }) => e.resizeBilinear(y, size),
    relu: (y) => e.relu(y),
    tanh: (y) => e.tanh(y),
    sigmoid: (y) => e.sigmoid(y),
    globalPool: (y) => e.globalAvgPool(y),
    flatten: (y) => e.flatten(y),
    map(y) {
      activations = y;
      return y;
    },
  };

  const logits = run(layers, x);
  if (!activations) throw new Error('runNetwork: the network has no layer `map`.');
  return { logits, activations, trained };
}
