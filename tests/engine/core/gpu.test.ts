// Memory, order, capture and replay, and what happens when the device fails.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BufferPool, sizeClass } from '../../../engine/core/buffer-pool.ts';
import * as e from '../../../engine/index.ts';
import { createNodeDevice, requestNodeAdapter } from '../../../engine/node.ts';
import { sgd } from '../../../kernels/optimizer.ts';
import { testGpu } from '../../support/gpu.ts';

const gpu = await testGpu();
const { Gpu, Random } = e;

/** The same values for the same name. */
const noise = (name: string, shape: e.Shape) =>
  new Random(name).fillNormal(new Float32Array(e.sizeOf(shape)));

async function rejects(body: () => unknown, expected: RegExp | (new () => Error)): Promise<void> {
  let error: unknown;
  try {
    await body();
  } catch (caught) {
    error = caught;
  }
  assert.ok(error instanceof Error, 'expected an error');
  if (expected instanceof RegExp) assert.match(error.message, expected);
  else assert.instance(error, expected);
}

/** Runs `body` and asserts that it leaves no memory in use. */
async function balanced(body: () => unknown): Promise<void> {
  const before = gpu.stats.usedBytes;
  await body();
  assert.is(gpu.stats.usedBytes, before, 'bytes in use');
}

test('values come back as they were written, f32 and u32', async () => {
  const values = [0, -1.5, 3e38, 1e-38, Number.POSITIVE_INFINITY];
  assert.equal([...(await gpu.tensor(values).data())], [...Float32Array.from(values)]);
  assert.equal([...(await gpu.tensor([0, 7, 2 ** 24], [3], 'u32').data())], [0, 7, 2 ** 24]);
  assert.is(await gpu.tensor([4], []).item(), 4);
  await rejects(() => gpu.zeros([2]).item(), /item: tensor has shape \[2\], expected one element/);
});

test('bad shapes and values are named', async () => {
  assert.throws(() => gpu.tensor([1, 2, 3], [2, 2]), /got 3 values, expected 4 for shape \[2, 2\]/);
  assert.throws(
    () => gpu.zeros([2, 0]),
    /shape \[2, 0\] has a dimension 0, expected whole numbers/,
  );
  assert.throws(() => gpu.empty([1.5]), /dimension 1.5/);
  const [a, b] = [gpu.zeros([2]), gpu.tensor([1, 2], [2], 'u32')];
  assert.throws(() => e.add(a, b), /add: b is u32, expected f32/);
  assert.throws(() => e.relu(3 as unknown as e.Tensor), /relu: x is number, expected a Tensor/);
});

test('a trace gives shapes and computes nothing', () =>
  balanced(() => {
    const { dispatches } = gpu.stats;
    const x = gpu.tensor(new Float32Array(24), [2, 1, 3, 4]);
    const y = gpu.trace(() => e.sum(e.mul(x, gpu.tensor([1, 2, 3, 4])), [1]));
    gpu.flush();
    assert.equal([...y.shape], [2, 3, 4]);
    assert.is(gpu.stats.dispatches, dispatches);
    assert.ok(y.disposed);
    x.dispose();
  }));

test('scope disposes everything but its result', () =>
  balanced(async () => {
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
  balanced(() => {
    let inner: e.Tensor | undefined;
    gpu.scope(() => {
      inner = gpu.scope(() => e.neg(gpu.tensor([1])));
      assert.not(inner.disposed);
    });
    assert.ok(inner?.disposed);
  }));

test('a scope that throws, and one that is async, leave nothing behind', () =>
  balanced(async () => {
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
  balanced(async () => {
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
  balanced(async () => {
    let kept: e.Tensor | undefined;
    gpu.scope(() => {
      gpu.scope(() => {
        kept = gpu.keep(gpu.tensor([5]));
      });
    });
    assert.is(await kept?.item(), 5);
    kept?.dispose();
  }));

test('views share memory, which goes back with the last of them', () =>
  balanced(async () => {
    const x = gpu.tensor([1, 2, 3, 4]);
    const y = e.reshape(x, [2, 2]);
    const used = gpu.stats.usedBytes;
    x.dispose();
    x.dispose();
    assert.is(gpu.stats.usedBytes, used);
    assert.equal([...(await y.data())], [1, 2, 3, 4]);
    y.dispose();
  }));

test('size classes hold the bytes and waste at most a quarter', () => {
  for (let bytes = 4; bytes < 1e9; bytes = Math.ceil(bytes * 1.37) + 3) {
    const size = sizeClass(bytes);
    assert.ok(size >= bytes && size % 4 === 0, `${bytes} → ${size}`);
    assert.is(sizeClass(size), size, 'a class is its own class');
    if (bytes > 1024) assert.ok(size <= bytes * 1.25 + 4, `${bytes} → ${size}`);
  }
});

test('the pool reuses memory: a loop allocates in its first round only', async () => {
  const x = gpu.tensor(noise('x', [64, 33]), [64, 33]);
  const round = () => gpu.scope(() => e.sum(e.mul(e.exp(x), x))).dispose();
  round();
  const { allocatedBytes } = gpu.stats;
  for (let i = 0; i < 300; i++) round();
  await gpu.sync();
  assert.is(gpu.stats.allocatedBytes, allocatedBytes);
  x.dispose();
});

test('trim frees what waits for reuse', async () => {
  gpu.empty([1000, 1000]).dispose();
  const before = gpu.stats.allocatedBytes;
  gpu.trim();
  assert.ok(gpu.stats.allocatedBytes <= before - 4e6);
  assert.ok(gpu.stats.allocatedBytes >= gpu.stats.usedBytes);
  await gpu.sync();
});

test('reads and writes take effect in the order of the calls', async () => {
  const x = gpu.tensor([1]);
  const y = e.scaleShift(x, 10, 0);
  x.write([2]);
  const z = e.scaleShift(x, 10, 0);
  const early = z.data();
  x.write([3]);
  z.write([-1]);
  assert.equal(
    await Promise.all([y.item(), early.then((v) => v[0]), x.item(), z.item()]),
    [10, 20, 3, -1],
  );
});

test('memory that is reused at once does not disturb work that is still to run', async () => {
  const sums: e.Tensor[] = [];
  for (let i = 0; i < 400; i++) {
    sums.push(
      gpu.scope(() => e.sum(e.scaleShift(gpu.tensor(new Float32Array(100).fill(i)), 1, 1))),
    );
  }
  const values = await Promise.all(sums.map((t) => t.item()));
  assert.equal(
    values,
    values.map((_, i) => 100 * (i + 1)),
  );
  for (const t of sums) t.dispose();
});

/** A small network with every kind of op, and the gradient of its loss with guidance. */
function network() {
  const x = gpu.tensor(noise('x', [4, 1, 8, 8]), [4, 1, 8, 8]);
  const labels = gpu.tensor([0, 1, 2, 0], [4], 'u32');
  const mask = gpu.tensor(noise('mask', [4, 8, 8]).map(Math.abs), [4, 8, 8]);
  const weights = [
    gpu.parameter(noise('conv', [3, 1, 3, 3]), [3, 1, 3, 3]),
    gpu.parameter(noise('linear', [3, 48]), [3, 48]),
  ];
  const loss = () => {
    const a = e.tanh(e.conv2d(x, weights[0], { padding: 1 }));
    const logits = e.matmul(e.flatten(e.maxPool2d(a, { kernelSize: 2 })), weights[1], {
      transposeB: true,
    });
    const score = e.sum(e.mul(logits, e.oneHot(labels, 3)));
    const [gradient] = e.grad(score, [a], { createGraph: true });
    const s = e.saliencyMap(a, gradient, { method: 'hirescam', sign: 'abs' });
    const guided = e.mean(e.relevanceLoss(s, mask, { hinge: false }));
    return e.add(e.mean(e.softmaxCrossEntropy(logits, labels)), guided);
  };
  const step = () => {
    const value = loss();
    return { value, grads: e.grad(value, weights) };
  };
  const dispose = () => {
    for (const t of [x, labels, mask, ...weights]) t.dispose();
  };
  return { weights, step, dispose };
}

const bits = async (tensors: readonly e.Tensor[]) =>
  (await Promise.all(tensors.map((t) => t.data()))).map((v) => new Uint32Array(v.buffer).join());

test('a captured step equals the eager one bit for bit, in less memory', () =>
  balanced(async () => {
    const { step, dispose } = network();
    const eager = gpu.scope(step);
    const program = await gpu.capture(step);
    assert.ok(program.plannedBytes < program.unsharedBytes / 2);
    const { value, grads } = program.run();
    assert.equal(await bits([value, ...grads]), await bits([eager.value, ...eager.grads]));
    program.run();
    assert.equal(await bits([value, ...grads]), await bits([eager.value, ...eager.grads]));
    program.dispose();
    program.dispose();
    assert.throws(() => program.run(), /program: it was disposed/);
    for (const t of [eager.value, ...eager.grads]) t.dispose();
    dispose();
  }));

test('state that a program updates in place: 20 steps equal 20 eager steps', () =>
  balanced(async () => {
    const train = async (captured: boolean) => {
      const { weights, step, dispose } = network();
      const state = weights.map(({ shape }) => gpu.zeros(shape));
      const schedule = gpu.tensor([0.1, 1, 1]);
      const update = () => {
        const { value, grads } = step();
        weights.forEach((param, i) => {
          const tensors = { param, grad: grads[i], v: state[i], schedule };
          gpu.run(sgd, tensors, { size: param.size, momentum: 0.9, weight_decay: 1e-3 });
        });
        return value;
      };
      const program = captured ? await gpu.capture(update) : undefined;
      for (let i = 0; i < 20; i++) {
        if (i === 10) schedule.write([0.01, 1, 1]);
        if (program) program.run();
        else gpu.scope(update).dispose();
      }
      const trained = await bits([...weights, ...state]);
      program?.dispose();
      for (const t of [...state, schedule]) t.dispose();
      dispose();
      return trained;
    };
    assert.equal(await train(true), await train(false));
  }));

test('outputs and constants of a program are its own', () =>
  balanced(async () => {
    const x = gpu.tensor([1, 2]);
    const program = await gpu.capture(() => {
      const first = e.add(x, gpu.tensor([10, 20]));
      const second = e.square(first);
      const third = e.square(second);
      return { first, third, again: e.reshape(third, [2, 1]), x };
    });
    const other = gpu.tensor([0, 0]);
    const { first, third, again } = program.run();
    assert.equal([...(await first.data())], [11, 22]);
    assert.equal([...(await third.data())], [11 ** 4, 22 ** 4]);
    assert.equal([...(await again.data())], [11 ** 4, 22 ** 4]);
    x.write([0, 0]);
    program.run();
    assert.equal([...(await first.data())], [10, 20]);
    program.dispose();
    assert.ok(first.disposed && third.disposed && again.disposed);
    assert.not(x.disposed, 'x was made outside');
    x.dispose();
    other.dispose();
  }));

test('a program is replayed 1,000 times without an allocation', () =>
  balanced(async () => {
    const x = gpu.tensor(noise('x', [32]));
    const program = await gpu.capture(() => e.sum(e.mul(e.exp(x), x)));
    program.run();
    const { allocatedBytes, pipelines } = gpu.stats;
    for (let i = 0; i < 1000; i++) program.run();
    await gpu.sync();
    assert.is(gpu.stats.allocatedBytes, allocatedBytes);
    assert.is(gpu.stats.pipelines, pipelines);
    program.dispose();
    x.dispose();
  }));

test('captures do not nest, and do not show values that are not computed yet', () =>
  balanced(async () => {
    const x = gpu.tensor([1, 2]);
    const inner: Promise<unknown>[] = [];
    const program = await gpu.capture(() => {
      const y = e.neg(x);
      inner.push(gpu.capture(() => e.neg(x)).catch((error) => error.message));
      inner.push(y.data().catch((error) => error.message));
      assert.throws(() => y.write([0, 0]), /within a capture it would happen once/);
      assert.throws(() => x.write([0, 0]), /Write before each run/);
      assert.throws(() => gpu.keep(y), /kept by returning it/);
      return y;
    });
    assert.match((await inner[0]) as string, /captures cannot be nested/);
    assert.match((await inner[1]) as string, /inside a capture nothing has been computed yet/);
    assert.equal([...(await program.run().data())], [-1, -2]);
    program.dispose();
    x.dispose();
  }));

test('a capture that fails gives its memory back and leaves the engine usable', () =>
  balanced(async () => {
    const fails = (body: () => unknown, message: RegExp) =>
      rejects(() => gpu.capture(body), message);
    await fails(() => {
      e.add(gpu.tensor([1]), gpu.tensor([2]));
      throw new Error('on purpose');
    }, /on purpose/);
    await fails(async () => gpu.tensor([1]), /body is async/);
    await fails(() => {
      const constant = gpu.tensor([1]);
      const y = e.neg(constant);
      constant.dispose();
      return y;
    }, /scale_shift reads a tensor that nothing wrote. Was it disposed/);
    const y = gpu.scope(() => e.neg(gpu.tensor([4])));
    assert.is(await y.item(), -4);
    y.dispose();
  }));

test('a disposed tensor is refused by name', async () => {
  const [x, y] = [gpu.tensor([1, 2]), gpu.tensor([1, 2])];
  const view = e.reshape(x, [2, 1]);
  x.dispose();
  assert.throws(() => e.add(y, x), /add: b \[2\] was disposed/);
  assert.throws(() => x.write([1, 2]), /write: the tensor was disposed/);
  await rejects(() => x.data(), /read: the tensor was disposed/);
  assert.throws(
    () => gpu.run(sgd, { param: y, grad: x, v: y, schedule: y }, { size: 2 }),
    /sgd: tensor grad \[2\] was disposed/,
  );
  view.dispose();
  y.dispose();
});

test('tensors of two devices do not mix', async () => {
  const { device } = await createNodeDevice({ backend: 'null' });
  const other = new Gpu(device);
  assert.throws(() => e.add(gpu.tensor([1]), other.tensor([1])), /b is on another device than a/);
  other.destroy();
});

test('more memory than the device allows is refused before it is asked for', async () => {
  const { adapter } = await requestNodeAdapter();
  const small = new Gpu(await adapter.requestDevice()); // with WebGPU's default limits
  const limit = small.device.limits.maxStorageBufferBindingSize;
  const before = small.stats.allocatedBytes;
  assert.throws(
    () => small.empty([limit / 4 + 1]),
    new RegExp(`needs ${limit + 4} bytes, this device allows ${limit} in one buffer`),
  );
  await rejects(() => small.empty([limit]), e.OutOfMemoryError);
  assert.is(small.stats.allocatedBytes, before);
  small.destroy();
});

/** A device without memory for buffers above `most` bytes: lavapipe never runs out. */
function poorDevice(most: number) {
  class GPUOutOfMemoryError {
    readonly message = 'the fake device has no memory left';
  }
  const listeners: ((event: unknown) => void)[] = [];
  const device = {
    limits: { maxBufferSize: 2 ** 31, maxStorageBufferBindingSize: 2 ** 31 },
    lost: new Promise(() => {}),
    addEventListener: (_: string, listener: (event: unknown) => void) => listeners.push(listener),
    createBuffer: ({ size }: { size: number }) => {
      if (size > most) {
        for (const listener of listeners) listener({ error: new GPUOutOfMemoryError() });
      }
      return { size, destroy() {} };
    },
    queue: { submit() {}, writeBuffer() {}, onSubmittedWorkDone: async () => {} },
  };
  return device as unknown as GPUDevice;
}

test('a device that runs out of memory says so at the next call, once', async () => {
  const poor = new Gpu(poorDevice(1000));
  poor.empty([100]);
  await poor.sync();
  poor.empty([1000]);
  await rejects(() => poor.sync(), e.OutOfMemoryError);
  await poor.sync();
});

test('a lost device: every later call says so', async () => {
  const { device } = await createNodeDevice({ backend: 'null' });
  const lost = new Gpu(device);
  const x = lost.tensor([1, 2]);
  const program = await lost.capture(() => e.neg(x));
  device.destroy(); // as if the driver had gone: the engine was not asked
  const early = rejects(() => x.data(), e.DeviceLostError);
  await device.lost;
  await early;
  for (const call of [
    () => lost.tensor([1]),
    () => lost.empty([1]),
    () => x.write([1, 2]),
    () => x.data(),
    () => e.neg(x),
    () => lost.sync(),
    () => program.run(),
    () => lost.capture(() => e.neg(x)),
  ]) {
    await rejects(call, e.DeviceLostError);
    await rejects(call, /gpu: the device is lost \(destroyed.*Make a new one/);
  }
  x.dispose();
  program.dispose();
  lost.destroy();
});

test('destroy may be called twice, and ends the device', async () => {
  const { device } = await createNodeDevice({ backend: 'null' });
  const short = new Gpu(device);
  short.destroy();
  short.destroy();
  assert.is((await device.lost).reason, 'destroyed');
  await rejects(() => short.zeros([1]), e.DeviceLostError);
});

test('the pool counts what it holds', () => {
  const pool = new BufferPool(poorDevice(1e9));
  const [a, b] = [pool.acquire(1000), pool.acquire(300)];
  assert.equal([pool.usedBytes, pool.allocatedBytes], [1024 + 512, 1024 + 512]);
  pool.release(a);
  assert.equal([pool.usedBytes, pool.peakUsedBytes], [512, 1536]);
  pool.peakUsedBytes = pool.usedBytes;
  assert.is(pool.acquire(1001), a);
  assert.is(pool.peakUsedBytes, 1536);
  pool.release(a);
  pool.release(b);
  pool.trim();
  assert.equal([pool.usedBytes, pool.allocatedBytes, pool.peakBytes], [0, 0, 1536]);
});

test('more distinct uniforms than the cache holds: no launch is lost', async () => {
  const total = gpu.scope(() => {
    let x = e.exp(gpu.zeros([1])); // so that the cache does not overflow just after a flush
    for (let k = 1; k <= 5000; k++) x = e.scaleShift(x, 1, k);
    return x;
  });
  assert.is(await total.item(), (5000 * 5001) / 2 + 1);
});

test.run();
