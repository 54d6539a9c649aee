// A relevance network that cannot be trained leaves no memory behind.
import { test } from 'uvu';
import { Gpu } from '../../../engine/core/gpu.ts';
import { createNodeDevice } from '../../../engine/node.ts';
import { segmentRelevanceNetwork } from '../../../gfsr/masks/relevance-network.ts';
import { balanced, rejects } from '../../support/assertions.ts';

const ONE = Float32Array.of(1);
const segments = { rows: 1, dims: 2, gather: () => {}, y: ONE, w: ONE };

for (const memory of [3000, 12_000]) {
  test(`with ${memory} bytes, no memory is left in use`, async () => {
    const { device, wait } = await createNodeDevice({ backend: 'null' });
    const poor = new Gpu(device, { wait, memory });
    const options = { seed: 0, batchSize: 32, hidden: 32 };
    await balanced(poor, () =>
      rejects(() => segmentRelevanceNetwork(poor, segments, options), /bytes/),
    );
    poor.destroy();
  });
}

test.run();
