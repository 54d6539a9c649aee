// Checks an op, or a function made of ops, against float64 to second order, and a fused op against its composite.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { grad, ops, Random, type Tensor } from '../../engine/index.ts';
import { type Array64, array64, sizeOf64 } from './array64.ts';
import { curvature64, type Direction, dot, jvp64, slope64 } from './autodiff64.ts';
import { close, largest } from './close.ts';
import { differentiable, orderOf } from './coverage.ts';
import { derivatives, readDerivatives } from './derivatives.ts';
import { testGpu } from './gpu.ts';
import type { OpCase } from './op-inputs.ts';
import type { OpSpecification, Specification } from './specification.ts';
import { type Order, tolerance } from './tolerance.ts';

const gpu = await testGpu();

/** Number of elements with their own derivatives. A random direction covers the rest. */
const ONE_BY_ONE = 12;

interface Prepared {
  readonly name: string;
  readonly specification: OpSpecification;
  readonly kase: OpCase;
  readonly random: Random;
  readonly inputs: readonly Array64[];
  /** Inputs that the op differentiates. */
  readonly wanted: readonly number[];
  readonly f: (inputs: readonly Array64[]) => Array64;
  /** The same inputs on the device. */
  readonly tensors: readonly Tensor[];
  readonly apply: (inputs: Tensor[]) => Tensor;
}

function prepare(name: string, specification: OpSpecification, kase: OpCase): Prepared {
  const op = ops.get(name);
  const run = kase.run ?? ((inputs: Tensor[]) => op?.apply(inputs, kase.attrs));
  const random = new Random(`${name} ${kase.label}`);
  const data = kase.inputs.map(({ shape, values }) => values(random, sizeOf64(shape)));
  const tensors = kase.inputs.map(({ shape, dtype }, i) => gpu.tensor(data[i], shape, dtype));
  const constant = constantsOf(name, kase);
  const wanted = op
    ? differentiable(op)
    : kase.inputs.flatMap(({ dtype }, i) => (dtype || constant.includes(i) ? [] : [i]));
  for (const i of wanted) tensors[i].requiresGrad = true;
  return {
    name,
    specification,
    kase,
    random,
    inputs: kase.inputs.map(({ shape }, i) => array64(shape, Float32Array.from(data[i]))),
    wanted,
    f: (inputs) => specification.reference(inputs, kase.attrs),
    tensors,
    apply: (inputs) => {
      const y = run(inputs);
      if (!y) throw new Error(`${name}: no such op, and the case calls no function.`);
      return y;
    },
  };
}

/** Inputs without a gradient: those that the op declares so, or that the case of a function names. */
const constantsOf = (name: string, { inputs, constants = [] }: OpCase): readonly number[] => {
  const vjp = ops.get(name)?.definition.vjp;
  return vjp ? inputs.flatMap((_, i) => (vjp[i] === 'zero' ? [i] : [])) : constants;
};

const randomLike = (random: Random, size: number): Float64Array =>
  Float64Array.from({ length: size }, () => Math.fround(2 * random.uniform() - 1));

/** Compares to the tolerance of `order`, relative to the largest value. */
function compare(
  { name, kase }: Prepared,
  what: string,
  order: Order,
  shape: readonly number[],
  actual: ArrayLike<number>,
  expected: ArrayLike<number>,
  scale = largest(expected),
): void {
  const allowed = tolerance(order, kase.terms);
  const atol = kase.relative ? 0 : allowed * (scale + 0.05); // a sum of values near 1 may cancel to 0
  const rtol = kase.relative ? 20 * allowed : allowed;
  close(actual, expected, { op: `${name} (${kase.label}), ${what}`, shape, rtol, atol });
}

/** Checks a gradient against directional derivatives: along single axes, and along a random direction. */
function compareGradient(
  p: Prepared,
  what: string,
  order: 1 | 2,
  input: number,
  actual: ArrayLike<number>,
  directional: (v: Direction) => number,
): void {
  const { shape, data } = p.inputs[input];
  const along = (v: Float64Array) =>
    directional(p.inputs.map((_, i) => (i === input ? v : undefined)));
  const chosen = p.random.permutation(data.length).subarray(0, ONE_BY_ONE);
  const expected = Array.from(chosen, (k) =>
    along(new Float64Array(data.length).fill(1, k, k + 1)),
  );
  const scale = Math.max(largest(actual), largest(expected));
  const picked = Array.from(chosen, (k) => actual[k]);
  compare(
    p,
    `${what} at [${[...chosen].join(', ')}] of [${shape.join(', ')}]`,
    order,
    [picked.length],
    picked,
    expected,
    scale,
  );
  if (data.length <= ONE_BY_ONE) return;
  const v = randomLike(p.random, data.length);
  const spread = scale * Math.sqrt(data.length);
  compare(p, `${what}, along a random direction`, order, [], [dot(actual, v)], [along(v)], spread);
}

/** Value and derivatives of `apply` on the device. */
async function onDevice(
  { apply, tensors, wanted, kase }: Prepared,
  dy: Float64Array,
  u: Direction,
) {
  const request = { apply, inputs: tensors, wanted, order: orderOf(kase), dy, u };
  const results = derivatives(gpu, request);
  return { shape: results.y.shape, ...(await readDerivatives(results)) };
}

async function check(p: Prepared): Promise<void> {
  const { kase, f, inputs, wanted, random } = p;
  const order = wanted.length === 0 ? 0 : orderOf(kase);
  const expected = f(inputs);
  const dy = randomLike(random, expected.data.length);
  const u = inputs.map(({ data }, i) =>
    wanted.includes(i) ? randomLike(random, data.length) : undefined,
  );
  const actual = await onDevice(p, dy, u);
  assert.equal([...actual.shape], [...expected.shape], 'shape');
  compare(p, 'value', 0, expected.shape, actual.y, expected.data);
  if (order === 0) return;
  wanted.forEach((i, k) => {
    compareGradient(p, `gradient of input ${i}`, 1, i, actual.dx[k], (v) =>
      slope64(f, inputs, dy, v),
    );
  });
  if (order === 1) return;
  wanted.forEach((i, k) => {
    const what = `second order, input ${i}`;
    compareGradient(p, what, 2, i, actual.second[k], (v) => curvature64(f, inputs, dy, u, v));
  });
  const jacobian = jvp64(f, inputs, u);
  compare(p, 'second order, dy', 2, expected.shape, actual.second[wanted.length], jacobian);
}

/** The fused op and its composite: equal except for the rounding of both. */
async function checkComposite(p: Prepared): Promise<void> {
  const { composite } = ops.get(p.name)?.definition ?? {};
  if (!composite) return;
  const { inputs, wanted, random } = p;
  const size = p.f(inputs).data.length;
  const dy = randomLike(random, size);
  const u = inputs.map(({ data }, i) =>
    wanted.includes(i) ? randomLike(random, data.length) : undefined,
  );
  const fused = await onDevice(p, dy, u);
  const plain = await onDevice({ ...p, apply: (x) => composite(x, p.kase.attrs) }, dy, u);
  assert.equal([...plain.shape], [...fused.shape], 'shape of the composite');
  compare(p, 'value against composite', 0, fused.shape, fused.y, plain.y);
  fused.dx.forEach((dx, k) => {
    const { shape } = inputs[wanted[k]];
    compare(p, `gradient ${wanted[k]} against composite`, 1, shape, dx, plain.dx[k]);
  });
  fused.second.forEach((d2, k) => {
    const shape = inputs[wanted[k]]?.shape ?? fused.shape;
    compare(p, `second order ${k} against composite`, 2, shape, d2, plain.second[k]);
  });
}

/** A constant input is constant: no path on the tape, and slope 0 in float64 (unless it is declared to vary). */
function checkZeros({ name, specification, kase, f, inputs, tensors, apply }: Prepared): void {
  const names = ops.get(name)?.definition.inputs;
  for (const i of constantsOf(name, kase)) {
    const inputName = names?.[i] ?? `input ${i}`;
    gpu.scope(() => {
      const alone = tensors.map((t, k) => {
        const copy = gpu.view(t, t.shape);
        copy.requiresGrad = k === i;
        return copy;
      });
      const y = apply(alone);
      assert.not(y.tracked, `${name}: a result with no gradient is not recorded`);
      assert.throws(() => grad(y, [alone[i]]), /no gradient path/);
    });
    if (kase.inputs[i].dtype === 'u32' || specification.heldConstant?.includes(inputName)) continue;
    const random = new Random(name);
    const v = inputs.map(({ data }, k) => (k === i ? randomLike(random, data.length) : undefined));
    assert.is(
      largest(jvp64(f, inputs, v)),
      0,
      `${name}: the derivative of ${inputName} is not zero`,
    );
  }
}

/** Declares the tests of the ops and functions of a file of engine/ops. */
export function testOps({ ops: specified }: Specification): void {
  for (const [name, specification] of Object.entries(specified)) {
    for (const kase of specification.cases) {
      test(`${name}: ${kase.label}`, async () => {
        const p = prepare(name, specification, kase);
        try {
          await check(p);
          await checkComposite(p);
          if (orderOf(kase) > 0) checkZeros(p);
        } finally {
          for (const tensor of p.tensors) tensor.dispose();
        }
      });
    }
  }
}

/** Declares a test that a NaN anywhere in [0, 1, 2, 3] shows in the result. */
export function testNaN(name: string, apply: (x: Tensor) => Tensor): void {
  test(`a NaN is not hidden: ${name}`, async () => {
    for (let at = 0; at < 4; at++) {
      const x = gpu.tensor([0, 1, 2, 3].map((v) => (v === at ? Number.NaN : v)));
      const y = gpu.scope(() => apply(x));
      assert.ok((await y.data()).some(Number.isNaN), `NaN at ${at}: got ${await y.data()}`);
    }
  });
}

/** The gradient of a function of one tensor at `values`. */
export async function gradientAt(
  f: (x: Tensor) => Tensor,
  values: readonly number[],
): Promise<number[]> {
  const x = gpu.parameter(values, [values.length]);
  return [...(await grad(f(x), [x])[0].data())];
}
