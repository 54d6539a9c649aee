// Reductions against float64, at NaN, at infinities and at ties.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as e from '../../../engine/index.ts';
import { testGpu } from '../../support/gpu.ts';
import { gradientAt, testNaN, testOps } from '../../support/op-check.ts';
import { specification } from './reduce.ts';

const gpu = await testGpu();

testOps(specification);

for (const [name, apply] of Object.entries<(x: e.Tensor) => e.Tensor>({
  sum: e.sum,
  max: e.max,
  min: e.min,
  'max over a long axis': (x) => e.max(e.broadcastTo(x, [200, 4])),
  'min over a long axis': (x) => e.min(e.broadcastTo(x, [200, 4])),
  norm: e.norm,
  variance: e.variance,
  std: e.std,
  'norm over a long axis': (x) => e.norm(e.broadcastTo(x, [200, 4])),
  'mean over a long axis': (x) => e.mean(e.broadcastTo(x, [200, 4])),
})) {
  testNaN(name, apply);
}

/** The same device, used as if it were a GPU. */
class LikeGpu extends e.Gpu {
  override readonly isSoftware = false;
}

test('a GPU folds by workgroups: the same results, in one launch up to 16,384 elements', async () => {
  const like = new LikeGpu(gpu.device);
  const random = new e.Random('by workgroups');
  for (const [shape, axes, launches] of [
    [[3, 200, 5], [1], 1],
    [[70], [0], 1],
    [[1000, 2], [0], 1],
    [[20000], [0], 2],
  ] as const) {
    const size = shape.reduce<number>((a, b) => a * b, 1);
    // Whole numbers, so that every order of adding gives the same sum.
    const values = Float32Array.from({ length: size }, () => random.int(17) - 8);
    for (const fold of [e.sum, e.max, e.min]) {
      const expected = await fold(gpu.tensor(values, shape), axes).data();
      const before = like.stats.dispatches;
      const y = fold(like.tensor(values, shape), axes);
      assert.equal(await y.data(), expected, `${fold.name} of [${shape}]`);
      assert.is(like.stats.dispatches - before, launches, `${fold.name} of [${shape}]`);
      const spoilt = values.with(size - 1, Number.NaN);
      const found = await fold(like.tensor(spoilt, shape), axes).data();
      assert.ok(Number.isNaN(found[found.length - 1]), `${fold.name} of [${shape}]: NaN`);
    }
  }
});

test('the extremes of infinities are infinite', async () => {
  const [low, high] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  assert.is(await e.max(gpu.tensor([low, low])).item(), low);
  assert.is(await e.min(gpu.tensor([high, high])).item(), high);
});

test('equal extremes share the gradient', async () => {
  assert.equal(await gradientAt((x) => e.min(x), [2, 1, 5, 1]), [0, 0.5, 0, 0.5]);
  assert.equal(
    await gradientAt((x) => e.max(x), [2, 5, 5, 1, 5, 5]),
    [0, 0.25, 0.25, 0, 0.25, 0.25],
  );
});

/** Value, gradient, and gradient of ⟨gradient, 1 … n⟩. */
async function toSecondOrder(f: (x: e.Tensor) => e.Tensor, values: readonly number[]) {
  const x = gpu.parameter(values, [values.length]);
  const y = f(x);
  const [first] = e.grad(y, [x], { createGraph: true });
  const weighted = e.sum(e.mul(first, gpu.tensor(values.map((_, i) => i + 1))));
  const [second] = e.grad(weighted, [x]);
  const [gradient, curvature] = [await first.data(), await second.data()];
  return { value: await y.item(), gradient: [...gradient], curvature: [...curvature] };
}

for (const [name, f, values] of [
  ['norm of zeros', (x) => e.norm(x), [0, 0, 0]],
  ['std of equal values', (x) => e.std(x), [0.5, 0.5, 0.5, 0.5]],
  ['std of one value', (x) => e.std(x, undefined, { correction: 0 }), [3]],
  ['norm of squares that underflow', (x) => e.norm(x), [1e-30, -1e-30]],
] satisfies [string, (x: e.Tensor) => e.Tensor, number[]][]) {
  test(`${name}: 0, with derivatives of 0 to second order`, async () => {
    const none = values.map(() => 0);
    const { value, gradient, curvature } = await toSecondOrder(f, values);
    assert.is(value, 0);
    assert.equal(gradient.map(Math.abs), none);
    assert.equal(curvature.map(Math.abs), none);
  });
}

test('equal values whose mean is rounded have finite derivatives', async () => {
  const { value, gradient, curvature } = await toSecondOrder((x) => e.std(x), Array(7).fill(0.1));
  assert.ok(value < 1e-6);
  assert.ok([...gradient, ...curvature].every(Number.isFinite), `${gradient} ${curvature}`);
});

test('a row of zeros leaves the derivatives of its neighbours as they are', async () => {
  const rows = (x: e.Tensor) => e.sum(e.norm(e.reshape(x, [2, 2]), 1));
  const { gradient, curvature } = await toSecondOrder(rows, [0, 0, 3, 4]);
  assert.equal(gradient.map(Math.abs).slice(0, 2), [0, 0]);
  assert.ok(Math.abs(gradient[2] - 0.6) < 1e-6 && Math.abs(gradient[3] - 0.8) < 1e-6);
  // (w − u⟨u, w⟩)/‖x‖ for u = [0.6, 0.8], w = [3, 4]: w is along u.
  assert.ok(curvature.every((v) => Math.abs(v) < 1e-6));
});

test('tiny values have finite derivatives of second order', async () => {
  const { gradient, curvature } = await toSecondOrder((x) => e.norm(x), [3e-15, 4e-15]);
  assert.ok(Math.abs(gradient[0] - 0.6) < 1e-5, `${gradient}`);
  assert.ok(curvature.every(Number.isFinite), `${curvature}`);
});

test('a norm over axes apart is one norm: a row of zeros has the derivatives of the whole', async () => {
  for (const keepDims of [false, true]) {
    const apart = (x: e.Tensor) => e.sum(e.norm(e.reshape(x, [2, 1, 2]), [0, 2], { keepDims }));
    const values = [0, 0, 3, 4];
    const [got, want] = [await toSecondOrder(apart, values), await toSecondOrder(e.norm, values)];
    assert.is(got.value, 5);
    assert.equal([got.gradient, got.curvature], [want.gradient, want.curvature]);
    assert.ok(Math.abs(got.curvature[0] - 0.2) < 1e-6, `${got.curvature}`);
  }
  const x = gpu.tensor([1, 2, 3, 4, 5, 6], [3, 2, 1]);
  assert.equal(e.norm(x, [0, -1], { keepDims: true }).shape, [1, 2, 1]);
  assert.equal(e.norm(x, [0, -1]).shape, [2]);
});

test('a correction that leaves nothing to divide by is refused', () => {
  const x = gpu.tensor([1, 2, 3], [3, 1]);
  assert.throws(
    () => e.variance(x, 1),
    /^variance: correction is 1, expected less than 1, the number of values\. Pass/,
  );
  assert.throws(
    () => e.std(x, 0, { correction: 3 }),
    /^std: correction is 3, expected less than 3/,
  );
  assert.throws(() => e.norm(x, 2), /^norm: axis 2 does not exist in shape \[3, 1\]/);
});

test.run();
