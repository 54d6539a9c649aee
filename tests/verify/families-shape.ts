// Random permutations, slices, paddings, broadcasts and joins: values move and none changes.

import * as e from '../../engine/index.ts';
import { normal, type Shape } from '../support/op-inputs.ts';
import { type Array64, array64, references } from '../support/reference.ts';
import {
  drawFlags,
  drawShape,
  type Families,
  type Family,
  pick,
  product,
} from './configuration.ts';

type List = readonly number[];

const permute: Family<{ readonly shape: Shape; readonly keys: List }> = {
  least: { keys: 0 },
  draw: (random) => {
    const shape = drawShape(random);
    return { shape, keys: [...random.permutation(shape.length)] };
  },
  problem: ({ shape, keys }) => {
    const order = shape.map((_, axis) => axis).sort((a, b) => keys[a] - keys[b] || a - b);
    return {
      inputs: [normal(shape)],
      run: ([x]) => e.permute(x, order),
      reference: (arrays) => references.permute(arrays, { order }),
      terms: 1,
      quadratic: true,
    };
  },
};

type Slice = {
  readonly size: Shape;
  readonly start: List;
  readonly step: List;
  /** Elements behind the last one that is taken. */
  readonly rest: List;
};

const slice: Family<Slice> = {
  least: { start: 0, rest: 0 },
  draw: (random) => {
    const size = drawShape(random, 4, 100);
    return {
      size,
      start: size.map(() => random.int(3)),
      step: size.map(() => pick(random, [1, 1, 2, 3])),
      rest: size.map(() => random.int(4)),
    };
  },
  problem: ({ size, start, step, rest }) => ({
    inputs: [normal(size.map((n, axis) => start[axis] + (n - 1) * step[axis] + 1 + rest[axis]))],
    run: ([x]) => e.slice(x, start, size, step),
    reference: (arrays) => references.slice(arrays, { start, size, step }),
    terms: 1,
    quadratic: true,
  }),
};

const pad: Family<{ readonly shape: Shape; readonly before: List; readonly after: List }> = {
  least: { before: 0, after: 0 },
  draw: (random) => {
    const shape = drawShape(random, 4, 100);
    return { shape, before: shape.map(() => random.int(3)), after: shape.map(() => random.int(4)) };
  },
  problem: ({ shape, before, after }) => ({
    inputs: [normal(shape)],
    run: ([x]) => e.pad(x, before, after),
    reference: (arrays) => references.pad(arrays, { before, after }),
    terms: 1,
    quadratic: true,
  }),
};

const broadcastTo: Family<{ readonly shape: Shape; readonly kept: List }> = {
  least: { kept: 0 },
  draw: (random) => {
    const shape = drawShape(random);
    return { shape, kept: drawFlags(random, shape) };
  },
  problem: ({ shape, kept }) => ({
    inputs: [normal(shape.map((n, axis) => (kept[axis] ? n : 1)))],
    run: ([x]) => e.broadcastTo(x, shape),
    reference: (arrays) => references.broadcastTo(arrays, { shape }),
    terms: product(shape.filter((_, axis) => !kept[axis])),
    quadratic: true,
  }),
};

type Join = {
  readonly shape: Shape;
  readonly axis: number;
  /** Lengths of the parts along the axis; 0 for no such part. */
  readonly first: number;
  readonly second: number;
  readonly third: number;
};

const concat: Family<Join> = {
  least: { axis: 0, second: 0, third: 0 },
  draw: (random) => {
    const shape = drawShape(random, 4, 60);
    const [first, second, third] = Array.from({ length: 3 }, () => pick(random, [1, 2, 3, 5]));
    return { shape, axis: random.int(shape.length), first, second, third: third - 1 };
  },
  problem: ({ shape, axis, first, second, third }) => {
    if (axis >= shape.length) return;
    const parts = [first, second, third].filter((n) => n > 0);
    return {
      inputs: parts.map((n) => normal(shape.map((length, i) => (i === axis ? n : length)))),
      run: (tensors) => e.concat(tensors, axis),
      reference: (arrays) => concat64(arrays, axis),
      terms: 1,
      quadratic: true,
    };
  },
};

function concat64(parts: readonly Array64[], axis: number): Array64 {
  const outer = product(parts[0].shape.slice(0, axis));
  const data: number[] = [];
  for (let o = 0; o < outer; o++) {
    for (const part of parts) {
      const run = part.data.length / outer;
      data.push(...part.data.subarray(o * run, (o + 1) * run));
    }
  }
  const total = parts.reduce((n, { shape }) => n + shape[axis], 0);
  return array64(
    parts[0].shape.map((n, i) => (i === axis ? total : n)),
    data,
  );
}

export const shapeFamilies: Families = { permute, slice, pad, broadcastTo, concat };
