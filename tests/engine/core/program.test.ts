// Captured programs: the bits of an eager run, memory of their own, replays without allocation.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Way } from '../../../engine/core/way.ts';
import * as e from '../../../engine/index.ts';
import { sgd } from '../../../kernels/optimizer.ts';
import { balanced, rejects } from '../../support/assertions.ts';
import { testGpu } from '../../support/gpu.ts';

const gpu = await testGpu();
const { Random } = e;

/** The same values for the same name. */
const noise = (name: string, shape: e.Shape) =>
  new Random(name).fillNormal(new Float32Array(e.sizeOf(shape)));

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

test('a step in pieces has the bits of one without, waits before each piece, and others compute between them', () =>
  balanced(gpu, async () => {
    const { step, dispose } = network();
    const program = await gpu.capture(step);
    const other = await gpu.capture(() => e.sum(gpu.tensor(noise('other', [999]))));
    const { value, grads } = program.run();
    const expected = await bits([value, ...grads]);
    const sum = await bits([other.run()]);
    for (const tensor of [value, ...grads]) tensor.write(new Float32Array(tensor.size));
    let pieces = 0;
    const way = new Way(async () => {
      pieces++;
      assert.equal(await bits([other.run()]), sum);
    });
    await program.runInPieces(way);
    assert.ok(way.waited > 0);
    assert.ok(pieces > 1 && pieces < program.dispatches, `${pieces} pieces`);
    assert.equal(await bits([value, ...grads]), expected);
    program.dispose();
    other.dispose();
    dispose();
  }));

test('a captured step equals the eager one bit for bit, in less memory', () =>
  balanced(gpu, async () => {
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
  balanced(gpu, async () => {
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
  balanced(gpu, async () => {
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

test('what a program uses stays its own, even if others dispose of it', () =>
  balanced(gpu, async () => {
    const x = gpu.tensor([1, 2, 3, 4]);
    const state = gpu.tensor([0, 0, 0, 0]);
    const writing = await gpu.capture(() => {
      gpu.copy(x, state);
      return e.scaleShift(x, 2, 0);
    });
    const reading = await gpu.capture(() => e.scaleShift(x, 2, 0));
    for (const tensor of [x, state, writing.run()]) tensor.dispose();
    const others = Array.from({ length: 4 }, () => gpu.tensor([9, 9, 9, 9]));
    writing.run();
    assert.equal([...(await reading.run().data())], [2, 4, 6, 8]);
    for (const other of others) {
      assert.equal([...(await other.data())], [9, 9, 9, 9]);
      other.dispose();
    }
    writing.dispose();
    reading.dispose();
  }));

test('a program is replayed 1,000 times without an allocation', () =>
  balanced(gpu, async () => {
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
  balanced(gpu, async () => {
    const x = gpu.tensor([1, 2]);
    const inner: Promise<unknown>[] = [];
    const program = await gpu.capture(() => {
      const y = e.neg(x);
      inner.push(gpu.capture(() => e.neg(x)).catch((error) => error.message));
      inner.push(y.data().catch((error) => error.message));
      assert.throws(() => y.write([0, 0]), /within a capture it would happen only once/);
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
  balanced(gpu, async () => {
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

test.run();
