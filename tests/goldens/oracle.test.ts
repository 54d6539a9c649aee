// The float64 oracle itself, value and finite differences, against PyTorch's derivatives.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { references } from '../engine/ops/index.ts';
import { array64 } from '../support/array64.ts';
import { curvature64, type Direction, type Function64, slope64 } from '../support/autodiff64.ts';
import { goldenValues, STREAM } from './formula.ts';
import {
  differentiated,
  type Goldens,
  matches,
  type OpGolden,
  opLabel,
  readGoldens,
} from './golden.ts';
import { bent, oracle } from './oracle.ts';

/** Of the value: float64 on both sides, sums of some thousand terms in another order. */
const EXACT = 1e-12;
/** Of a difference of fourth order: rounding 10⁻¹⁶·|L|/h, twice for the second order, with h = 10⁻³. */
const DIFFERENCED = 1e-8;
const DIFFERENCED_TWICE = 1e-6;

const { cases } = readGoldens<Goldens<OpGolden>>('ops.json');
let compared = 0;

type Apply = typeof oracle;

/** Value, first and second order of a case; `apply` is the oracle, but where a test breaks it. */
function check(golden: OpGolden, apply: Apply = oracle): void {
  const { op, attrs, seed } = golden;
  const label = opLabel(golden);
  const inputs = golden.inputs.map(([kind, shape], i) =>
    array64(shape, goldenValues(kind, seed, STREAM.inputs + i, shape)),
  );
  const u = (shape: readonly number[]) => goldenValues('unit', seed, STREAM.u, shape);
  const f: Function64 = (at) => {
    const y = apply(op, at, attrs);
    return bent(y, u(y.shape));
  };
  const wanted = differentiated(golden);
  const directions = (stream: number) =>
    wanted.map((i, k) => goldenValues('unit', seed, stream + k, inputs[i].shape));
  const along = (each: readonly (Float64Array | undefined)[]): Direction =>
    inputs.map((_, i) => each[wanted.indexOf(i)]);
  const v = along(directions(STREAM.v));

  matches(`${label}, L`, f(inputs).data[0], golden.value, EXACT);
  directions(STREAM.w).forEach((w, k) => {
    const alone = along(wanted.map((_, j) => (j === k ? w : undefined)));
    const slope = slope64(f, inputs, [1], alone);
    matches(`${label}, ∂L/∂x${wanted[k]}`, slope, golden.first[k], DIFFERENCED);
    const curvature = curvature64(f, inputs, [1], v, alone);
    matches(`${label}, H v by x${wanted[k]}`, curvature, golden.second[k], DIFFERENCED_TWICE);
  });
}

for (const golden of cases) {
  test(opLabel(golden), () => {
    check(golden);
    compared++;
  });
}

test('every case of the file was compared', () => {
  assert.is(compared, cases.length);
});

test('a wrong reference is caught', () => {
  const golden = (name: string) => cases.find(({ op }) => op === name) as OpGolden;
  const wrong: readonly [string, Apply][] = [
    [
      'tanh',
      (op, x, attrs) => references.scaleShift([oracle(op, x, attrs)], { a: 1 + 1e-9, b: 0 }),
    ],
    ['batchNorm', (op, x, attrs) => oracle(op, x, { ...attrs, eps: 1.001e-5 })],
    ['saliencyMap', (op, x, attrs) => oracle(op, x, { ...attrs, method: 'hirescam' })],
  ];
  for (const [name, apply] of wrong) {
    assert.throws(() => check(golden(name), apply), /, L \[\]: 1 of 1 values differ/, name);
  }
});

test('a wrong second derivative is caught, though value and gradient are right', () => {
  const golden = cases.find(({ op }) => op === 'tanh') as OpGolden;
  const [[value, scale]] = golden.second;
  const second = [[value + 3e-6 * scale, scale]] as const;
  assert.throws(() => check({ ...golden, second }), /, H v by x0 \[\]: 1 of 1 values differ/);
});

test.run();
