// Optimisers against the papers' formulas in float64, and schedules against their end points.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpu, type Shape, scaleShift, sizeOf, square, type Tensor } from '../../engine/index.ts';
import { createAdam, createSgd, type Optimizer } from '../../model/optimizer.ts';
import { scheduleFactor } from '../../model/schedule.ts';
import { testGpu } from '../support/gpu.ts';
import { narrow } from '../support/narrow-device.ts';

const gpu = await testGpu();
const START = [1, -2, 0.5, 3];
const gradient = (t: number) => START.map((v, i) => Math.sin(v * (t + 1) + i));

async function run(make: (p: Map<string, Tensor>) => Optimizer, lrs: number[]): Promise<number[]> {
  const p = gpu.parameter(START, [4]);
  const optimizer = make(new Map([['p', p]]));
  lrs.forEach((lr, t) => {
    optimizer.lr = lr;
    optimizer.step([gpu.tensor(gradient(t), [4])]);
  });
  return [...(await p.data())];
}

function near(actual: number[], expected: number[]): void {
  for (const [i, v] of expected.entries())
    assert.ok(Math.abs(actual[i] - v) < 2e-6, `${actual} ${expected}`);
}

const LRS = [0.1, 0.05, 0.2];

for (const decoupled of [true, false]) {
  test(`Adam, weight decay ${decoupled ? 'decoupled' : 'in the gradient'}`, async () => {
    const decay = 0.1;
    const p = [...START];
    const m = [0, 0, 0, 0];
    const v = [0, 0, 0, 0];
    LRS.forEach((lr, t) => {
      gradient(t).forEach((slope, i) => {
        const g = decoupled ? slope : slope + decay * p[i];
        if (decoupled) p[i] -= lr * decay * p[i];
        m[i] = 0.9 * m[i] + 0.1 * g;
        v[i] = 0.999 * v[i] + 0.001 * g * g;
        p[i] -=
          (lr * m[i]) / (1 - 0.9 ** (t + 1)) / (Math.sqrt(v[i] / (1 - 0.999 ** (t + 1))) + 1e-8);
      });
    });
    near(await run((all) => createAdam(gpu, all, { weightDecay: decay, decoupled }), LRS), p);
  });
}

test('SGD with momentum and weight decay', async () => {
  const p = [...START];
  const v = [0, 0, 0, 0];
  LRS.forEach((lr, t) => {
    gradient(t).forEach((g, i) => {
      v[i] = 0.8 * v[i] + g + 0.01 * p[i];
      p[i] -= lr * v[i];
    });
  });
  near(await run((all) => createSgd(gpu, all, { momentum: 0.8, weightDecay: 0.01 }), LRS), p);
});

for (const [kind, make] of [
  ['SGD', (p: Map<string, Tensor>) => createSgd(gpu, p, { momentum: 0, lr: 0.5 })],
  ['Adam', (p: Map<string, Tensor>) => createAdam(gpu, p, { beta1: 0, beta2: 0, lr: 0.5 })],
] as const) {
  test(`${kind} without a memory forgets a gradient that was not finite`, async () => {
    const p = gpu.parameter([1, 1]);
    const optimizer = make(new Map([['p', p]]));
    optimizer.step([gpu.tensor([Number.POSITIVE_INFINITY, 1])]);
    p.write([1, 1]);
    optimizer.step([gpu.tensor([1, 1])]);
    near([...(await p.data())], [0.5, 0.5]);
  });
}

test('an optimiser that is saved and loaded goes on as if nothing had been', async () => {
  const whole = await run((all) => createAdam(gpu, all), LRS);
  const p = gpu.parameter(START, [4]);
  const first = createAdam(gpu, new Map([['p', p]]));
  const step = (optimizer: Optimizer, t: number) => {
    optimizer.lr = LRS[t];
    optimizer.step([gpu.tensor(gradient(t), [4])]);
  };
  step(first, 0);
  const second = createAdam(gpu, new Map([['p', p]]));
  const { submits } = gpu.stats;
  const saved = first.state();
  assert.is(gpu.stats.submits, submits + 1, 'both moments in one transfer');
  second.load(await saved, first.steps);
  step(second, 1);
  step(second, 2);
  assert.equal([...(await p.data())], whole);
});

const KINDS = {
  Adam: (all: Map<string, Tensor>) => createAdam(gpu, all, { weightDecay: 0.1 }),
  SGD: (all: Map<string, Tensor>) => createSgd(gpu, all, { weightDecay: 0.1 }),
};
const SHAPES = [[3], [8, 8], [5, 13], [1]];
const sine = (shape: Shape, phase: number) =>
  gpu.tensor(
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i + phase)),
    shape,
  );

/** Trains parameters of several shapes, eagerly or recorded, with one optimiser for all or one for each. */
async function trained(kind: keyof typeof KINDS, how: { recorded?: boolean; apart?: boolean }) {
  const params = SHAPES.map((shape, i) => [`p${i}`, sine(shape, i)] as const);
  const all = params.map(([, p]) => p);
  const optimizers = how.apart
    ? params.map((one) => KINDS[kind](new Map([one])))
    : [KINDS[kind](new Map(params))];
  const body = () => {
    const grads = all.map((p, i) => scaleShift(square(p), 1, i));
    for (const [i, optimizer] of optimizers.entries()) {
      optimizer.step(how.apart ? [grads[i]] : grads);
    }
  };
  const program = how.recorded ? await gpu.capture(body) : undefined;
  for (const lr of LRS) {
    for (const optimizer of optimizers) optimizer.lr = lr;
    if (program) program.run();
    else gpu.scope(body);
  }
  const values = await Promise.all(all.map((p) => p.data()));
  const states = await Promise.all(optimizers.map((optimizer) => optimizer.state()));
  const moments = states.flatMap((state) => [...state]);
  const dispatches = program?.dispatches;
  program?.dispose();
  return { values, moments, dispatches };
}

for (const kind of Object.keys(KINDS) as (keyof typeof KINDS)[]) {
  test(`${kind}: all parameters at once get the bits that each alone gets, eager and recorded`, async () => {
    const { values, moments } = await trained(kind, { apart: true });
    for (const recorded of [false, true]) {
      const together = await trained(kind, { recorded });
      assert.equal(together.values, values);
      assert.equal(together.moments, moments);
    }
  });

  test(`${kind}: a recorded step is one launch beside the gradients'`, async () => {
    const { dispatches } = await trained(kind, { recorded: true });
    assert.is(dispatches, 2 * SHAPES.length + 1);
  });
}

test('a parameter that the optimiser is not given stays as it is', async () => {
  const params = SHAPES.map((shape, i) => sine(shape, i));
  const optimizer = createAdam(
    gpu,
    new Map(params.flatMap((p, i) => (i === 1 ? [] : [[`p${i}`, p]]))),
  );
  const before = await Promise.all(params.map((p) => p.data()));
  optimizer.lr = 0.1;
  optimizer.step([params[0], params[2], params[3]]);
  const after = await Promise.all(params.map((p) => p.data()));
  assert.equal(after[1], before[1]);
  for (const i of [0, 2, 3]) assert.not.equal(after[i], before[i]);
});

test('more parameters than one binding may hold: several launches, the same result', async () => {
  const small = new Gpu(
    narrow(gpu.device, { maxBufferSize: 4096, maxStorageBufferBindingSize: 516 }),
  );
  const params = SHAPES.map((shape, i) => {
    const values = Float32Array.from({ length: sizeOf(shape) }, (_, k) => Math.sin(k + i));
    return [`p${i}`, small.parameter(values, shape)] as const;
  });
  const optimizer = createSgd(small, new Map(params), { weightDecay: 0.1 });
  const program = await small.capture(() =>
    optimizer.step(params.map(([, p], i) => scaleShift(square(p), 1, i))),
  );
  assert.is(program.dispatches, 2 * SHAPES.length + 2);
  for (const lr of LRS) {
    optimizer.lr = lr;
    program.run();
  }
  const { values } = await trained('SGD', {});
  assert.equal(await Promise.all(params.map(([, p]) => p.data())), values);
});

test('a gradient that is missing, disposed or of another shape changes no parameter', async () => {
  const params = [gpu.parameter(START, [4]), gpu.parameter([5, 6], [2])];
  const optimizer = createSgd(gpu, params, { lr: 1 });
  const [right, other] = [gpu.tensor([1, 1, 1, 1]), gpu.tensor([1, 1, 1])];
  const gone = gpu.tensor([1, 1]);
  gone.dispose();
  assert.throws(() => optimizer.step([]), /got 0 gradients, expected 2/);
  assert.throws(
    () => optimizer.step([right, other]),
    /gradient of 1 has shape \[3\], expected \[2\]/,
  );
  assert.throws(() => optimizer.step([right, gone]), /gradient of 1 was disposed/);
  const missing = undefined as unknown as Tensor;
  assert.throws(() => optimizer.step([right, missing]), /gradient of 1 is missing/);
  optimizer.lr = Number.NaN;
  assert.throws(
    () => optimizer.step([right, gpu.tensor([1, 1])]),
    /lr is NaN, expected a number ≥ 0/,
  );
  assert.is(optimizer.steps, 0);
  assert.equal([...(await params[0].data())], START);
});

test('parameters are a map or an array of tensors, each once', () => {
  const p = gpu.parameter(START, [4]);
  const weights = { parameters: [p] } as unknown as Tensor[];
  assert.throws(() => createAdam(gpu, weights), /neither a Map nor an array.*weights\.parameters/);
  assert.throws(() => createAdam(gpu, []), /got no parameters/);
  assert.throws(() => createAdam(gpu, [p, p]), /parameters 0 and 1 are one tensor/);
  assert.throws(() => createAdam(gpu, [START as unknown as Tensor]), /parameter 0 is object/);
});

test('a step counts and trains by itself, eager and in each run of a program', async () => {
  const expected = await run((all) => createAdam(gpu, all), [1e-3, 1e-3]);
  for (const recorded of [false, true]) {
    const p = gpu.parameter(START, [4]);
    const slope = gpu.tensor(gradient(0), [4]);
    const optimizer = createAdam(gpu, [p]);
    const body = () => optimizer.step([slope]);
    const program = recorded ? await gpu.capture(body) : { run: body };
    assert.is(optimizer.steps, 0);
    program.run();
    slope.write(gradient(1));
    program.run();
    assert.is(optimizer.steps, 2);
    assert.equal([...(await p.data())], expected);
  }
});

test('one optimiser cannot step twice in one capture', async () => {
  const p = gpu.parameter(START, [4]);
  const optimizer = createSgd(gpu, [p]);
  const twice = gpu.capture(() => {
    optimizer.step([square(p)]);
    optimizer.step([square(p)]);
  });
  let message = '';
  await twice.catch((error) => {
    message = error.message;
  });
  assert.match(message, /one optimiser steps twice/);
});

test('a moment that does not fit is an error, and nothing is loaded', async () => {
  const optimizer = createSgd(gpu, [gpu.parameter(START, [4])]);
  const wrong = new Map([['0.v', { shape: [3], data: new Float32Array(3) }]]);
  assert.throws(() => optimizer.load(wrong, 7), /0\.v has shape \[3\], expected \[4\]/);
  assert.throws(() => optimizer.load(new Map(), 7), /no 0\.v/);
  assert.is(optimizer.steps, 0);
});

test('schedules start and end where they should', () => {
  assert.is(scheduleFactor('constant', 7, 10), 1);
  assert.is(scheduleFactor('cosine', 0, 10), 1);
  assert.ok(scheduleFactor('cosine', 10, 10) < 1e-12);
  assert.is(scheduleFactor('warmup-cosine', 0, 10), 0.1);
  assert.is(scheduleFactor('warmup-cosine', 1, 10), 1);
  assert.ok(Math.abs(scheduleFactor('warmup-cosine', 10, 10) - 0.02) < 1e-12);
  assert.ok(Math.abs(scheduleFactor('one-cycle', 0, 10) - 1 / 25) < 1e-12);
  assert.is(scheduleFactor('one-cycle', 3, 10), 1);
  assert.ok(scheduleFactor('one-cycle', 10, 10) < 1e-12);
});

test.after(() => gpu.destroy());
test.run();
