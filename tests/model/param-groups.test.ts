// Groups of parameters: one optimiser with several learning rates does what several optimisers do.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Shape, scaleShift, sizeOf, square, type Tensor } from '../../engine/index.ts';
import { createAdam, createSgd } from '../../model/optimizer.ts';
import { testGpu } from '../support/gpu.ts';

const gpu = await testGpu();
const LRS = [0.1, 0.05, 0.2];
const SHAPES = [[3], [8, 8], [5, 13], [1]];
const sine = (shape: Shape, phase: number) =>
  gpu.tensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i + phase)),
    shape,
  );

for (const kind of ['Adam', 'SGD'] as const) {
  test(`${kind}: groups have learning rates of their own, as with an optimiser each`, async () => {
    const params = () => SHAPES.map((shape, i) => [`p${i}`, sine(shape, i)] as const);
    const values = async (list: readonly (readonly [string, Tensor])[]) =>
      Promise.all(list.map(async ([, p]) => [...(await p.data())]));
    const grads = (list: readonly (readonly [string, Tensor])[]) =>
      list.map(([, p], i) => scaleShift(square(p), 1, i));
    const make = kind === 'Adam' ? createAdam : createSgd;

    const together = params();
    const [slow, fast] = [together.slice(0, 2), together.slice(2)];
    const groups = [{ params: new Map(slow), lrScale: 0.25 }, { params: new Map(fast) }];
    const optimizer = make(gpu, groups, { weightDecay: 0.1 });
    assert.equal(optimizer.parameters.length, SHAPES.length);
    const apart = params();
    const pair = [apart.slice(0, 2), apart.slice(2)].map((list) => ({
      list,
      optimizer: make(gpu, new Map(list), { weightDecay: 0.1 }),
    }));
    for (const lr of LRS) {
      optimizer.lr = lr;
      const all = grads(together);
      optimizer.step(all);
      const own = grads(apart);
      for (const [k, { list, optimizer: single }] of pair.entries()) {
        single.lr = k === 0 ? lr * 0.25 : lr;
        single.step(own.slice(k === 0 ? 0 : 2, k === 0 ? 2 : undefined));
        assert.ok(list.length > 0);
      }
    }
    assert.equal(await values(together), await values(apart));
    assert.equal([...(await optimizer.state()).keys()].slice(0, 1), [
      kind === 'Adam' ? 'p0.m' : 'p0.v',
    ]);
    for (const each of [optimizer, ...pair.map((one) => one.optimizer)]) each.dispose();
  });
}

test('groups that are wrong are refused', () => {
  const p = gpu.parameter([1, -2, 0.5, 3], [4]);
  const make = (groups: unknown) => () => createAdam(gpu, groups as Tensor[]);
  assert.throws(make([{ params: [p], lrScale: -1 }]), /lrScale is -1, expected a number ≥ 0/);
  assert.throws(make([{ params: [p] }, { params: [p] }]), /parameters 0 and 1 are one tensor/);
  assert.throws(make([{ params: [] }]), /got no parameters/);
  assert.throws(make([{ params: [p] }, p]), /parameter 0 is object, expected a Tensor/);
});

test.after(() => gpu.destroy());
test.run();
