// Gradcheck: right gradients pass, wrong and missing ones are found and put in words.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as e from '../../../engine/index.ts';
import { defineOp, type Tensor } from '../../../engine/index.ts';
import { unaryKernels } from '../../../kernels/elementwise.ts';
import { testGpu } from '../../support/gpu.ts';

const gpu = await testGpu();
const random = new e.Random('gradcheck test');
const normal = (...shape: number[]) =>
  gpu.tensor(
    Float32Array.from({ length: e.sizeOf(shape) }, () => random.normal()),
    shape,
  );

type Inputs = Readonly<Record<string, Tensor>>;
const problems = async (f: (inputs: Inputs) => Tensor, inputs: Inputs) =>
  (await e.gradcheck(f, inputs)).problems;

test('a small network with a saliency loss passes to second order', async () => {
  const inputs = { x: normal(2, 1, 6, 6), weight: normal(3, 1, 3, 3), fc: normal(2, 12) };
  const report = await e.gradcheck(({ x, weight, fc }) => {
    const a = e.tanh(e.conv2d(x, weight, { padding: 1 }));
    const pooled = e.flatten(e.avgPool2d(a, { kernelSize: 3 }));
    const score = e.sum(e.square(e.matmul(pooled, fc, { transposeB: true })));
    const [g] = e.grad(score, [a], { createGraph: true });
    return e.square(e.saliencyMap(a, g, { method: 'gradcam', sign: 'signed' }));
  }, inputs);
  assert.equal(report.problems, []);
  assert.is(report.derivatives.length, 2 * 2 * 3);
  assert.equal(
    report.derivatives.filter(({ verdict }) => verdict !== 'right'),
    [],
  );
});

test('inputs come back as they were', async () => {
  const x = normal(4);
  const before = await x.data();
  await e.gradcheck(({ x }) => e.exp(x), { x });
  assert.equal(await x.data(), before);
  assert.is(x.requiresGrad, false);
});

/** y = x² with a gradient of the caller's choice. */
const squareWith = (name: string, vjp: (x: Tensor, dy: Tensor) => Tensor) =>
  defineOp(name, {
    inputs: ['x'],
    shape: ([x]) => x.shape,
    forward: (gpu, [x], _, y) =>
      gpu.run(unaryKernels.square, { x, y }, { size: y.size, a: 1, b: 0 }),
    vjp: [({ dy, inputs: [x] }) => vjp(x, dy)],
  });

test('a wrong factor in a vjp is found, at the order where it is', async () => {
  const wrong = squareWith('squareWrongFirst', (x, dy) => e.scaleShift(e.mul(dy, x), 3, 0));
  assert.match(
    (await problems(({ x }) => wrong([x]), { x: normal(5) })).join(),
    /x, order 1: the gradient is wrong \(differences give .*, the tape .*\); the vjp of an op/,
  );
  const constant = squareWith('squareWrongSecond', (x, dy) =>
    e.scaleShift(
      e.mul(
        dy,
        e.noGrad(() => e.scaleShift(x, 1, 0)),
      ),
      2,
      0,
    ),
  );
  const said = await problems(({ x }) => constant([x]), { x: normal(5) });
  assert.is(said.length, 1);
  assert.match(said[0], /x, order 2: the second derivative is wrong/);
});

test('a detached input is called that, with the op and the reason', async () => {
  assert.match(
    (
      await problems(
        ({ x, y }) =>
          e.mul(
            y,
            e.noGrad(() => e.exp(x)),
          ),
        { x: normal(3), y: normal(3) },
      )
    ).join(),
    /^x, order 1: no gradient path, although the result changes with it .*it is detached: exp of \[3\] runs under noGrad\.$/,
  );
  const saliency = ({ x, w }: Inputs) => {
    const a = e.mul(x, w);
    const [g] = e.grad(e.sum(e.square(a)), [a]);
    return e.mul(a, g);
  };
  assert.match(
    (await problems(saliency, { x: normal(3), w: normal(3) })).join(),
    /x, order 1: the gradient is wrong .*a part is detached: .* runs under grad without createGraph \(pass \{ createGraph: true \} to grad\)/,
  );
});

test('an op that calls its derivative zero is named where that hides a dependence', async () => {
  const zero = defineOp('squareCalledFlat', {
    inputs: ['x'],
    shape: ([x]) => x.shape,
    forward: (gpu, [x], _, y) =>
      gpu.run(unaryKernels.square, { x, y }, { size: y.size, a: 1, b: 0 }),
    vjp: ['zero'],
  }) as (inputs: readonly Tensor[]) => Tensor;
  assert.match(
    (await problems(({ x }) => zero([x]), { x: normal(3) })).join(),
    /the only path goes through squareCalledFlat of \[3\], whose derivative is zero\.$/,
  );
});

test('an input that nothing depends on is a note, no problem', async () => {
  const report = await e.gradcheck(({ x }) => e.square(x), { x: normal(3), unused: normal(2) });
  assert.ok(report.ok, report.problems.join());
  assert.equal(report.notes, ['The result does not depend on unused.']);
});

test('at a kink the check says that it cannot tell', async () => {
  const kink = gpu.tensor([1e-7, 1e-7, 1e-7, 1]);
  const { ok, notes } = await e.gradcheck(
    ({ x }) => e.abs(x),
    { x: kink, y: gpu.tensor([1]) },
    { order: 1 },
  );
  assert.ok(ok);
  assert.match(notes.join(), /x, order 1: no step size settles the difference/);
});

test('values that are not finite, and inputs that are no leaves, are told so', async () => {
  assert.match(
    (await problems(({ x }) => e.log(x), { x: gpu.tensor([1, -1]) })).join(),
    /The result \[2\] is not finite \(NaN\); detectAnomaly names the op/,
  );
  const x = gpu.parameter([1], [1]);
  try {
    await e.gradcheck(({ y }) => y, { y: e.exp(x) });
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /input y is the result of exp, expected a tensor/);
  }
});

test.after(() => gpu.destroy());
test.run();
