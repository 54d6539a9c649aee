// The relevance loss: hand-picked cases, float64 references and random configurations.
import * as e from '../../../engine/index.ts';
import { type Array64, type Attrs, array64, build } from '../../support/array64.ts';
import {
  between,
  given,
  type Input,
  type Maker,
  nonzero,
  normal,
  type OpCase,
  positive,
  type Shape,
  signed,
} from '../../support/op-inputs.ts';
import { manyRows, pick, type Sampler } from '../../support/sampler.ts';
import type { OpSpecification, Specification } from '../../support/specification.ts';

/** What a row of saliency and its mask come to: R, R*, ΣS⁺, and whether the loss counts. */
function relevanceRow(s: Array64, mask: Array64, n: number, { hinge, eps }: Attrs) {
  const area = s.data.length / s.shape[0];
  const map = Array.from(s.data.subarray(n * area, (n + 1) * area), (v) => Math.max(v, 0));
  const m = Array.from(mask.data.subarray(n * area, (n + 1) * area));
  const total = map.reduce((a, b) => a + b, 0);
  const energy = map.reduce((sum, v, p) => sum + v * m[p], 0) / total;
  const target = hinge ? m.reduce((sum, v) => sum + v * v, 0) / m.reduce((a, b) => a + b, 0) : 1;
  const counts = total > eps && Math.max(...m) > Math.min(...m);
  return { m, total, energy, miss: counts ? Math.max(target - energy, 0) : 0 };
}

/** Saliency with both signs away from 0, masks in [0, 1] that leave the hinge open, and the cases of loss 0. */
function relevances(inputs: (s: Input, mask: Input) => Input[]): OpCase[] {
  const area: Shape = [2, 3, 4];
  const open = { hinge: true, eps: 1e-8 };
  const maskAgainst: Input = {
    shape: area,
    values: (random, size) =>
      Float32Array.from({ length: size }, (_, i) => (i % 5 === 0 ? 1 : 0.2 * random.uniform())),
  };
  const one: Shape = [1, 2, 2];
  const still = (label: string, s: Input, mask: Input, hinge = true): OpCase => ({
    label,
    inputs: inputs(s, mask),
    attrs: { hinge, eps: 1e-8 },
  });
  return [
    { label: 'hinge open', inputs: inputs(nonzero(area), maskAgainst), attrs: open, terms: 12 },
    {
      label: 'all positive',
      inputs: inputs(positive([3, 4]), between(0, 1)([3, 4])),
      attrs: { ...open, hinge: false },
      terms: 4,
    },
    {
      label: 'energy',
      inputs: inputs(nonzero(area), between(0, 1)(area)),
      attrs: { ...open, hinge: false },
      terms: 12,
    },
    {
      label: 'more than a workgroup',
      inputs: inputs(nonzero([2, 11, 13]), { ...maskAgainst, shape: [2, 11, 13] }),
      attrs: open,
      terms: 143,
    },
    still('hinge closed', given(one, 3, 0.1, -1, 0.1), given(one, 1, 0.5, 0, 0)),
    still('no positive saliency', given(one, -1, -2, -0.5, -1), given(one, 1, 0, 0.5, 0)),
    still('constant mask', positive(one), given(one, 0.7, 0.7, 0.7, 0.7)),
    still('constant mask, energy', positive(one), given(one, 0.7, 0.7, 0.7, 0.7), false),
    still('zero mask', positive(one), given(one, 0, 0, 0, 0)),
    still('zero mask, energy', positive(one), given(one, 0, 0, 0, 0), false),
  ];
}

const relevanceLoss: OpSpecification = {
  reference: ([s, mask], attrs) =>
    build([s.shape[0]], ([n]) => relevanceRow(s, mask, n, attrs).miss),
  cases: relevances((s, mask) => [s, mask]),
  heldConstant: ['mask'],
};

const relevanceLossInputGrad: OpSpecification = {
  reference: ([dy, s, mask], attrs) => {
    const area = s.data.length / s.shape[0];
    const ds = array64(s.shape);
    for (let n = 0; n < s.shape[0]; n++) {
      const { m, total, energy, miss } = relevanceRow(s, mask, n, attrs);
      if (miss === 0) continue;
      m.forEach((value, p) => {
        // ∂(T − E/S)/∂s_p of S = Σs⁺, E = Σm·s⁺ by the quotient rule.
        if (s.data[n * area + p] > 0) {
          ds.data[n * area + p] = (-dy.data[n] * (value * total - energy * total)) / total ** 2;
        }
      });
    }
    return ds;
  },
  cases: relevances((s, mask) => [normal([s.shape[0]]), s, mask]),
  heldConstant: ['mask'],
};

/** Of each row, `first` fills the first value, and the others lie between `low` and `high`. */
const led =
  (first: number, low: number, high: number): Maker =>
  (shape) => ({
    shape,
    values: (random, size) => {
      const area = size / shape[0];
      return Float32Array.from({ length: size }, (_, i) =>
        i % area === 0 ? first : low + (high - low) * random.uniform(),
      );
    },
  });

const sampler: Sampler<Readonly<Record<'n' | 'h' | 'w' | 'hinge', number>>> = {
  bound: {
    factor: 1,
    terms: 'values of a map',
    why: 'sums over a map; slopes of 1/total at 0.4 reach 2/0.4³ = 31',
  },
  least: { hinge: 0 },
  draw: (random) => ({
    n: pick(random, [1, 2, 3, 5]),
    h: pick(random, [1, 2, 3, 5]),
    w: pick(random, [1, 2, 3, 6]),
    hinge: random.int(2),
  }),
  problem: ({ n, h, w, hinge }) => {
    const shape = [n, h, w];
    const attrs = { hinge: hinge === 1, eps: 1e-8 };
    return {
      // With a hinge, the mask's own value gets little saliency: the target is out of reach, by more than a difference
      // moves.
      inputs: hinge
        ? [led(0.4, 1, 2)(shape), led(1, 0, 0.2)(shape)]
        : [signed(shape), between(0, 1)(shape)],
      run: ([s, mask]) => e.relevanceLoss(s, mask, attrs),
      reference: (arrays) => relevanceLoss.reference(arrays, attrs),
      terms: h * w,
      constants: [1],
    };
  },
};

export const specification: Specification = {
  ops: { relevanceLoss, relevanceLossInputGrad },
  samplers: {
    relevanceLoss: sampler,
    'edge:relevanceLoss': manyRows([2, 3], ({ rows, length }) => ({
      inputs: [positive([rows, length]), positive([rows, length])],
      run: ([s, mask]) => e.relevanceLoss(s, mask, { hinge: false }),
      reference: (arrays) => relevanceLoss.reference(arrays, { hinge: false, eps: 1e-8 }),
      terms: length,
    })),
  },
};
