// Two gradients as one against PyTorch's formula in float64, and what it promises: the main loss does not increase.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  grad,
  mul,
  type Shape,
  sizeOf,
  square,
  sub,
  sum,
  type Tensor,
} from '../../engine/index.ts';
import { softmaxCrossEntropy } from '../../engine/ops/index.ts';
import { createClassifier } from '../../model/architectures.ts';
import { GradientMix, type GradientMixOptions } from '../../model/gradient-mix.ts';
import { createSgd } from '../../model/optimizer.ts';
import { testGpu } from '../support/gpu.ts';

const gpu = await testGpu();

/** Some smaller than a block, some larger, none a multiple of one. */
const SHAPES: readonly Shape[] = [[3], [5, 40], [1], [7, 3, 3, 3], [130]];

const values = (phase: number) =>
  SHAPES.map((shape) =>
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => Math.sin(i * 3.7 + phase)),
  );

const dot = (a: readonly Float32Array[], b: readonly Float32Array[]): number =>
  a.reduce((total, x, t) => total + x.reduce((s, v, i) => s + v * b[t][i], 0), 0);

/** h + w·g in float64, as in PyTorch: `g -= torch.dot(g, h) / torch.dot(h, h) * h`. */
function expected(
  h: Float32Array[],
  g: Float32Array[],
  weight: number,
  options: GradientMixOptions,
) {
  const [gg, hh, gh] = [dot(g, g), dot(h, h), dot(g, h)];
  const a = options.conflictFree && gh < 0 ? gh / hh : 0;
  const norm = Math.sqrt(gg - 2 * a * gh + a * a * hh);
  const most = (options.maxNormRatio ?? 0) * Math.sqrt(hh);
  const w = most > 0 && weight * norm > most ? most / norm : weight;
  return h.map((x, t) => Array.from(x, (v, i) => v + w * (g[t][i] - a * v)));
}

/** Gradients of parameters that an optimiser has placed with gaps, or that lie alone. */
async function combined(
  h: Float32Array[],
  g: Float32Array[],
  weight: number,
  options: GradientMixOptions,
  recorded = false,
): Promise<number[][]> {
  const parameters = SHAPES.map((shape) => gpu.parameter(new Float32Array(sizeOf(shape)), shape));
  const optimizer = createSgd(gpu, parameters, { lr: 1, momentum: 0 });
  const mix = new GradientMix(gpu, parameters, options);
  const given = (all: Float32Array[]) => all.map((data, t) => gpu.tensor(data, SHAPES[t]));
  const factor = gpu.tensor([weight]);
  const [hs, gs] = [given(h), given(g)];
  // Memory that is used again is not empty, so the gaps between parameters are not.
  for (const used of [1, 2, 3].map(() => gpu.tensor(new Float32Array(706).fill(1e3))))
    used.dispose();
  const body = () => optimizer.step(mix.combine(hs, gs, factor));
  if (recorded) {
    const program = await gpu.capture(body);
    program.run();
    program.dispose();
  } else body();
  // A step of rate 1 from 0 leaves the negative gradient, whatever way it took into the optimiser.
  const result = await Promise.all(
    parameters.map(async (p) => Array.from(await p.data(), (v) => -v)),
  );
  mix.dispose();
  optimizer.dispose();
  for (const p of parameters) p.dispose();
  return result;
}

const h = values(0);
const opposed = values(0.4).map((x, t) => x.map((v, i) => 0.3 * v - 0.8 * h[t][i]));
const agreeing = values(0.4).map((x, t) => x.map((v, i) => 0.3 * v + 0.8 * h[t][i]));

const CASES: readonly [string, Float32Array[], GradientMixOptions][] = [
  ['in conflict', opposed, { conflictFree: true }],
  ['in agreement', agreeing, { conflictFree: true }],
  ['in conflict, with a limit', opposed, { conflictFree: true, maxNormRatio: 0.2 }],
  ['with a limit alone', opposed, { maxNormRatio: 0.5 }],
  ['with a limit that is not reached', agreeing, { maxNormRatio: 100 }],
];
for (const [name, g, options] of CASES) {
  test(`gradients ${name} are those of the formula in float64, eager and recorded alike`, async () => {
    const eager = await combined(h, g, 1.5, options);
    expected(h, g, 1.5, options).forEach((row, t) => {
      row.forEach((v, i) => {
        assert.ok(Math.abs(eager[t][i] - v) < 1e-5, `${name}: ${eager[t][i]}, expected ${v}`);
      });
    });
    assert.equal(await combined(h, g, 1.5, options, true), eager);
  });
}

test('gradients that are zero leave the other one as it is', async () => {
  const zero = SHAPES.map((shape) => new Float32Array(sizeOf(shape)));
  const options = { conflictFree: true, maxNormRatio: 0.5 };
  const rows = (all: Float32Array[]) => all.map((x) => [...x]);
  assert.equal(await combined(h, zero, 2, options), rows(h));
  assert.equal(
    await combined(zero, opposed, 2, { conflictFree: true }),
    rows(opposed.map((x) => x.map((v) => 2 * v))),
  );
  assert.equal(
    (await combined(zero, opposed, 2, options)).flat().every((v) => v === 0),
    true,
  );
});

test('a program combines all parameters in few launches, and copies none of them', async () => {
  const parameters = SHAPES.map((shape) =>
    gpu.parameter(new Float32Array(sizeOf(shape)).fill(0.5), shape),
  );
  const optimizer = createSgd(gpu, parameters, { lr: 1 });
  const mix = new GradientMix(gpu, parameters, { conflictFree: true });
  const factor = gpu.tensor([1]);
  const squares = (of: (p: Tensor) => Tensor) => parameters.map((p) => of(p));
  const launches = async (body: () => void) => {
    const program = await gpu.capture(body);
    const { dispatches } = program;
    program.dispose();
    return dispatches;
  };
  const both = () => [squares(square), squares((p) => mul(p, p))] as const;
  const plain = await launches(() => {
    const [a] = both();
    optimizer.step(a);
  });
  const mixed = await launches(() => {
    const [a, b] = both();
    optimizer.step(mix.combine(a, b, factor));
  });
  // Products, their sum in one or two launches, and the combination.
  assert.ok(mixed - plain <= 4, `${mixed - plain} more`);
  mix.dispose();
  optimizer.dispose();
});

test('a small step along the projected gradient of a side task does not increase cross-entropy, to first order', async () => {
  let conflicts = 0;
  for (const seed of [0, 1, 2, 3, 4, 5]) {
    const size = 8;
    const classifier = createClassifier(
      gpu,
      { architecture: 'small-cnn', channels: 1, classes: 3, size, widths: [3, 4], hidden: 5 },
      seed,
    );
    const parameters = [...classifier.weights.parameters.values()];
    const wave = (n: number, phase: number) =>
      Float32Array.from({ length: n }, (_, i) => Math.sin(i * 7.31 + phase));
    const x = gpu.tensor(wave(6 * size * size, seed), [6, 1, size, size]);
    const labels = gpu.tensor([0, 1, 2, 0, 1, 2], [6], 'u32');
    const wish = gpu.tensor(
      wave(18, seed + 1).map((v) => 3 * v),
      [6, 3],
    );
    const losses = () => {
      const { logits } = classifier.forward(x, { training: true });
      return {
        main: sum(softmaxCrossEntropy(logits, labels)),
        side: sum(square(sub(logits, wish))),
      };
    };
    const { main, side } = losses();
    const [h, g] = [grad(main, parameters), grad(side, parameters)];
    const rows = async (all: readonly Tensor[]) => Promise.all(all.map((each) => each.data()));
    const [hs, gs] = [await rows(h), await rows(g)];
    const mix = new GradientMix(gpu, parameters, { conflictFree: true });
    const total = await rows(mix.combine(h, g, gpu.tensor([1])));
    // What was added to h.
    const projected = total.map((x, t) => x.map((v, i) => v - hs[t][i]));
    const slope = -dot(hs, projected);
    const scale = Math.sqrt(dot(hs, hs) * dot(gs, gs));
    assert.ok(slope <= 1e-5 * scale, `slope ${slope} along the step, lengths ${scale}`);
    const before = (await main.data())[0];
    const length = 2e-3 / Math.sqrt(dot(projected, projected));
    const step = async (direction: readonly Float32Array[]) => {
      const starts = await rows(parameters);
      parameters.forEach((p, t) => {
        p.write(starts[t].map((v, i) => v - length * direction[t][i]));
      });
      const after = (await losses().main.data())[0];
      parameters.forEach((p, t) => {
        p.write(starts[t]);
      });
      return after - before;
    };
    if (dot(gs, hs) < 0) {
      conflicts++;
      // Exactly along the tangent: what is left is of second order, far below the change along g itself.
      const change = await step(projected);
      assert.ok(change < 0.05 * (await step(gs)), `changes by ${change}`);
    } else assert.ok((await step(projected)) < 0);
    mix.dispose();
  }
  assert.ok(conflicts > 0, 'some of these tasks conflict');
});

test.run();
