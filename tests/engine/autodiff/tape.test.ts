// The tape: which gradients flow where, to any order.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as e from '../../../engine/index.ts';
import { array64 } from '../../support/array64.ts';
import { type Function64, slope64 } from '../../support/autodiff64.ts';
import { close, largest } from '../../support/close.ts';
import { testGpu } from '../../support/gpu.ts';
import { references as r } from '../ops/index.ts';

const gpu = await testGpu();
const { grad } = e;

const near = async (actual: e.Tensor, expected: ArrayLike<number>, op: string, rtol = 1e-5) =>
  close(await actual.data(), expected, {
    op,
    shape: actual.shape,
    rtol,
    atol: rtol * largest(expected),
  });

test('gradOutput weighs the outputs, and is ones by default', async () => {
  const x = gpu.parameter([1, 2, 3], [3]);
  const y = e.square(x);
  await near(grad(y, [x])[0], [2, 4, 6], 'ones');
  await near(grad(y, [x], { gradOutput: gpu.tensor([1, 0, -1]) })[0], [2, 0, -6], 'weighed');
  assert.throws(
    () => grad(y, [x], { gradOutput: gpu.zeros([2]) }),
    /grad: gradOutput has shape \[2\], expected \[3\]/,
  );
});

test('gradients of intermediates and of the output itself', async () => {
  const x = gpu.parameter([1, 2], [2]);
  const a = e.square(x);
  const b = e.scaleShift(a, 3, 0);
  const y = e.exp(b);
  const [dx, da, db, dy] = grad(y, [x, a, b, y]);
  const ey = [Math.exp(3), Math.exp(12)];
  await near(dy, [1, 1], 'dy');
  await near(db, ey, 'db');
  await near(da, [3 * ey[0], 3 * ey[1]], 'da');
  await near(dx, [6 * ey[0], 12 * ey[1]], 'dx');
});

test('a tensor that is used twice adds up, also as both inputs of one op', async () => {
  const x = gpu.parameter([2, 3], [2]);
  const y = e.add(e.mul(x, x), e.add(e.neg(x), e.mul(e.scaleShift(x, 1, 1), x)));
  await near(grad(y, [x])[0], [8, 12], 'd(x² − x + (x + 1)x)');
  const shared = e.exp(x);
  const z = e.mul(shared, e.add(shared, x));
  const expected = [2, 3].map((v) => 2 * Math.exp(2 * v) + (v + 1) * Math.exp(v));
  await near(grad(z, [x])[0], expected, 'd(e^x(e^x + x))');
});

test('a target between others takes the whole of its gradient, and passes it on', async () => {
  const x = gpu.parameter([2], [1]);
  const a = e.square(x);
  const y = e.mul(a, e.add(a, x));
  const [da, dx] = grad(y, [a, x]);
  await near(da, [2 * 4 + 2], 'da');
  await near(dx, [4 * 8 + 3 * 4], 'dx of x⁴ + x³');
});

test('orders up to four of x⁴', async () => {
  const x = gpu.parameter([-1.5, 0.5, 2], [3]);
  const power = (k: number) => [-1.5, 0.5, 2].map((v) => v ** k);
  const y = e.mul(e.square(x), e.square(x));
  const [d1] = grad(y, [x], { createGraph: true });
  const [d2] = grad(d1, [x], { createGraph: true });
  const [d3] = grad(d2, [x], { createGraph: true });
  const [d4] = grad(d3, [x]);
  await near(
    d1,
    power(3).map((v) => 4 * v),
    'd1',
  );
  await near(
    d2,
    power(2).map((v) => 12 * v),
    'd2',
  );
  await near(
    d3,
    power(1).map((v) => 24 * v),
    'd3',
  );
  await near(d4, [24, 24, 24], 'd4');
  assert.not(d4.tracked, 'without createGraph there is no history');
});

test('third order of a fused op without a vjp of its own', async () => {
  const x = gpu.parameter([1, 2, 4], [1, 3]);
  const y = e.sum(e.normalizeMap(x));
  // Σ x_i / x_3: the derivative along x_3 is −(x_1 + x_2)/x_3², then twice more.
  const [d1] = grad(y, [x], { createGraph: true });
  const pick = gpu.tensor([0, 0, 1], [1, 3]);
  const [d2] = grad(d1, [x], { gradOutput: pick, createGraph: true });
  const [d3] = grad(d2, [x], { gradOutput: pick });
  await near(d1, [1 / 4, 1 / 4, -3 / 16], 'd1');
  await near(d2, [-1 / 16, -1 / 16, 6 / 64], 'd2');
  await near(d3, [2 / 64, 2 / 64, -18 / 256], 'd3');
});

test('no path is an error, or zeros on request', async () => {
  const [x, unused] = [gpu.parameter([1], [1]), gpu.parameter([1, 2], [2])];
  const y = e.square(x);
  assert.throws(
    () => grad(y, [x, unused]),
    /grad: input 1 of shape \[2\] has no gradient path from the output.*unused: 'zero'/,
  );
  const [dx, zero] = grad(y, [x, unused], { unused: 'zero' });
  await near(dx, [2], 'dx');
  await near(zero, [0, 0], 'unused');
  assert.throws(() => grad(e.square(gpu.tensor([1])), [x]), /no gradient path/);
  assert.throws(() => grad(e.sign(x), [x]), /no gradient path/);
});

test('noGrad makes constants, nests, and ends with an error', async () => {
  const x = gpu.parameter([3], [1]);
  const constant = e.noGrad(() => {
    e.noGrad(() => e.exp(x));
    return e.square(x);
  });
  assert.not(constant.tracked);
  await near(grad(e.mul(constant, x), [x])[0], [9], 'd(9x)');
  assert.throws(() =>
    e.noGrad(() => {
      throw new Error('on purpose');
    }),
  );
  assert.ok(e.square(x).tracked);
});

test('what needs no gradient is not recorded', () => {
  const [x, c] = [gpu.parameter([3], [1]), gpu.tensor([2])];
  assert.not(e.mul(c, c).tracked);
  assert.ok(e.mul(c, x).tracked);
  assert.throws(() => grad(e.mul(c, x), [c, gpu.zeros([1])]), /input 1 of shape \[1\]/);
});

test('an op without vjp and composite says which', () => {
  const bare = e.defineOp('bareOp', { inputs: ['x'], shape: ([x]) => x.shape, forward: 'view' });
  const wrong = e.defineOp('wrongOp', {
    inputs: ['x'],
    shape: ([x]) => x.shape,
    forward: 'view',
    vjp: [({ dy }) => e.sum(dy)],
  });
  const x = gpu.parameter([1, 2], [2]);
  assert.throws(() => bare([x], undefined), /bareOp: no vjp for input x, and no composite/);
  assert.not(e.noGrad(() => bare([x], undefined)).tracked);
  assert.throws(
    () => grad(wrong([x], undefined), [x]),
    /wrongOp: the gradient of x has shape \[\], expected \[2\]/,
  );
  assert.throws(
    () => e.defineOp('relu', { inputs: [], shape: () => [], forward: 'view' }),
    /relu exists already/,
  );
});

test('a fused op whose inputs are made from each other keeps them apart', async () => {
  // normalize(x; moments(x)): the gradient at x with the moments held still is not the total one.
  const [n, c] = [5, 2];
  const values = new e.Random('alias').fillNormal(new Float32Array(n * c));
  const x = gpu.parameter(values, [n, c]);
  const [gamma, beta] = [gpu.parameter([1.5, -2], [2]), gpu.parameter([0.5, 1], [2])];
  const moments = e.channelMoments(x);
  const y = e.batchNorm(x, moments, gamma, beta);
  const dy = new e.Random('dy').fillNormal(new Float32Array(n * c));
  const gradOutput = gpu.tensor(dy, [n, c]);

  const inputs = [array64([n, c], values), array64([2], [1.5, -2]), array64([2], [0.5, 1])];
  const fixed = r.channelMoments([inputs[0]], {});
  const partial: Function64 = ([x, g, b]) => r.channelNormalize([x, fixed, g, b], { eps: 1e-5 });
  const total: Function64 = ([x, g, b]) =>
    r.channelNormalize([x, r.channelMoments([x], {}), g, b], { eps: 1e-5 });
  const expected = (f: Function64, i: number) =>
    Array.from(inputs[i].data, (_, k) => {
      const axis = Float64Array.from(inputs[i].data, (_, j) => (j === k ? 1 : 0));
      return slope64(
        f,
        inputs,
        dy,
        inputs.map((_, j) => (j === i ? axis : undefined)),
      );
    });
  const [dx, dMoments, dGamma] = grad(y, [x, moments, gamma], { gradOutput, createGraph: true });
  await near(dx, expected(total, 0), 'total gradient', 1e-4);
  await near(dGamma, expected(total, 1), 'gamma', 1e-4);
  assert.equal([...dMoments.shape], [2, 2]);
  const still = e.noGrad(() => e.channelMoments(x));
  const [held] = grad(e.batchNorm(x, still, gamma, beta), [x], { gradOutput });
  await near(held, expected(partial, 0), 'moments held still', 1e-4);
});

test('both inputs of a fused op may be one tensor', async () => {
  const x = gpu.parameter([0.5, 1, 2, 3], [1, 1, 2, 2]);
  const s = e.saliencyOf(x, x, 'signed');
  const [d1] = grad(s, [x], { createGraph: true });
  await near(d1, [1, 2, 4, 6], 'd(x²)');
  await near(grad(d1, [x])[0], [2, 2, 2, 2], 'd²(x²)');
});

test('gradients inside a scope leave only the result behind', async () => {
  const x = gpu.parameter([1, 2], [2]);
  const before = gpu.stats.usedBytes;
  const dx = gpu.scope(() => {
    const [d1] = grad(e.exp(e.square(x)), [x], { createGraph: true });
    return grad(d1, [x])[0];
  });
  assert.is(gpu.stats.usedBytes, before + 256);
  dx.dispose();
});

/** Guidance through Grad-CAM at the middle map A of conv–act–conv–act–linear, on the device and in float64. */
test('a missing path is explained by what cut it', () => {
  const w = gpu.parameter([1, 2], [2]);
  const fails = (y: e.Tensor, x: e.Tensor, message: RegExp) =>
    assert.throws(() => grad(y, [x]), message);
  const [once] = grad(e.exp(w), [w]);
  fails(
    once,
    w,
    /The output is, or depends on, a gradient that was not recorded.*createGraph: true/,
  );
  fails(e.sum(e.square(once)), w, /depends on, a gradient.*createGraph: true/);
  fails(e.mul(w, once), gpu.parameter([1], [1]), /An input of mul, \[2\], is, or depends on/);
  fails(
    e.noGrad(() => e.exp(w)),
    w,
    /The output was computed under noGrad/,
  );
  fails(
    gpu.scope(() => e.exp(w)),
    w,
    /The output came out of a scope.*Call grad inside the scope/,
  );
  const x = gpu.tensor([1, 2]);
  grad(e.mul(w, x), [x]); // the op is recorded because of w
  fails(e.exp(x), x, /It does not require a gradient\. Make it with gpu\.parameter/);
  fails(e.exp(x), w, /Nothing that the output is computed from requires a gradient/);
});

test('what is no list of tensors is refused', () => {
  const w = gpu.parameter([1, 2], [2]);
  const y = e.exp(w);
  const wrong = (wrt: unknown) => () => grad(y, wrt as e.Tensor[]);
  assert.throws(wrong(w), /wrt is a Tensor, expected a list\. Write grad\(y, \[x\]\)/);
  assert.throws(wrong(new Map([['w', w]])), /\[\.\.\.parameters\.values\(\)\]/);
  assert.throws(wrong([w, 3]), /input 1 of wrt is number/);
  assert.throws(() => grad(3 as unknown as e.Tensor, [w]), /y is number, expected a Tensor/);
});

test('a disposed intermediate stops a gradient that needs it, and no other', async () => {
  const x = gpu.parameter([1, 2], [2]);
  const a = e.scaleShift(x, 2, 0);
  const y = e.add(e.square(a), x);
  const z = e.add(e.scaleShift(a, 3, 0), x);
  a.dispose();
  assert.throws(() => grad(y, [x]), /mul: b \[2\] was disposed\. The gradient of square needs it/);
  await near(grad(z, [x])[0], [7, 7], 'dx');
});

test.run();
