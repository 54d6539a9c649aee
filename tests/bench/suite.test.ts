// The benchmark on a real device: one small case, and a check that finds what is wrong.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sampleError } from '../../bench/case.ts';
import { cases } from '../../bench/cases/index.ts';
import { peaksOf } from '../../bench/roofline.ts';
import { runSuite } from '../../bench/suite.ts';
import { testGpu } from '../support/gpu.ts';

test('measures one small case beside the peaks, and gives everything back', async () => {
  const gpu = await testGpu();
  const plan = { rounds: 3, roundMs: 1 };
  const lines: string[] = [];
  const result = await runSuite(gpu, {
    only: 'dense N64 64→10 forward',
    plan,
    say: (line) => lines.push(line),
  });
  assert.equal(result.failures, []);
  assert.is(result.kernels.length, 1);
  const [row] = result.kernels;
  assert.is(row.flops, 2 * 64 * 64 * 10);
  assert.is(row.rounds.length, 3);
  assert.ok(row.rounds.every((ms) => ms > 0) && row.error < 1e-5);
  const { gflops, gbs } = peaksOf(result);
  assert.ok(gflops > 0 && gbs > 0, `${gflops} GFLOP/s, ${gbs} GB/s`);
  assert.ok(lines.includes('round 3 of 3'));
  assert.is(gpu.stats.usedBytes, 0);
});

test('a software adapter leaves out what others publish, unless it is asked for', async () => {
  const gpu = await testGpu();
  if (!gpu.isSoftware) return console.log('skipped: this adapter is a GPU');
  const plan = { rounds: 2, roundMs: 1 };
  const quiet = await runSuite(gpu, { only: '64→128 56² weight grad', plan });
  assert.equal(
    quiet.kernels.map(({ suite }) => suite),
    ['convolution'],
  );
  const asked = await runSuite(gpu, { only: 'published ViT-B N8 768→768', plan });
  assert.equal(asked.failures, []);
  assert.equal(
    asked.kernels.map(({ name }) => name),
    ['ViT-B N8 768→768 forward'],
  );
});

test('times the step of an optimiser, which no program has twice', async () => {
  const gpu = await testGpu();
  const plan = { rounds: 2, roundMs: 1 };
  const { kernels, failures } = await runSuite(gpu, { only: 'adam 64', plan });
  assert.equal(failures, []);
  assert.is(kernels[0].repeats, 1);
});

test('times a whole step, plain and guided, with what it costs', async () => {
  const gpu = await testGpu();
  const { steps, failures } = await runSuite(gpu, {
    only: 'last conv input',
    plan: { rounds: 2, roundMs: 1 },
  });
  assert.equal(failures, []);
  assert.is(steps.length, 1);
  assert.is(steps[0].scriptRounds.length, 2);
  const [{ plannedBytes, unsharedBytes, eagerBytes = 0 }] = steps;
  // An eager step gives back what an op needs for itself, but holds all results.
  assert.ok(plannedBytes < eagerBytes && eagerBytes < unsharedBytes, `${eagerBytes}`);
});

test('a wrong element at either end, or one that is no number, is found', () => {
  const work = {
    size: 1000,
    expected: (i: number) => i % 7,
    run: () => assert.unreachable(),
    inputs: [],
  };
  const right = Float32Array.from({ length: 1000 }, (_, i) => i % 7);
  const error = (change: (values: Float32Array) => void) => {
    const values = right.slice();
    change(values);
    return sampleError(work as unknown as Parameters<typeof sampleError>[0], values);
  };
  assert.is(
    error(() => {}),
    0,
  );
  for (const at of [0, 999]) assert.ok(error((values) => values.set([9], at)) > 0.1);
  assert.is(
    error((values) => values.fill(Number.NaN)),
    Number.POSITIVE_INFINITY,
  );
});

test('names are unique: results are compared by them', () => {
  const names = cases.map(({ name }) => name);
  assert.is(new Set(names).size, names.length);
});

test.run();
