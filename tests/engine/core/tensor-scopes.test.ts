// Who disposes what: a loop without a scope is noticed.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpu, neg, type Tensor } from '../../../engine/index.ts';
import { testGpu } from '../../support/gpu.ts';

const { device } = await testGpu();

/** What is warned of while `body` runs. */
function warnings(body: () => void): string[] {
  const said: string[] = [];
  const { warn } = console;
  console.warn = (text: string) => said.push(text);
  try {
    body();
  } finally {
    console.warn = warn;
  }
  return said;
}

test('results that pile up outside of scopes are warned of once, with the fix', () => {
  const gpu = new Gpu(device);
  const x = gpu.tensor([1]);
  const made: Tensor[] = [];
  const said = warnings(() => {
    for (let i = 0; i < 5000; i++) made.push(neg(x));
  });
  assert.is(said.length, 1);
  assert.match(said[0], /^gpu: more than 2000 tensors computed outside of any scope.*gpu\.scope/);
  for (const y of made) y.dispose();
});

test('results that are disposed, kept, recorded or in a scope are not', async () => {
  const gpu = new Gpu(device);
  const x = gpu.tensor([1]);
  const kept: Tensor[] = [];
  const many = (body: () => void) => {
    for (let i = 0; i < 2500; i++) body();
  };
  const said = warnings(() => {
    many(() => neg(x).dispose());
    many(() => kept.push(gpu.keep(neg(x))));
    many(() => gpu.scope(() => neg(x)).dispose());
    gpu.scope(() => many(() => neg(x)));
    many(() => gpu.tensor([1]));
  });
  assert.equal(said, []);
});

test.run();
