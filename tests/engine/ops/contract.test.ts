/** The two contraction kernels agree: the one that a device does not choose is tested through the one that it does. */
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpu, ops, Random } from '../../../engine/index.ts';
import { createNodeDevice } from '../../../engine/node.ts';
import { SUBGROUP } from '../../../kernels/contract.ts';
import { close, largest } from '../../support/close.ts';
import { opFamilies } from '../../support/op-cases.ts';
import type { OpCase } from '../../support/op-inputs.ts';
import { sizeOf64 } from '../../support/reference.ts';
import { tolerance } from '../../support/tolerance.ts';

const { device, wait } = await createNodeDevice();
const chosen = new Gpu(device, { wait });
const plain = new Gpu(device, { wait, subgroups: false });

test('subgroups can be switched off', () => {
  assert.is(plain.subgroupSize, undefined);
});

function run(gpu: Gpu, name: string, { inputs, attrs, run, label }: OpCase) {
  const random = new Random(label);
  return gpu.scope(() => {
    const tensors = inputs.map(({ shape, values, dtype }) =>
      gpu.tensor(values(random, sizeOf64(shape)), shape, dtype),
    );
    const y = run ? run(tensors) : ops.get(name)?.apply(tensors, attrs);
    if (!y) throw new Error(`${name}: no such op.`);
    return y;
  });
}

if (chosen.subgroupSize === SUBGROUP) {
  for (const [name, cases] of Object.entries({ ...opFamilies.conv, ...opFamilies.matmul })) {
    test(`${name} by subgroups and without`, async () => {
      for (const kase of cases) {
        const [a, b] = [run(chosen, name, kase), run(plain, name, kase)];
        const expected = await b.data();
        const atol = tolerance(0, kase.terms) * (largest(expected) + 0.05);
        close(await a.data(), expected, { op: `${name} (${kase.label})`, shape: a.shape, atol });
        a.dispose();
        b.dispose();
      }
    });
  }
} else {
  console.log(`skipped: this device has no subgroups of ${SUBGROUP}, so only one kernel is in use`);
}

test.after(() => device.destroy());
test.run();
