// jax-js: every work as one jitted function, kept on the device.

import {
  blockUntilReady,
  defaultDevice,
  getWebGPUDevice,
  grad,
  init,
  jit,
  lax,
  nn,
  numpy as np,
  valueAndGrad,
} from '@jax-js/jax';

export async function open() {
  await init('webgpu');
  defaultDevice('webgpu');
  return {
    name: 'jax-js',
    prepare: async (work) => (work.kind === 'step' ? prepareStep(work) : prepareKernel(work)),
    close: () => getWebGPUDevice().destroy(),
  };
}

const array = ({ values, shape }) => np.array(values).reshape([...shape]);
const conv = (x, w) => lax.convGeneralDilated(x, w, [1, 1], 'SAME');

/** A function of two arrays; the gradients are those of ⟨y, dy⟩. */
function prepareKernel({ kind, window, operands }) {
  const [a, b] = operands.map(array);
  const [n, , ...plane] = operands[1].shape;
  const from = operands[0].shape[1];
  const product = (x, w, dy) => conv(x, w).mul(dy).sum();
  const f = jit(
    {
      forward: conv,
      'input grad': (w, dy) => grad((x) => product(x, w, dy))(np.zeros([n, from, ...plane])),
      'weight grad': (x, dy) =>
        grad((w) => product(x, w, dy))(np.zeros([operands[1].shape[1], from, window, window])),
      matmul: (x, y) => np.matmul(x, y),
    }[kind],
  );
  let outputs = [];
  return {
    run: () => outputs.push(f(a.ref, b.ref)),
    done: async () => {
      await blockUntilReady(outputs);
      for (const one of outputs) one.dispose();
      outputs = [];
    },
    result: () => f(a.ref, b.ref).data(),
  };
}

const relu = (x) => nn.relu(x);

/** 2×2, by the two axes that each of height and width is split into. */
function maxPool(x) {
  const [n, c, h, w] = x.shape;
  return x.reshape([n, c, h / 2, 2, w / 2, 2]).max([3, 5]);
}

const LAYERS = [
  (p, x) => relu(convLayer(p, 'conv1', x)),
  (_, x) => maxPool(x),
  (p, x) => relu(convLayer(p, 'conv2', x)),
  (_, x) => maxPool(x),
  (p, x) => relu(convLayer(p, 'conv3', x)),
  (p, x) => np.matmul(x.mean([2, 3]), p['fc.weight'].ref.transpose()).add(p['fc.bias'].ref),
];
/** A map with less in all is left out, as ours is. */
const EPS = 1e-8;
/** Layers up to the map that Grad-CAM is taken at. */
const CUT = { 'before the pool': 3, 'last conv input': 4, 'last map': 5 };

function convLayer(p, name, x) {
  const bias = p[`${name}.bias`].ref;
  return conv(x, p[`${name}.weight`].ref).add(bias.reshape([1, bias.shape[0], 1, 1]));
}

const through = (p, x, layers) => layers.reduce((y, layer) => layer(p, y), x);

function prepareStep({ map, learningRate, weights, images, labels, mask }) {
  const names = Object.keys(weights);
  const x = array(images);
  const target = array(labels);
  const where = mask && array(mask);
  const crossEntropy = (logits) => nn.logSoftmax(logits, -1).mul(target.ref).sum(-1).mean().mul(-1);
  const loss = (p) => {
    if (!map) {
      const value = crossEntropy(through(p, x.ref, LAYERS));
      disposeAll(p);
      return value;
    }
    const a = through(p, x.ref, LAYERS.slice(0, CUT[map]));
    const rest = LAYERS.slice(CUT[map]);
    const g = grad((z) => through(p, z, rest).mul(target.ref).sum())(a.ref);
    const weight = g.mean([2, 3]).reshape([...a.shape.slice(0, 2), 1, 1]);
    const cam = relu(weight.mul(a.ref).sum(1));
    const total = cam.ref.sum([1, 2]);
    const valid = lax.stopGradient(np.where(total.ref.greater(EPS), 1, 0));
    const share = cam.mul(where.ref).sum([1, 2]).div(np.maximum(total, EPS));
    const relevance = share.mul(-1).add(1).mul(valid).mean();
    const value = crossEntropy(through(p, a, rest)).add(relevance);
    disposeAll(p);
    return value;
  };
  const update = jit((p, m, v, rate, c1, c2) => {
    const [value, g] = valueAndGrad(loss)(refs(p));
    const next = { p: {}, m: {}, v: {} };
    for (const name of names) {
      const mean = m[name].mul(0.9).add(g[name].ref.mul(0.1));
      const square = v[name].mul(0.999).add(g[name].ref.mul(g[name]).mul(0.001));
      const step = mean.ref.mul(c1.ref).div(np.sqrt(square.ref.mul(c2.ref)).add(1e-8));
      next.p[name] = p[name].sub(step.mul(rate.ref));
      next.m[name] = mean;
      next.v[name] = square;
    }
    for (const one of [rate, c1, c2]) one.dispose();
    return [value, next.p, next.m, next.v];
  });
  const zeros = () => Object.fromEntries(names.map((n) => [n, np.zeros([...weights[n].shape])]));
  let p = Object.fromEntries(names.map((n) => [n, array(weights[n])]));
  let [m, v, t] = [zeros(), zeros(), 0];
  let last;
  const run = () => {
    t++;
    last?.dispose();
    const scalars = [learningRate, 1 / (1 - 0.9 ** t), 1 / (1 - 0.999 ** t)];
    [last, p, m, v] = update(p, m, v, ...scalars.map((s) => np.array(s)));
  };
  return {
    run,
    done: () => blockUntilReady([last, p]),
    result: () => {
      run();
      return last.ref.data();
    },
  };
}

const refs = (tree) => Object.fromEntries(Object.entries(tree).map(([k, a]) => [k, a.ref]));

function disposeAll(tree) {
  for (const one of Object.values(tree)) one.dispose();
}
