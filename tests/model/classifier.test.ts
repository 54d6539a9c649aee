// Classifiers: shapes, names, modes, and that every parameter of each architecture gets a gradient.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Gpu, grad, mean, noGrad, softmaxCrossEntropy, type Tensor } from '../../engine/index.ts';
import { createNodeDevice } from '../../engine/node.ts';
import {
  type ClassifierConfig,
  createClassifier,
  largestActivation,
  parameterCount,
} from '../../model/architectures.ts';
import type { Mode } from '../../model/layers.ts';
import { decodeSafetensors, encodeSafetensors } from '../../model/safetensors.ts';
import { balanced } from '../support/assertions.ts';
import { testGpu } from '../support/gpu.ts';

const gpu = await testGpu();
const random = (n: number) =>
  Float32Array.from({ length: n }, (_, i) => Math.sin(i * 12.9898) * 0.7);
const image = (n: number, channels: number, size: number): Tensor =>
  gpu.tensor(random(n * channels * size * size), [n, channels, size, size]);

const small = {
  architecture: 'small-cnn',
  channels: 1,
  classes: 3,
  size: 12,
  widths: [4, 6],
  hidden: 8,
  head: 'dense',
  norm: 'none',
} as const satisfies ClassifierConfig;

const resnet = {
  architecture: 'resnet18',
  channels: 3,
  classes: 2,
  size: 16,
  stem: 'small',
  stageWidth: 4,
} as const satisfies ClassifierConfig;

test('small CNN: logits and feature maps have their shapes', () => {
  const { forward, layers } = createClassifier(gpu, small, 0);
  const { logits, features } = forward(image(2, 1, 12), { training: false });
  assert.equal(logits.shape, [2, 3]);
  assert.equal(layers, ['conv1', 'conv2']);
  assert.equal(features.conv1.shape, [2, 4, 12, 12]);
  assert.equal(features.conv2.shape, [2, 6, 6, 6]);
});

test('small CNN: fewer poolings leave finer maps, for either head, and change nothing where they are all there', async () => {
  const shapes = (change: object) => {
    const { forward } = createClassifier(gpu, { ...small, ...change }, 0);
    const { features } = forward(image(2, 1, 12), { training: false });
    return Object.values(features).map(({ shape }) => shape[2]);
  };
  const widths = [4, 6, 8];
  assert.equal(shapes({ widths, head: 'pooled' }), [12, 6, 3]);
  assert.equal(shapes({ widths, head: 'pooled', poolings: 1 }), [12, 6, 6]);
  assert.equal(shapes({ widths, head: 'dense', poolings: 0 }), [12, 12, 12]);
  const logits = (change: object) =>
    createClassifier(gpu, { ...small, ...change }, 0)
      .forward(image(2, 1, 12), { training: false })
      .logits.data();
  assert.equal(await logits({ poolings: 2 }), await logits({}));
  assert.is(
    largestActivation({ ...small, widths: [1, 1, 64], head: 'pooled', poolings: 1 }),
    64 * 6 * 6,
  );
});

const mobilenet = {
  architecture: 'mobilenet_v3_small',
  channels: 3,
  classes: 2,
  size: 16,
  stem: 'small',
  widthMult: 0.25,
} as const satisfies ClassifierConfig;

test('a pass without a mode, or of something that is no tensor, is refused', () => {
  for (const config of [small, resnet]) {
    const { forward } = createClassifier(gpu, config, 0);
    const x = image(1, config.channels, config.size);
    const none = undefined as unknown as Mode;
    assert.throws(
      () => forward(x, none),
      /forward: mode is missing, expected \{ training: true \}/,
    );
    assert.throws(() => forward(x, {} as Mode), /mode is missing/);
    const array = [[1]] as unknown as Tensor;
    assert.throws(() => forward(array, { training: true }), /x is object, expected a Tensor/);
  }
});

test('weights are loaded from a decoded file, and only from floats', async () => {
  const [a, b] = [createClassifier(gpu, small, 0), createClassifier(gpu, small, 1)];
  const { tensors } = decodeSafetensors(encodeSafetensors(await a.weights.state()));
  b.weights.load(tensors);
  assert.equal(await b.weights.state(), await a.weights.state());
  const whole = new Map(tensors).set('fc.bias', {
    shape: [3],
    data: new Int32Array(3),
    dtype: 'I32',
  });
  assert.throws(() => b.weights.load(whole), /fc\.bias holds Int32Array, expected Float32Array/);
});

test('the state of weights and buffers is that of the call, in one transfer', async () => {
  const { weights } = createClassifier(gpu, { ...small, norm: 'batch' }, 0);
  const before = await weights.state();
  assert.equal([...before.keys()], [...weights.parameters.keys(), ...weights.buffers.keys()]);
  const { submits } = gpu.stats;
  const state = weights.state();
  assert.is(gpu.stats.submits, submits + 1);
  for (const tensor of [...weights.parameters.values(), ...weights.buffers.values()]) {
    tensor.write(new Float32Array(tensor.size).fill(7));
  }
  assert.equal(await state, before);
  weights.dispose();
});

for (const norm of ['none', 'batch'] as const) {
  test(`small CNN, norm ${norm}: leaving maps out changes no logit, and no gradient by more than roundings`, async () => {
    const { forward, weights } = createClassifier(gpu, { ...small, norm }, 0);
    const labels = gpu.tensor([0, 2, 1], [3], 'u32');
    const parameters = [...weights.parameters.values()];
    const [all, some] = [undefined, ['conv2']].map((features) => {
      const result = forward(image(3, 1, 12), { training: true, ...(features && { features }) });
      const loss = mean(softmaxCrossEntropy(result.logits, labels));
      return { ...result, grads: grad(loss, parameters) };
    });
    assert.equal(Object.keys(some.features), ['conv2']);
    assert.equal(await some.logits.data(), await all.logits.data());
    assert.equal(await some.features.conv2.data(), await all.features.conv2.data());
    for (const [i, g] of all.grads.entries()) {
      const [a, b] = [await g.data(), await some.grads[i].data()];
      const scale = Math.max(...a.map(Math.abs), 1e-6);
      a.forEach((v, k) => {
        assert.ok(Math.abs(v - b[k]) <= 1e-5 * scale, `${i}.${k}: ${v} ${b[k]}`);
      });
    }
  });
}

test('small CNN: a pooled head names its layer and weight', () => {
  const { pooledHead, weights } = createClassifier(gpu, { ...small, head: 'pooled' }, 0);
  assert.is(pooledHead?.layer, 'conv2');
  assert.is(pooledHead?.weight, weights.parameters.get('fc.weight'));
});

test('small CNN: a stage has as many convolutions as its depth says, then its pooling', async () => {
  const config = { ...small, widths: [4, 6, 8], depths: [1, 2], head: 'pooled' } as const;
  const { layers, weights, forward } = createClassifier(gpu, config, 0);
  assert.equal(layers, ['conv1', 'conv2', 'conv3', 'conv4']);
  const { features } = forward(image(2, 1, 12), { training: false });
  const shapes = Object.values(features).map(({ shape }) => shape.slice(1));
  assert.equal(shapes, [
    [4, 12, 12],
    [6, 6, 6],
    [6, 6, 6],
    [8, 3, 3],
  ]);
  const trained = [...weights.trained.values()].reduce((sum, { size }) => sum + size, 0);
  assert.is(parameterCount(config), trained);
  const logits = async (change: object) =>
    createClassifier(gpu, { ...small, widths: [4, 6], ...change }, 0)
      .forward(image(2, 1, 12), { training: false })
      .logits.data();
  assert.equal(await logits({ depths: [1, 1] }), await logits({}));
  assert.not.equal(await logits({ depths: [2] }), await logits({}));
});

test('small CNN: more depths than widths are refused', () => {
  const config = { ...small, widths: [4, 6], depths: [1, 2, 1] } as const;
  const refused = /smallCnn: depths has 3 numbers, expected at most 2, one per width/;
  assert.throws(() => createClassifier(gpu, config, 0), refused);
  assert.throws(() => parameterCount(config), refused);
});

for (const config of [small, resnet, mobilenet]) {
  test(`${config.architecture}: weights that do not fit leave none of them behind`, async () => {
    const { device, wait } = await createNodeDevice({ backend: 'null' });
    const poor = new Gpu(device, { wait, memory: 3000 });
    await balanced(poor, () => assert.throws(() => createClassifier(poor, config, 0), /bytes/));
    poor.destroy();
  });
}

test('small CNN: too many poolings are refused', () => {
  assert.throws(
    () => createClassifier(gpu, { ...small, widths: [2, 2, 2, 2] }, 0),
    /4 poolings leave nothing of 12 px/,
  );
});

test('a wrong input shape is refused with both shapes', () => {
  const { forward } = createClassifier(gpu, small, 0);
  assert.throws(
    () => forward(image(1, 1, 10), { training: false }),
    /x has shape \[1, 1, 10, 10\], expected \[N, 1, 12, 12\]/,
  );
});

test('ResNet-18 has the names and shapes of torchvision', () => {
  const { weights } = createClassifier(gpu, { ...resnet, stageWidth: 64 }, 0);
  const shape = (name: string) =>
    (weights.parameters.get(name) ?? weights.buffers.get(name))?.shape;
  assert.equal(shape('conv1.weight'), [64, 3, 3, 3]);
  assert.equal(shape('bn1.running_var'), [64]);
  assert.equal(shape('layer1.1.conv2.weight'), [64, 64, 3, 3]);
  assert.equal(shape('layer2.0.downsample.0.weight'), [128, 64, 1, 1]);
  assert.equal(shape('layer2.0.downsample.1.running_mean'), [128]);
  assert.equal(shape('layer4.1.bn2.bias'), [512]);
  assert.equal(shape('fc.weight'), [2, 512]);
  assert.is(shape('layer1.0.downsample.0.weight'), undefined);
  assert.is(weights.parameters.size, 62); // as torchvision.models.resnet18().parameters()
  weights.dispose();
});

test('ResNet-18 with the large stem shrinks 64 px to 2', () => {
  const { forward } = createClassifier(gpu, { ...resnet, stem: 'large', size: 64 }, 0);
  const { features } = forward(image(1, 3, 64), { training: false });
  assert.equal(features.layer1.shape, [1, 4, 16, 16]);
  assert.equal(features.layer4.shape, [1, 32, 2, 2]);
});

for (const config of [small, { ...small, norm: 'batch' } as const, resnet, mobilenet]) {
  test(`${config.architecture}: every parameter gets a gradient that is not all zero`, async () => {
    const { forward, weights } = createClassifier(gpu, config, 1);
    const x = image(4, config.channels, config.size);
    const labels = gpu.tensor([0, 1, 0, 1], [4], 'u32');
    const names = [...weights.parameters.keys()];
    const grads = gpu.scope(() => {
      const { logits } = forward(x, { training: true });
      return grad(mean(softmaxCrossEntropy(logits, labels)), [...weights.parameters.values()]);
    });
    for (const [i, dw] of grads.entries()) {
      assert.ok(
        (await dw.data()).some((v) => v !== 0),
        names[i],
      );
    }
  });
}

test('MobileNetV3-small has the maps of torchvision, and finer ones with a small stem', () => {
  const sides = (stem: 'small' | 'large') => {
    const config = { ...mobilenet, stem, size: 64 };
    const { forward, layers, weights } = createClassifier(gpu, config, 0);
    const { features } = gpu.trace(() => forward(gpu.zeros([1, 3, 64, 64]), { training: false }));
    weights.dispose();
    return layers.map((name) => features[name].shape[2]);
  };
  assert.equal(sides('large'), [32, 16, 8, 8, 4, 4, 4, 4, 4, 2, 2, 2, 2]);
  assert.equal(sides('small'), [64, 64, 32, 32, 16, 16, 16, 16, 16, 8, 8, 8, 8]);
});

test('running statistics move in training and are used in evaluation', async () => {
  const { forward, weights } = createClassifier(gpu, { ...small, norm: 'batch' }, 0);
  const x = image(4, 1, 12);
  const mean0 = await (weights.buffers.get('bn1.running_mean') as Tensor).data();
  const before = await noGrad(() => forward(x, { training: false })).logits.data();
  noGrad(() => forward(x, { training: true }));
  const mean1 = await (weights.buffers.get('bn1.running_mean') as Tensor).data();
  const after = await noGrad(() => forward(x, { training: false })).logits.data();
  assert.ok(mean0.every((v) => v === 0));
  assert.ok(mean1.some((v) => v !== 0));
  assert.not.equal([...before], [...after]);
});

test('the same seed gives the same weights, another seed others', async () => {
  const state = async (seed: number) => {
    const { weights } = createClassifier(gpu, small, seed);
    return [...(await weights.state()).values()].flatMap(({ data }) => [...data]);
  };
  assert.equal(await state(3), await state(3));
  assert.not.equal(await state(3), await state(4));
});

test('weights of another model are refused, and nothing is changed', async () => {
  const { weights } = createClassifier(gpu, small, 0);
  const other = createClassifier(gpu, { ...small, widths: [4, 7] }, 1).weights;
  const before = await weights.state();
  const foreign = await other.state();
  assert.throws(
    () => weights.load(foreign),
    /conv2.weight has shape \[7, 4, 3, 3\], expected \[6, 4, 3, 3\]/,
  );
  foreign.delete('fc.bias');
  assert.throws(() => weights.load(foreign), /missing fc.bias, unknown none/);
  assert.equal(await weights.state(), before);
});

test.after(() => gpu.destroy());
test.run();
