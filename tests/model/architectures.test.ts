// The table of architectures: what it says of each one is true of its classifiers, and wrong settings are named.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  ARCHITECTURES,
  architectureSettings,
  architecturesWith,
  type ClassifierConfig,
  classifierConfig,
  createClassifier,
  DECOMPOSED,
  featureWidth,
  largestActivation,
  largestWeight,
  parameterCount,
  parseClassifierConfig,
} from '../../model/architectures.ts';
import { defaultsOf } from '../../model/setting.ts';
import { testGpu } from '../support/gpu.ts';

const gpu = await testGpu();
const shape = { channels: 3, classes: 2, size: 16 };
const settings = {
  ...defaultsOf(architectureSettings),
  widths: [4, 6],
  hidden: 5,
  stageWidth: 4,
  widthMult: 0.25,
};
const small = { architecture: 'small-cnn', ...shape, widths: [4, 6], hidden: 5 } as const;

for (const architecture of ARCHITECTURES) {
  const config = classifierConfig({ ...settings, architecture }, shape);

  test(`${architecture}: feature width, largest feature map and decomposition are as the table says`, () => {
    const classifier = createClassifier(gpu, config, 0);
    const { features } = gpu.scope(() =>
      classifier.forward(gpu.zeros([1, 3, 16, 16]), { training: false }),
    );
    const maps = classifier.layers.map((name) => features[name]);
    assert.is(maps[maps.length - 1].shape[1], featureWidth(config));
    assert.ok(Math.max(...maps.map(({ size }) => size)) <= largestActivation(config));
    assert.is(classifier.largestActivation, largestActivation(config));
    assert.is(classifier.decompose !== undefined, DECOMPOSED.includes(architecture));
    assert.equal(classifier.shape, shape);
    assert.is(classifier.weights.size, parameterCount(config));
    classifier.weights.dispose();
  });

  test(`${architecture}: recreate gives the same architecture, with weights of the seed`, async () => {
    const [first, other] = [createClassifier(gpu, config, 0), createClassifier(gpu, config, 1)];
    const again = other.recreate?.(0);
    assert.equal(await again?.weights.state(), await first.weights.state());
    for (const each of [first, other, again]) each?.weights.dispose();
  });

  test(`${architecture}: a configuration comes back from a file as it was`, () => {
    assert.equal(parseClassifierConfig(JSON.parse(JSON.stringify(config)), 'file'), config);
  });
}

test('settings that are left out have their defaults', () => {
  const classifier = createClassifier(gpu, { architecture: 'small-cnn', ...shape }, 0);
  assert.equal(classifier.weights.parameters.get('conv2.weight')?.shape, [32, 16, 3, 3]);
  assert.is(classifier.dropout, 0);
  classifier.weights.dispose();
});

test('the weight that grows with the images is the dense head', () => {
  assert.equal(largestWeight(small)?.elements, 5 * 6 * 4 * 4);
  assert.is(largestWeight({ ...small, head: 'pooled' })?.elements, 0);
  assert.is(largestWeight({ architecture: 'resnet18', ...shape }), undefined);
});

test('architectures may share a setting', () => {
  assert.equal(architecturesWith('dropout'), ['small-cnn', 'mobilenet_v3_small']);
  assert.equal(architecturesWith('stem'), ['resnet18', 'resnet34', 'mobilenet_v3_small']);
  assert.equal(architecturesWith('hidden'), ['small-cnn']);
});

test('parameters of the networks of torchvision, for 1000 classes', () => {
  const large = { channels: 3, classes: 1000, size: 224, stem: 'large' } as const;
  assert.is(parameterCount({ architecture: 'resnet18', ...large }), 11_689_512);
  assert.is(parameterCount({ architecture: 'resnet34', ...large }), 21_797_672);
  assert.is(parameterCount({ architecture: 'mobilenet_v3_small', ...large }), 2_542_856);
});

test('a setting of another architecture, and one out of range, are refused', () => {
  const make = (change: object) => () =>
    createClassifier(gpu, { ...small, ...change } as ClassifierConfig, 0);
  assert.throws(
    make({ stem: 'large' }),
    /small-cnn: unknown setting stem, expected widths, depths, hidden/,
  );
  assert.throws(
    make({ hidden: 0 }),
    /small-cnn: hidden is 0, expected a whole number from 1 to 65536/,
  );
});

test('a file that was made to harm is refused', () => {
  const parse = (change: object) => () => parseClassifierConfig({ ...small, ...change }, 'evil');
  assert.throws(
    parse({ architecture: 'constructor' }),
    /^evil: architecture is "constructor", expec/,
  );
  assert.throws(parse({ size: 1e9 }), /^evil: size is 1000000000, expected a whole number from 1/);
  assert.throws(parse({ widths: Array(17).fill(1) }), /^evil: widths is .* expected 1 to 16 whole/);
  assert.throws(() => parseClassifierConfig(null, 'evil'), /^evil: architecture is undefined/);
});

test.after(() => gpu.destroy());
test.run();
