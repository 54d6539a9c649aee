// Random normalisations: moments; batch norm with given and with its own moments; group, instance and layer norm.

import * as e from '../../engine/index.ts';
import { normal, positive, type Shape } from '../support/op-inputs.ts';
import { type Array64, array64, references } from '../support/reference.ts';
import { drawShape, type Families, type Family, pick, product } from './configuration.ts';

type Images = Readonly<Record<'n' | 'c' | 'h' | 'w', number>>;
type Groups = Readonly<Record<'n' | 'groups' | 'perGroup' | 'h' | 'w', number>>;

/** Far above what training uses: a channel of one value has variance 0, and slopes of 1/√eps. */
const EPS = 0.1;

const drawImages: Family<Images>['draw'] = (random) => ({
  n: pick(random, [1, 2, 3, 5]),
  c: pick(random, [1, 2, 3, 5, 7]),
  h: pick(random, [1, 2, 3, 5]),
  w: pick(random, [1, 2, 3, 7, 11]),
});

const channelMoments: Family<Images> = {
  draw: drawImages,
  problem: ({ n, c, h, w }) => ({
    inputs: [normal([n, c, h, w])],
    run: ([x]) => e.channelMoments(x),
    reference: (arrays) => references.channelMoments(arrays, {}),
    terms: n * h * w,
    quadratic: true,
  }),
};

const batchNorm = (moments: 'given' | 'own'): Family<Images> => ({
  draw: drawImages,
  problem: ({ n, c, h, w }) => {
    const own = moments === 'own';
    const shapes: Shape[] = own ? [[n, c, h, w], [c], [c]] : [[n, c, h, w], [2, c], [c], [c]];
    const makers = own ? [normal, normal, normal] : [normal, positive, normal, normal];
    return {
      inputs: shapes.map((shape, i) => makers[i](shape)),
      run: (inputs) => {
        const [x, ...rest] = inputs;
        const [each, gamma, beta] = own ? [e.channelMoments(x), ...rest] : rest;
        return e.batchNorm(x, each, gamma, beta, EPS);
      },
      reference: (inputs) => {
        const [x, ...rest] = inputs;
        const all = own ? [x, references.channelMoments([x], {}), ...rest] : inputs;
        return references.channelNormalize(all, { eps: EPS });
      },
      terms: n * h * w,
    };
  },
});

const groupNorm: Family<Groups> = {
  draw: (random) => ({
    n: pick(random, [1, 2, 3]),
    groups: pick(random, [1, 2, 3]),
    perGroup: pick(random, [1, 2, 3, 5]),
    h: pick(random, [1, 2, 3, 5]),
    w: pick(random, [1, 3, 7]),
  }),
  problem: ({ n, groups, perGroup, h, w }) => {
    const c = groups * perGroup;
    return {
      inputs: [normal([n, c, h, w]), normal([c]), normal([c])],
      run: ([x, gamma, beta]) => e.groupNorm(x, groups, gamma, beta, EPS),
      reference: (inputs) => groupNorm64(inputs, groups),
      terms: Math.max(perGroup, n) * h * w,
    };
  },
};

function groupNorm64([x, gamma, beta]: readonly Array64[], groups: number): Array64 {
  const [n, c, h, w] = x.shape;
  const length = (c / groups) * h * w;
  const y = array64(x.shape);
  for (let first = 0; first < n * c * h * w; first += length) {
    const values = x.data.subarray(first, first + length);
    const mean = values.reduce((a, b) => a + b) / length;
    const variance = values.reduce((a, v) => a + (v - mean) ** 2, 0) / length;
    values.forEach((v, i) => {
      const channel = Math.floor((first + i) / (h * w)) % c;
      const normalised = (v - mean) / Math.sqrt(variance + EPS);
      y.data[first + i] = normalised * gamma.data[channel] + beta.data[channel];
    });
  }
  return y;
}

const instanceNorm: Family<Images> = {
  draw: drawImages,
  problem: ({ n, c, h, w }) => ({
    inputs: [normal([n, c, h, w]), normal([c]), normal([c])],
    run: ([x, gamma, beta]) => e.instanceNorm(x, gamma, beta, EPS),
    reference: (arrays) => references.instanceNorm(arrays, { eps: EPS }),
    terms: n * h * w,
  }),
};

type Layers = { readonly shape: Shape; readonly trailing: number };

const layerNorm: Family<Layers> = {
  draw: (random) => {
    const shape = drawShape(random, 4, 300);
    return { shape, trailing: 1 + random.int(shape.length) };
  },
  problem: ({ shape, trailing }) => {
    if (trailing > shape.length) return;
    const last = shape.slice(-trailing);
    return {
      inputs: [normal(shape), normal(last), normal(last)],
      run: ([x, gamma, beta]) => e.layerNorm(x, gamma, beta, EPS),
      reference: (arrays) => references.layerNorm(arrays, { eps: EPS }),
      terms: Math.max(product(last), product(shape) / product(last)),
    };
  },
};

export const normFamilies: Families = {
  channelMoments,
  channelNormalize: batchNorm('given'),
  batchNorm: batchNorm('own'),
  groupNorm,
  instanceNorm,
  layerNorm,
};
