// A sample of the property tests, and proof that they see a wrong op, shrink it and repeat it.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { samplers } from '../engine/ops/index.ts';
import { array64 } from '../support/array64.ts';
import { testGpu } from '../support/gpu.ts';
import type { Samplers } from '../support/sampler.ts';
import { check } from './check.ts';
import { formatConfiguration, parseConfiguration } from './configuration.ts';
import { verifyCase } from './run.ts';
import { shrink } from './shrink.ts';
import { plan, table, verify } from './suite.ts';

const gpu = await testGpu();
const quiet = () => {};

test('150 random configurations agree with float64, value, gradient and second order', async () => {
  const lines: string[] = [];
  const sample = plan(2026, 150, samplers);
  const outcomes = await verify(gpu, sample, samplers, (line) => lines.push(line));
  assert.equal(lines, []);
  const reaching = (least: number) => sample.filter(({ order }) => order >= least).length;
  const [first, second] = [reaching(1), reaching(2)];
  assert.ok(first >= 140 && second >= 50, `${first} with gradients, ${second} to second order`);
  const total = new RegExp(`^all +150 +${first} +${second} +0$`, 'm');
  assert.match(table(outcomes, samplers), total);
});

test('a plan depends on nothing but its seed', () => {
  const text = (count: number) => plan(7, count, samplers).map(formatConfiguration);
  assert.equal(text(300).slice(0, 100), text(100));
  assert.not.equal(text(100), plan(8, 100, samplers).map(formatConfiguration));
  assert.equal(
    text(300).map((line) => formatConfiguration(parseConfiguration(line, samplers))),
    text(300),
  );
});

/** avgPool2d with a reference that is off by a thousandth where the stride is above 2. */
const planted: Samplers = {
  avgPool2d: {
    ...samplers.avgPool2d,
    problem: (sizes) => {
      const problem = samplers.avgPool2d.problem(sizes);
      if (!problem || Number(sizes.stride) <= 2) return problem;
      const reference: typeof problem.reference = (inputs) => {
        const { shape, data } = problem.reference(inputs);
        return array64(
          shape,
          data.map((v) => v + 1e-3),
        );
      };
      return { ...problem, reference };
    },
  },
};

test('a wrong reference is caught, shrunk to its cause, and repeated by the line that is printed', async () => {
  const lines: string[] = [];
  const outcomes = await verify(gpu, plan(3, 20, planted), planted, (line) => lines.push(line));
  assert.is(outcomes.filter(({ failure }) => failure).length, lines.length);
  assert.ok(lines.length > 0, 'some of 20 poolings have a stride above 2');
  const text = /npm run verify -- --case '(.*)'$/.exec(lines[0])?.[1] ?? '';
  assert.equal(JSON.parse(text), {
    ...JSON.parse(text),
    order: 0,
    sizes: { n: 1, c: 1, h: 1, w: 1, kernelSize: 1, stride: 3, padding: 0 },
  });
  assert.is(await verifyCase(gpu, text, planted, quiet), false);
  assert.is(await verifyCase(gpu, text, samplers, quiet), true);
});

test('a wrong gradient is caught where the value is right', async () => {
  const { matmul } = samplers;
  const sizes = { m: 3, k: 2, n: 3, transposeA: 0, transposeB: 0 };
  const problem = matmul.problem(sizes);
  assert.ok(problem);
  const wrong: Samplers = {
    matmul: {
      ...matmul,
      problem: () => ({
        ...problem,
        // 1e-2·(a₀ − start)·b₀: 0 at the start, and not 0 as soon as a₀ changes.
        reference: ([a, b]) => {
          start ??= a.data[0];
          const y = problem.reference([a, b]);
          y.data[0] += 1e-2 * (a.data[0] - start) * b.data[0];
          return y;
        },
      }),
    },
  };
  let start: number | undefined;
  const { failure } = await check(gpu, { sampler: 'matmul', order: 1, seed: 1, sizes }, wrong);
  assert.match(String(failure), /^gradient of input 0 (at 0|along a direction)/);
});

test('shrinking drops axes, lowers each number to its least, and stops at the cap', async () => {
  const start = {
    sampler: 'pad',
    order: 2,
    seed: 5,
    sizes: { shape: [4, 9, 2], before: [1, 0, 2], after: [0, 3, 1], flag: 1 },
  } as const;
  const least = { before: 0, after: 0, flag: 0 };
  const sum = (list: unknown) => (list as number[]).reduce((a, b) => a + b, 0);
  const fails = async ({ sizes }: { sizes: Readonly<Record<string, unknown>> }) =>
    sum(sizes.shape) >= 7 && sum(sizes.before) >= 1;
  const { configuration } = await shrink(start, fails, { least });
  assert.is(configuration.order, 0);
  assert.is(sum(configuration.sizes.shape), 7);
  assert.is(sum(configuration.sizes.before), 1);
  assert.is(sum(configuration.sizes.after), 0);
  assert.is(configuration.sizes.flag, 0);
  assert.is((await shrink(start, fails, { least, attempts: 3 })).tried, 3);
});

test('a line that is no configuration is refused with the reason', () => {
  const parse = (text: string) => () => parseConfiguration(text, samplers);
  assert.throws(parse('{'), /--case: .*Quote the JSON/);
  assert.throws(
    parse('{"sampler":"conv3d"}'),
    /--case: sampler is conv3d, expected one of activation,/,
  );
  assert.throws(parse('{"sampler":"sum","order":3}'), /--case: order is 3, expected 0, 1 or 2/);
  assert.throws(parse('{"sampler":"sum","order":1,"seed":0.5}'), /whole number `seed`/);
});

test.run();
