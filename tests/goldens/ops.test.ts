// The engine's ops, float32 on the device, against PyTorch's derivatives to second order.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as e from '../../engine/index.ts';
import { unaryKernels } from '../../kernels/elementwise.ts';
import { testGpu } from '../support/gpu.ts';
import { formulaOn, turned } from './device.ts';
import { STREAM } from './formula.ts';
import {
  differentiated,
  float32Tolerance,
  type Goldens,
  matches,
  type OpGolden,
  opLabel,
  project,
  readGoldens,
} from './golden.ts';
import { type OpFunction, opFunction } from './op-functions.ts';

const gpu = await testGpu();

const { cases } = readGoldens<Goldens<OpGolden>>('ops.json');
let compared = 0;

/** L, ∂L/∂x and ∂(Σ⟨∂L/∂x, v⟩)/∂x. */
function derivatives(golden: OpGolden, apply: OpFunction) {
  const { attrs, seed } = golden;
  return gpu.scope(() => {
    const formula = formulaOn(gpu, seed);
    const inputs = golden.inputs.map(([kind, shape], i) => formula(kind, STREAM.inputs + i, shape));
    const wanted = differentiated(golden).map((i) => inputs[i]);
    for (const x of wanted) x.requiresGrad = true;
    const y = apply(inputs, attrs);
    const terms = e.add(y, e.scaleShift(e.square(y), 0.5, 0));
    const loss = e.sum(e.mul(formula('unit', STREAM.u, y.shape), terms));
    const first = e.grad(loss, wanted, { createGraph: true });
    return { loss, first, second: e.grad(turned(first, formula), wanted) };
  });
}

async function check(golden: OpGolden, apply = opFunction(golden.op)): Promise<void> {
  const { loss, first, second } = derivatives(golden, apply);
  const [[value], ...gradients] = await Promise.all(
    [loss, ...first, ...second].map((t) => t.data()),
  );
  for (const t of [loss, ...first, ...second]) t.dispose();
  const [label, tolerance] = [opLabel(golden), float32Tolerance(golden)];
  matches(`${label}, L`, value, golden.value, tolerance);
  golden.first.forEach((expected, k) => {
    const actual = project(gradients[k], golden.seed, k);
    matches(`${label}, ∂L/∂x, derivative ${k}`, actual, expected, tolerance);
  });
  golden.second.forEach((expected, k) => {
    const actual = project(gradients[golden.first.length + k], golden.seed, k);
    matches(`${label}, H v, derivative ${k}`, actual, expected, tolerance);
  });
}

for (const golden of cases) {
  test(opLabel(golden), async () => {
    await check(golden);
    compared++;
  });
}

test('every case of the file was compared', () => {
  assert.is(compared, cases.length);
});

test('a vjp that is right once and wrong twice is caught', async () => {
  const slope = (y: e.Tensor) => e.noGrad(() => e.sub(y, e.square(y)));
  const careless = e.defineOp('carelessSigmoid', {
    inputs: ['x'],
    shape: ([x]) => x.shape,
    forward: (device, [x], _, y) =>
      device.run(unaryKernels.sigmoid, { x, y }, { size: y.size, a: 1, b: 0 }),
    vjp: [({ dy, y }) => e.mul(dy, slope(y))],
  });
  for (const golden of cases.filter(({ op }) => op === 'sigmoid')) {
    const error = await check(golden, ([x]) => careless([x])).catch((caught) => caught);
    assert.match(error.message, /H v, derivative 0 \[\]: 1 of 1 values differ/);
  }
});

test.run();
