// Runs the cases of convolutions and products by strategies that the adapter would not choose.

import { test } from 'uvu';
import { preferring } from '../../../../engine/core/tuning.ts';
import { Gpu, ops, Random, type Tensor } from '../../../../engine/index.ts';
import { createNodeDevice } from '../../../../engine/node.ts';
import { sizeOf64 } from '../../../support/array64.ts';
import { close, largest } from '../../../support/close.ts';
import type { OpCase } from '../../../support/op-inputs.ts';
import type { OpSpecification } from '../../../support/specification.ts';
import { tolerance } from '../../../support/tolerance.ts';

const { device, wait } = await createNodeDevice();
test.after(() => device.destroy());

export { device, wait };
export const gpu = new Gpu(device, { wait });

/** A case on a device, its inputs changed by `change`. */
export function runOn(
  on: Gpu,
  change: (value: number) => number,
  name: string,
  { inputs, attrs, run, label }: OpCase,
  ...strategies: string[]
): Tensor {
  const random = new Random(label);
  on.retune(preferring(...strategies));
  return on.scope(() => {
    const tensors = inputs.map(({ shape, values, dtype }) =>
      on.tensor(Float32Array.from(values(random, sizeOf64(shape)), change), shape, dtype),
    );
    const y = run ? run(tensors) : ops.get(name)?.apply(tensors, attrs);
    if (!y) throw new Error(`${name}: no such op.`);
    return y;
  });
}

export const run = runOn.bind(undefined, gpu, (value) => value);

/**
 * One test for each op and way, which names an algorithm and how it contracts: all cases agree with the plainest way.
 */
export function testAgreement(
  specified: Readonly<Record<string, OpSpecification>>,
  ways: readonly (readonly string[])[],
): void {
  for (const [name, { cases }] of Object.entries(specified)) {
    for (const way of ways) {
      test(`${name}: ${way.join(', ')}`, async () => {
        for (const kase of cases) {
          const [a, b] = [run(name, kase, ...way), run(name, kase, 'direct', 'registers')];
          const expected = await b.data();
          const atol = tolerance(0, kase.terms) * (largest(expected) + 0.05);
          close(await a.data(), expected, { op: `${name} (${kase.label})`, shape: a.shape, atol });
          a.dispose();
          b.dispose();
          gpu.trim(); // else what a kernel does not write could be there from before
        }
      });
    }
  }
}
