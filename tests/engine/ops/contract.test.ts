/** Every way of computing a convolution and a product gives what the plainest gives; the op tests see only the one that is usual. */
import { test } from 'uvu';
import { Gpu, ops, Random } from '../../../engine/index.ts';
import { createNodeDevice } from '../../../engine/node.ts';
import { contractionStrategies } from '../../../engine/ops/contract.ts';
import { algorithms } from '../../../engine/ops/convolution/algorithms.ts';
import { preferring } from '../../../engine/tuning.ts';
import { close, largest } from '../../support/close.ts';
import { opFamilies } from '../../support/op-cases.ts';
import type { OpCase } from '../../support/op-inputs.ts';
import { sizeOf64 } from '../../support/reference.ts';
import { tolerance } from '../../support/tolerance.ts';

const { device, wait } = await createNodeDevice();
const gpu = new Gpu(device, { wait });

function run(name: string, { inputs, attrs, run, label }: OpCase, ...strategies: string[]) {
  const random = new Random(label);
  gpu.tuning = preferring(...strategies);
  return gpu.scope(() => {
    const tensors = inputs.map(({ shape, values, dtype }) =>
      gpu.tensor(values(random, sizeOf64(shape)), shape, dtype),
    );
    const y = run ? run(tensors) : ops.get(name)?.apply(tensors, attrs);
    if (!y) throw new Error(`${name}: no such op.`);
    return y;
  });
}

const ways = [
  ...algorithms.slice(1).map((name) => [name, 'own']),
  // Tiles differ in their size alone: `npm run verify` draws from all of them.
  ...contractionStrategies
    .filter((name, i, all) => i > 0 && (!name.startsWith('tiled') || i === all.length - 1))
    .map((name) => ['direct', name]),
  ['pointwise', contractionStrategies.at(-1) as string],
];

for (const [name, cases] of Object.entries({ ...opFamilies.conv, ...opFamilies.matmul })) {
  for (const way of ways) {
    test(`${name}: ${way.join(', ')}`, async () => {
      for (const kase of cases) {
        const [a, b] = [run(name, kase, ...way), run(name, kase, 'direct', 'own')];
        const expected = await b.data();
        const atol = tolerance(0, kase.terms) * (largest(expected) + 0.05);
        close(await a.data(), expected, { op: `${name} (${kase.label})`, shape: a.shape, atol });
        a.dispose();
        b.dispose();
      }
    });
  }
}

test.after(() => device.destroy());
test.run();
