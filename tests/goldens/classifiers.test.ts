// Whole classifiers of torchvision against PyTorch: logits, Grad-CAM, and what one training step changes.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { grad, mean, noGrad, softmaxCrossEntropy, type Tensor } from '../../engine/index.ts';
import { saliency } from '../../gfsr/guidance/saliency.ts';
import { createClassifier } from '../../model/architectures.ts';
import type { Classifier } from '../../model/classifier.ts';
import { freeze } from '../../model/freeze.ts';
import { createAdam, createSgd } from '../../model/optimizer.ts';
import { testGpu } from '../support/gpu.ts';
import { formulaOn } from './device.ts';
import { goldenValues } from './formula.ts';
import {
  float32Tolerance,
  type Golden,
  type Goldens,
  matches,
  type Projection,
  project,
  readGoldens,
} from './golden.ts';

interface ClassifierGolden extends Pick<Golden, 'seed' | 'float32'> {
  readonly architecture: 'resnet18' | 'resnet34' | 'mobilenet_v3_small';
  readonly size: number;
  /** Of Grad-CAM. */
  readonly layer: string;
  readonly optimizer: 'sgd' | 'adam';
  readonly lr: number;
  readonly weightDecay: number;
  readonly eps?: number;
  readonly freeze?: string;
  readonly lrScale?: number;
  readonly logits: readonly number[];
  readonly loss: number;
  readonly cam: Projection;
  /** What a step adds to each tensor, by its name. */
  readonly changes: readonly (readonly [name: string, ...Projection])[];
}

interface ClassifierGoldens extends Goldens<ClassifierGolden> {
  readonly batch: number;
  readonly classes: number;
}

const CHANNELS = 3;
/** Streams of the formula; weights count on from the last, by sorted name. */
const STREAMS = { image: 0, labels: 1, weights: 1000 } as const;

const gpu = await testGpu();
const { batch, classes, cases } = readGoldens<ClassifierGoldens>('classifiers.json');

/** The weights of a case, as classifier_cases.py makes them. */
function loadFormula({ weights }: Classifier, seed: number): void {
  const own = new Map<string, Tensor>([...weights.parameters, ...weights.buffers]);
  [...own.keys()].sort().forEach((name, i) => {
    const { shape } = own.get(name) as Tensor;
    const isFilter = shape.length > 1;
    const isPositive = !isFilter && /(weight|running_var)$/.test(name);
    const kind = isPositive ? 'positive' : 'unit';
    const fan = shape.slice(1).reduce((a, b) => a * b, 1);
    const scale = isFilter ? 2 ** Math.floor(Math.log2(Math.sqrt(fan))) : 1;
    const values = goldenValues(kind, seed, STREAMS.weights + i, shape);
    own.get(name)?.write(Float32Array.from(values, (v) => v / scale));
  });
}

function optimizerFor({ weights, head }: Classifier, golden: ClassifierGolden) {
  const { optimizer, lr, weightDecay, eps, lrScale = 1 } = golden;
  const part = (isOfHead: boolean) =>
    new Map([...weights.trained].filter(([name]) => name.startsWith(`${head}.`) === isOfHead));
  const groups = [{ params: part(false), lrScale }, { params: part(true) }];
  return optimizer === 'sgd'
    ? createSgd(gpu, groups, { lr, weightDecay })
    : createAdam(gpu, groups, { lr, weightDecay, eps });
}

for (const golden of cases) {
  const { architecture, size, seed, layer, freeze: last } = golden;
  const how = `${golden.optimizer}${last ? `, frozen up to ${last}` : ''}`;
  test(`${architecture} at ${size} px, ${how}: logits, Grad-CAM and one step`, async () => {
    const shape = { channels: CHANNELS, classes, size };
    const classifier = createClassifier(gpu, { architecture, ...shape, stem: 'large' }, 0);
    const { weights } = classifier;
    loadFormula(classifier, seed);
    const formula = formulaOn(gpu, seed);
    const image = gpu.keep(formula('unit', STREAMS.image, [batch, CHANNELS, size, size]));
    const labels = gpu.keep(formula(`labels ${classes}`, STREAMS.labels, [batch]));
    const tolerance = float32Tolerance({ ...golden, value: golden.cam });

    const { logits, map } = gpu.scope(() => {
      const result = classifier.forward(image, { training: false });
      const context = { classifier, image, result, labels, createGraph: false };
      const of = {
        source: 'cam',
        method: 'gradcam',
        sign: 'relu',
        target: 'label',
        layer,
      } as const;
      return { logits: result.logits, map: saliency(context, of) };
    });
    const [found, cam] = [await logits.data(), await map.data()];
    golden.logits.forEach((expected, i) => {
      assert.ok(
        Math.abs(found[i] - expected) < 1e-4 * Math.max(1, Math.abs(expected)),
        `logit ${i}`,
      );
    });
    matches('Grad-CAM', project(cam, seed, 0), golden.cam, tolerance);

    const before = await weights.state();
    if (last) freeze(classifier, last);
    const optimizer = optimizerFor(classifier, golden);
    const loss = gpu.scope(() => {
      const pass = classifier.forward(image, { training: true, features: [] });
      const ce = mean(softmaxCrossEntropy(pass.logits, labels));
      optimizer.step(grad(ce, optimizer.parameters));
      return noGrad(() => ce);
    });
    assert.ok(Math.abs((await loss.data())[0] - golden.loss) < 1e-4);
    const after = await weights.state();
    golden.changes.forEach(([name, ...expected], k) => {
      const [a, b] = [before, after].map((state) => state.get(name)?.data as Float32Array);
      matches(
        name,
        project(
          Float64Array.from(b, (v, i) => v - a[i]),
          seed,
          k + 1,
        ),
        expected,
        tolerance,
      );
    });
    assert.is(golden.changes.length, after.size);
    for (const each of [image, labels, logits, map, loss, optimizer, weights]) each.dispose();
  });
}

test('frozen layers change by nothing at all, in PyTorch too', () => {
  const frozen = cases.filter(({ freeze: last }) => last);
  assert.is(frozen.length, 2);
  for (const { changes } of frozen) {
    assert.ok(changes.some(([, value, scale]) => value === 0 && scale === 0));
    assert.ok(changes.some(([, , scale]) => scale > 0));
  }
});

test.run();
