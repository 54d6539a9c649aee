// Whole networks, float32 on the device, against PyTorch: losses on saliency maps and Hessian products.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Tensor } from '../../engine/index.ts';
import * as e from '../../engine/index.ts';
import { type RelevanceLossInputs, relevanceLossNamed } from '../../gfsr/guidance/losses.ts';
import { type SaliencyOptions, saliency } from '../../gfsr/guidance/saliency.ts';
import type { Classifier } from '../../model/classifier.ts';
import { testGpu } from '../support/gpu.ts';
import { formulaOn, turned } from './device.ts';
import { STREAM } from './formula.ts';
import {
  float32Tolerance,
  type Goldens,
  matches,
  type OpGolden,
  project,
  readGoldens,
} from './golden.ts';
import { NETWORK_STREAM, type NetworkGolden, type NetworkGoldens, runNetwork } from './network.ts';

const gpu = await testGpu();

const { networks, classes, cases } = readGoldens<NetworkGoldens>('networks.json');
let compared = 0;

const labelOf = ({ network, loss, source, method, sign, target, seed }: NetworkGolden): string =>
  [network, loss, source, method, sign, target, `seed ${seed}`].filter(Boolean).join(', ');

/** ∂outer/∂leaf for the image and each weight; where PyTorch has no path, ours may have none. */
function derivatives(golden: NetworkGolden, exact: boolean) {
  const { network, seed } = golden;
  const { image: shape, layers, pooledHead } = networks[network];
  return gpu.scope(() => {
    const formula = formulaOn(gpu, seed);
    const [n] = shape;
    const image = formula('unit', NETWORK_STREAM.image, shape);
    image.requiresGrad = true;
    const labels = formula(`labels ${classes}`, NETWORK_STREAM.labels, [n]);
    const { logits, activations, trained } = runNetwork(gpu, layers, seed, image);
    const leaves = [image, ...trained];
    const share = formula('positive', STREAM.u, [n]);
    const total = (losses: Tensor) => e.sum(e.mul(share, losses));

    if (golden.loss === 'cross-entropy') {
      const value = total(e.softmaxCrossEntropy(logits, labels));
      const first = e.grad(value, leaves, { createGraph: true });
      return { value, gradients: e.grad(turned(first, formula), leaves) };
    }

    const weight = trained[trained.length - 2];
    const classifier = {
      layers: ['map'],
      pooledHead: pooledHead ? { layer: 'map', weight } : undefined,
    } as unknown as Classifier; // saliency() reads no more of it
    const map = saliency(
      {
        ...{ classifier, image, labels, result: { logits, features: { map: activations } } },
        signs: formula('signs', NETWORK_STREAM.signs, [n, classes]),
        createGraph: true,
      },
      { layer: 'map', ...relevanceLossNamed(golden.loss).saliency, ...golden } as SaliencyOptions,
      { exact },
    );
    const area = map.rank === 4 ? [n, 1, ...map.shape.slice(2)] : map.shape;
    const mask = formula('mask', NETWORK_STREAM.mask, area);
    const forward = (x: Tensor) => runNetwork(gpu, layers, seed, x).logits;
    const { loss } = relevanceLossNamed(golden.loss);
    const decompose = () => assert.unreachable('no golden has a decomposition');
    const given = { saliency: map, mask, logits, labels, image, forward, decompose };
    const value = total(loss(given as unknown as RelevanceLossInputs));
    return { value, gradients: e.grad(value, leaves, { unused: 'zero' }) };
  });
}

async function check(golden: NetworkGolden, exact = true): Promise<void> {
  const { value, gradients } = derivatives(golden, exact);
  assert.is(gradients.length, golden.gradients.length, 'number of weights');
  const [[loss], ...arrays] = await Promise.all([value, ...gradients].map((t) => t.data()));
  for (const t of [value, ...gradients]) t.dispose();
  const [label, tolerance] = [labelOf(golden), float32Tolerance(golden)];
  matches(`${label}, loss`, loss, golden.value, tolerance);
  golden.gradients.forEach(([name, ...expected], k) => {
    const actual = project(arrays[k], golden.seed, k);
    matches(`${label}, by ${name}`, actual, expected, tolerance);
  });
}

for (const golden of cases) {
  test(labelOf(golden), async () => {
    await check(golden);
    if (networks[golden.network].pooledHead) await check(golden, false);
    compared++;
  });
}

test('every case of the file was compared, 60 networks or more', () => {
  assert.is(compared, cases.length);
  assert.ok(cases.length >= 60, `${cases.length} network cases`);
});

test('of ops and networks there are 200 second-order cases or more, each with a value that is not 0', () => {
  const ops = readGoldens<Goldens<OpGolden>>('ops.json').cases;
  const bends = ops.filter(({ second }) => second.some(([value]) => value !== 0));
  const trains = cases.filter(({ gradients }) => gradients.some(([, value]) => value !== 0));
  const total = bends.length + trains.length;
  console.log(`${total} second-order goldens: ${bends.length} ops, ${trains.length} networks`);
  assert.ok(total >= 200);
  assert.is(total, ops.length + cases.length);
});

test('a saliency loss without its second-order part is caught', async () => {
  for (const golden of cases) {
    if (golden.source !== 'cam' || networks[golden.network].pooledHead) continue;
    const error = await check({ ...golden, detachAlpha: true }).catch((caught) => caught);
    assert.match(error?.message ?? 'no error', /, by .*: 1 of 1 values differ/, labelOf(golden));
  }
});

test.run();
