// Who disposes what: scopes, results that leave them, and loops without one.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as e from '../../../engine/index.ts';
import { balanced } from '../../support/assertions.ts';
import { testGpu } from '../../support/gpu.ts';

const gpu = await testGpu();
const { Gpu, neg } = e;

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

test('scope disposes everything but its result', () =>
  balanced(gpu, async () => {
    const { y, all } = gpu.scope(() => {
      const x = gpu.tensor([1, 2, 3]);
      const z = e.add(e.square(x), x);
      return { y: z, all: [e.sum(z)] };
    });
    assert.equal([...(await y.data())], [2, 6, 12]);
    assert.is(await all[0].item(), 20);
    assert.is(y.node, undefined);
    y.dispose();
    all[0].dispose();
  }));

test('scopes nest: an inner result belongs to the outer scope', () =>
  balanced(gpu, () => {
    let inner: e.Tensor | undefined;
    gpu.scope(() => {
      inner = gpu.scope(() => e.neg(gpu.tensor([1])));
      assert.not(inner.disposed);
    });
    assert.ok(inner?.disposed);
  }));

test('a scope that throws, and one that is async, leave nothing behind', () =>
  balanced(gpu, async () => {
    assert.throws(
      () =>
        gpu.scope(() => {
          e.neg(gpu.tensor([1]));
          throw new Error('on purpose');
        }),
      'on purpose',
    );
    assert.throws(() => gpu.scope(async () => gpu.tensor([1])), /scope: the body is async/);
    const after = gpu.tensor([1]); // no scope is left open
    assert.not(after.disposed);
    after.dispose();
  }));

test('a tensor from outside that a scope returns keeps its life and its history', () =>
  balanced(gpu, async () => {
    const x = gpu.parameter([3], [1]);
    const dx = gpu.scope(() => {
      const y = e.square(x);
      const same = gpu.scope(() => y);
      return e.grad(same, [x])[0];
    });
    assert.is(await dx.item(), 6);
    assert.is(
      gpu.scope(() => x),
      x,
    );
    assert.ok(x.requiresGrad && !x.disposed);
    x.dispose();
    dx.dispose();
  }));

test('keep takes a tensor out of all scopes', () =>
  balanced(gpu, async () => {
    let kept: e.Tensor | undefined;
    gpu.scope(() => {
      gpu.scope(() => {
        kept = gpu.keep(gpu.tensor([5]));
      });
    });
    assert.is(await kept?.item(), 5);
    kept?.dispose();
  }));

test('results that pile up outside of scopes are warned of once, with the fix', () => {
  const other = new Gpu(gpu.device);
  const x = other.tensor([1]);
  const made: e.Tensor[] = [];
  const said = warnings(() => {
    for (let i = 0; i < 5000; i++) made.push(neg(x));
  });
  assert.is(said.length, 1);
  assert.match(said[0], /^gpu: more than 2000 tensors computed outside of any scope.*gpu\.scope/);
  for (const y of made) y.dispose();
});

test('results that are disposed, kept, recorded or in a scope are not', async () => {
  const other = new Gpu(gpu.device);
  const x = other.tensor([1]);
  const kept: e.Tensor[] = [];
  const many = (body: () => void) => {
    for (let i = 0; i < 2500; i++) body();
  };
  const said = warnings(() => {
    many(() => neg(x).dispose());
    many(() => kept.push(other.keep(neg(x))));
    many(() => other.scope(() => neg(x)).dispose());
    other.scope(() => many(() => neg(x)));
    many(() => other.tensor([1]));
  });
  assert.equal(said, []);
});

test.run();
