// Value and derivatives of every case of an op, on any device and in any runtime, and how two such results compare.

import { type Gpu, ops, Random } from '../../engine/index.ts';
import { opSpecifications } from '../engine/ops/index.ts';
import { sizeOf64 } from './array64.ts';
import { close, largest } from './close.ts';
import { differentiable, orderOf } from './coverage.ts';
import { derivatives, readDerivatives } from './derivatives.ts';
import type { OpCase } from './op-inputs.ts';
import { tolerance } from './tolerance.ts';

/** Value and derivatives of a case, flat. */
type Results = readonly ArrayLike<number>[];

async function resultsOf(gpu: Gpu, name: string, kase: OpCase): Promise<Results> {
  const op = ops.get(name);
  const random = new Random(`${name} ${kase.label}`);
  const tensors = kase.inputs.map(({ shape, values, dtype }) =>
    gpu.tensor(values(random, sizeOf64(shape)), shape, dtype),
  );
  const wanted = op ? differentiable(op) : [];
  for (const i of wanted) tensors[i].requiresGrad = true;
  const order = wanted.length === 0 ? 0 : orderOf(kase);
  const apply = (inputs: typeof tensors) => {
    const y = kase.run ? kase.run(inputs) : op?.apply(inputs, kase.attrs);
    if (!y) throw new Error(`${name}: no such op.`);
    return y;
  };
  const numbers = (size: number) =>
    Float64Array.from({ length: size }, () => random.uniform() - 0.5);
  const size = gpu.trace(() => apply(tensors).size);
  const u = tensors.map((tensor) => numbers(tensor.size));
  const request = { apply, inputs: tensors, wanted, order, dy: numbers(size), u };
  const { y, dx, second } = await readDerivatives(derivatives(gpu, request));
  for (const tensor of tensors) tensor.dispose();
  return [y, ...dx, ...second] as Results;
}

/** Of the first `most` cases of an op; default all. */
export async function opResults(gpu: Gpu, name: string, most?: number): Promise<Results[]> {
  const all: Results[] = [];
  for (const kase of opSpecifications[name].cases.slice(0, most)) {
    all.push(await resultsOf(gpu, name, kase));
  }
  return all;
}

/** @throws if results differ by more than two ways of rounding explain */
export function closeResults(
  name: string,
  actual: readonly Results[],
  expected: readonly Results[],
) {
  opSpecifications[name].cases.slice(0, expected.length).forEach((kase, k) => {
    if (actual[k].length !== expected[k].length) throw new Error(`${name}: results are missing.`);
    const rounding = tolerance(2, kase.terms);
    expected[k].forEach((values, i) => {
      close(actual[k][i], values, {
        op: `${name} (${kase.label}), result ${i}`,
        shape: [values.length],
        rtol: rounding,
        atol: rounding * (largest(values) + 0.05),
      });
    });
  });
}
