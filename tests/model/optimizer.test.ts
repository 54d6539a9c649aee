// Optimisers against the papers' formulas in float64, and schedules against their end points.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Tensor } from '../../engine/index.ts';
import { createAdam, createSgd, type Optimizer } from '../../model/optimizer.ts';
import { scheduleFactor } from '../../model/schedule.ts';
import { testGpu } from '../support/gpu.ts';

const gpu = await testGpu();
const START = [1, -2, 0.5, 3];
const gradient = (t: number) => START.map((v, i) => Math.sin(v * (t + 1) + i));

async function run(make: (p: Map<string, Tensor>) => Optimizer, lrs: number[]): Promise<number[]> {
  const p = gpu.parameter(START, [4]);
  const optimizer = make(new Map([['p', p]]));
  lrs.forEach((lr, t) => {
    optimizer.advance(lr);
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

test('an optimiser that is saved and loaded goes on as if nothing had been', async () => {
  const whole = await run((all) => createAdam(gpu, all), LRS);
  const p = gpu.parameter(START, [4]);
  const first = createAdam(gpu, new Map([['p', p]]));
  const step = (optimizer: Optimizer, t: number) => {
    optimizer.advance(LRS[t]);
    optimizer.step([gpu.tensor(gradient(t), [4])]);
  };
  step(first, 0);
  const second = createAdam(gpu, new Map([['p', p]]));
  second.load(await first.state(), first.steps);
  step(second, 1);
  step(second, 2);
  assert.equal([...(await p.data())], whole);
});

test('a missing gradient is an error', () => {
  const optimizer = createSgd(gpu, new Map([['p', gpu.parameter(START, [4])]]));
  assert.throws(() => optimizer.step([]), /got 0 gradients, expected 1/);
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
