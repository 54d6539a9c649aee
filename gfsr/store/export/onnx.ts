// A trained classifier as an ONNX model: raw pixels in, probabilities out, any number of images at a time.

import type { StateDict } from '../../../model/weights.ts';
import type { ModelFile } from '../model-file.ts';
import { type ClosedSaliency, closedSaliency } from './closed-saliency.ts';
import { networkOf, type Step } from './network.ts';
import { encodeMessage, type Field } from './protobuf.ts';

/** Version of ONNX's operators, and of its file format that goes with them. */
const [OPSET, IR_VERSION] = [17, 8];
const FLOAT = 1;
/** Types of attributes. */
const [ATTRIBUTE_FLOAT, ATTRIBUTE_INT, ATTRIBUTE_INTS] = [1, 2, 7];

export interface OnnxOptions {
  /**
   * Adds the output `saliency` [N, classes, h, w]: the map of every class, not negative, at the resolution of the last
   * feature map, as `gfsr predict` writes it for the class that was predicted. Default false.
   */
  readonly saliency?: boolean;
}

/**
 * The bytes of an ONNX model (opset 17) with the input `pixels` [N, C, size, size], float32 from 0 to 255, RGB or grey,
 * and the output `probabilities` [N, classes]. The pixels are normalised inside. Names of the classes, and
 * versions and hashes of what it was made with, are in its metadata, as JSON.
 *
 * Field numbers are those of onnx.proto3.
 *
 * @throws RangeError if saliency is asked for and has no closed form
 */
export function encodeOnnx(model: ModelFile, { saliency = false }: OnnxOptions = {}): Uint8Array {
  const { architecture, weights, stats, classes, arm, data, madeWith } = model;
  const { channels, size } = architecture;
  const scale = Float32Array.from(stats.std, (std) => 1 / (255 * std));
  const shift = Float32Array.from(stats.std, (std, c) => -stats.mean[c] / std);
  const perChannel = [1, channels, 1, 1];
  const tensors: StateDict = new Map([
    ...weights,
    ['normalise.scale', { shape: perChannel, data: scale }],
    ['normalise.shift', { shape: perChannel, data: shift }],
  ]);
  const steps = networkOf(architecture);
  const closed = saliency ? closedSaliency(model, steps) : undefined;
  if (closed) tensors.set(FILTER, closed.filter);
  const nodes = [
    node('Mul', ['pixels', 'normalise.scale'], 'scaled'),
    node('Add', ['scaled', 'normalise.shift'], 'x'),
    ...steps.flatMap(nodesOf),
    node('Softmax', ['logits'], 'probabilities', [['axis', 1]]),
    ...(closed ? saliencyNodes(closed) : []),
  ];
  const outputs = [
    valueInfo('probabilities', [classes.length]),
    ...(closed ? [valueInfo('saliency', [classes.length, closed.side, closed.side])] : []),
  ];
  const graph: Field[] = [
    [1, { repeated: nodes.map((message) => ({ message })) }],
    [2, 'gfsr'],
    [
      5,
      { repeated: [...tensors].map(([name, tensor]) => ({ message: initializer(name, tensor) })) },
    ],
    [11, { message: valueInfo('pixels', [channels, size, size]) }],
    [12, { repeated: outputs.map((message) => ({ message })) }],
  ];
  const notes = Object.entries({
    classes: JSON.stringify(classes),
    input: 'float32, 0 to 255, [N, C, H, W]',
    trained: `${arm} on ${data}`,
    madeWith: JSON.stringify(madeWith),
  });
  return encodeMessage([
    [1, IR_VERSION],
    [2, 'gfsr'],
    [7, { message: graph }],
    [
      8,
      {
        message: [
          [1, ''],
          [2, OPSET],
        ],
      },
    ],
    [
      14,
      {
        repeated: notes.map(([key, value]) => ({
          message: [
            [1, key],
            [2, value],
          ],
        })),
      },
    ],
  ]);
}

/** Name of the filter that makes the saliency. */
const FILTER = 'saliency.filter';

function saliencyNodes({ map, sign }: ClosedSaliency): Field[][] {
  const type = sign === 'abs' ? 'Abs' : 'Relu';
  return [node('Conv', [map, FILTER], 'evidence'), node(type, ['evidence'], 'saliency')];
}

type Attribute = readonly [string, number | readonly number[] | { readonly float: number }];

function node(
  type: string,
  inputs: readonly string[],
  output: string,
  attributes: readonly Attribute[] = [],
): Field[] {
  return [
    [1, { repeated: inputs }],
    [2, output],
    [3, `${type} ${output}`],
    [4, type],
    [5, { repeated: attributes.map((each) => ({ message: attribute(each) })) }],
  ];
}

function attribute([name, value]: Attribute): Field[] {
  if (typeof value === 'number')
    return [
      [1, name],
      [3, value],
      [20, ATTRIBUTE_INT],
    ];
  if ('float' in value)
    return [
      [1, name],
      [2, value],
      [20, ATTRIBUTE_FLOAT],
    ];
  return [
    [1, name],
    [8, { repeated: value }],
    [20, ATTRIBUTE_INTS],
  ];
}

function nodesOf(step: Step): Field[][] {
  const { from, to } = step;
  switch (step.op) {
    case 'conv': {
      const { weight, bias, stride, padding, groups = 1 } = step;
      const inputs = [...from, weight, ...(bias === undefined ? [] : [bias])];
      return [
        node('Conv', inputs, to, [
          ['strides', [stride, stride]],
          ['pads', around(padding)],
          ['group', groups],
        ]),
      ];
    }
    case 'batch_norm': {
      const parts = ['weight', 'bias', 'running_mean', 'running_var'];
      const inputs = [...from, ...parts.map((part) => `${step.name}.${part}`)];
      return [node('BatchNormalization', inputs, to, [['epsilon', { float: step.eps }]])];
    }
    case 'relu':
      return [node('Relu', from, to)];
    case 'hardswish':
      return [node('HardSwish', from, to)];
    case 'hardsigmoid':
      return [
        node('HardSigmoid', from, to, [
          ['alpha', { float: 1 / 6 }],
          ['beta', { float: 0.5 }],
        ]),
      ];
    case 'add':
      return [node('Add', from, to)];
    case 'multiply':
      return [node('Mul', from, to)];
    case 'pool':
      return [node('GlobalAveragePool', from, to)];
    case 'max_pool': {
      const { kernel, stride, padding } = step;
      return [
        node('MaxPool', from, to, [
          ['kernel_shape', [kernel, kernel]],
          ['strides', [stride, stride]],
          ['pads', around(padding)],
        ]),
      ];
    }
    case 'mean':
      return [
        node('GlobalAveragePool', from, `${to}.pooled`),
        node('Flatten', [`${to}.pooled`], to, [['axis', 1]]),
      ];
    case 'flatten':
      return [node('Flatten', from, to, [['axis', 1]])];
    case 'linear':
      return [
        node('Gemm', [...from, `${step.name}.weight`, `${step.name}.bias`], to, [['transB', 1]]),
      ];
  }
}

const around = (padding: number): number[] => Array.from({ length: 4 }, () => padding);

function initializer(
  name: string,
  { shape, data }: { readonly shape: readonly number[]; readonly data: Float32Array },
): Field[] {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  return [
    [1, { repeated: shape }],
    [2, FLOAT],
    [8, name],
    [9, bytes],
  ];
}

/** Of floats with any number of images. */
function valueInfo(name: string, shape: readonly number[]): Field[] {
  const dimensions = [[[2, 'N'] as Field], ...shape.map((length) => [[1, length] as Field])];
  const dims: Field = [1, { repeated: dimensions.map((message) => ({ message })) }];
  const tensor: Field[] = [
    [1, FLOAT],
    [2, { message: [dims] }],
  ];
  return [
    [1, name],
    [2, { message: [[1, { message: tensor }]] }],
  ];
}
