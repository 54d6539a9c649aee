// Deliberate mistakes in gradients and in the code that launches kernels.
import {
  CONTRACTIONS,
  inFile,
  type Mutation,
  opTest,
  REARRANGED,
  ROWS,
  SAMPLE,
} from './mutation.ts';

const plan = inFile('engine/core/memory-plan.ts', 'tests/engine/core/memory-plan.test.ts');
const elide = inFile('engine/core/elide-copies.ts', 'tests/engine/core/memory-plan.test.ts');
const launches = inFile('engine/core/launch-plan.ts', 'tests/engine/core/launch-plan.test.ts');
const layout = inFile('engine/core/layout.ts', 'tests/engine/core/layout.test.ts');
const storage = inFile('engine/core/storage.ts', 'tests/engine/core/layout.test.ts');
const activationsOp = inFile('engine/ops/activations.ts', opTest('activations'));
const blurOp = inFile('engine/ops/blur.ts', opTest('blur'));
const direct = inFile('engine/ops/conv/direct.ts', opTest('conv/index'));
const pointwise = inFile('engine/ops/conv/conv1x1.ts', REARRANGED);
const rowsOp = inFile('engine/ops/conv/rows.ts', ROWS);
const winogradOp = inFile('engine/ops/conv/winograd.ts', REARRANGED);
const autotune = inFile('engine/tuning/autotune.ts', 'tests/engine/tuning/autotune.test.ts');
const contractOp = inFile('engine/ops/conv/contract.ts', opTest('conv/index'));
const convOp = inFile('engine/ops/conv/index.ts', opTest('conv/index'));
const dropoutOp = inFile('engine/ops/dropout.ts', opTest('dropout'));
const elementwiseOp = inFile('engine/ops/elementwise.ts', opTest('elementwise'));
const indexingOp = inFile('engine/ops/indexing.ts', opTest('indexing'));
const lossesOp = inFile('engine/ops/losses.ts', opTest('losses'));
const matmulOp = inFile('engine/ops/matmul.ts', opTest('matmul'));
const normOp = inFile('engine/ops/norm.ts', opTest('norm'));
const pointwiseOp = inFile('engine/ops/elementwise-op.ts', opTest('elementwise'));
const poolOp = inFile('engine/ops/pooling.ts', opTest('pooling'));
const reduceOp = inFile('engine/ops/reduce.ts', opTest('reduce'));
const relevanceOp = inFile('engine/ops/relevance.ts', opTest('relevance'));
const saliencyOp = inFile('engine/ops/saliency.ts', opTest('saliency'));
const shapeOp = inFile('engine/ops/shape.ts', opTest('shape'));
const softmaxOp = inFile('engine/ops/softmax.ts', opTest('softmax'));

export const engineMutations: readonly Mutation[] = [
  elide('writes.every((at) => at < i)', 'writes.length > 0'),
  elide('writes.every((at) => at === i)', 'writes.length >= 0'),
  elide('dispatches[at].writes[k] !== writing', 'false'),
  launches('other.writes || writes[k]', 'other.writes'),
  launches('const orderMatters = other.writes || writes[k]', 'const orderMatters = writes[k]'),
  launches('writes[k] || !written.has(root)', 'true'),
  launches('storages.length <= mostBindings', 'storages.length > 0'),
  plan('isOutput ? undefined : free', 'free'),
  layout(
    'storage.offset === before.offset + aligned(before.bytes)',
    'storage.offset > before.offset',
  ),
  storage('if (end + bytes > limit) {', 'if (end > limit) {'),
  layout('gpu.part(all, offset, ', 'gpu.part(all, 0, ', 'tests/model/optimizer.test.ts'),

  activationsOp('exp(neg(square(x)))', 'exp(square(x))'),
  activationsOp('mul(dy, sigmoid(x))', 'mul(dy, tanh(x))'),
  activationsOp('scaleShift(step(x), 1 - slope, slope)', 'scaleShift(step(x), 1, slope)'),
  activationsOp('mul(dy, withinOp(x, attrs))', 'mul(x, withinOp(x, attrs))'),
  activationsOp('pow(x, exponent - 1)), exponent, 0)', 'pow(x, exponent - 1)), exponent - 1, 0)'),
  activationsOp(
    'scaleShift(erf(scaleShift(x, Math.SQRT1_2, 0)), 1, 1)',
    'erf(scaleShift(x, Math.SQRT1_2, 0))',
  ),

  blurOp('Math.max(0, radius - at)', '0'),
  blurOp('(2 * sigma * sigma)', '(sigma * sigma)'),

  contractOp(
    'tap_chunks * Math.ceil(depth / depth_chunk)',
    'tap_chunks * Math.floor(depth / depth_chunk)',
    opTest('matmul'),
  ),
  direct(
    'step: -dilation, offset: padding, DIVISOR',
    'step: -dilation, offset: padding - 1, DIVISOR',
  ),
  direct('scale: dilation, step: stride', 'scale: stride, step: dilation'),
  pointwise('y_place: outs * groups * places', 'y_place: outs * places'),
  contractOp("x.dtype === 'f16' ? 'f16' : 'f32'", "'f32'", CONTRACTIONS),
  rowsOp('? step / scale : 0', '? 1 : 0'),
  winogradOp('2 - attrs.padding', '1 + attrs.padding'),
  winogradOp('turn: 8', 'turn: 0'),
  autotune(
    'difference(result, reference) > TOLERANCE[gpu.operands]',
    'difference(result, reference) > 10',
  ),
  autotune('b[1] < a[1] ? b : a', 'b[1] > a[1] ? b : a'),
  convOp('const beyond = Math.floor(outputPadding / stride);', 'const beyond = 0;'),

  dropoutOp('dropoutOp([dy, state], attrs)', 'dropoutOp([dy, state], { ...attrs, site: 0 })'),
  dropoutOp('scale: 1 / (1 - rate)', 'scale: 1 - rate'),

  elementwiseOp('scaleShift(div(dy, y), 0.5, 0)', 'scaleShift(div(dy, y), 1, 0)'),
  elementwiseOp('scaleShift(mul(dy, x), 2, 0)', 'scaleShift(mul(dy, x), -2, 0)'),
  elementwiseOp('mul(dy, sub(y, square(y)))', 'mul(dy, y)'),
  elementwiseOp('neg(sumTo(mul(dy, div(y, b)), b.shape))', 'sumTo(mul(dy, div(y, b)), b.shape)'),
  elementwiseOp(
    'sumTo(mul(dy, scaleShift(greater(a, b), -1, 1)), b.shape)',
    'sumTo(mul(dy, greater(a, b)), b.shape)',
  ),
  elementwiseOp('sumTo(mul(dy, greater(b, a)), a.shape)', 'sumTo(mul(dy, greater(a, b)), a.shape)'),
  elementwiseOp(
    'shared<void>(({ dy, y }) => reluInputGrad(dy, y))',
    'shared<void>(({ dy }) => dy)',
  ),
  elementwiseOp('reluInputGrad(b, scaleShift(condition, -1, 1))', 'reluInputGrad(b, condition)'),
  pointwiseOp('if (inB) strideB *= n;', 'if (inA) strideB *= n;'),
  indexingOp('reluInputGrad(x, topKMask(x, k))', 'reluInputGrad(x, x)'),

  lossesOp('.map((x) => sum(square(x), [1]))', '.map((x) => sum(x, [1]))'),
  lossesOp('mul(q, sub(logQ, logP))', 'mul(q, sub(logP, logQ))'),
  lossesOp('softplus(neg(logits))', 'softplus(logits)'),

  matmulOp(
    '{ transposeA: true, transposeB: transposeA }',
    '{ transposeA: true, transposeB: false }',
  ),
  normOp('scaleShift(row(dy, 1), 2 / count, 0)', 'scaleShift(row(dy, 1), 1 / count, 0)'),
  normOp(
    'scaleShift(mul(mul(scale, square(r)), row(sums, 1)), -0.5, 0)',
    'scaleShift(mul(scale, row(sums, 1)), -0.5, 0)',
  ),
  normOp(
    'neg(mul(context.inputs[2], row(affineSums(context), 0)))',
    'mul(context.inputs[2], row(affineSums(context), 0))',
  ),
  normOp(
    'channelAffine(x, centre, row(g, 1), row(g, 0))',
    'channelAffine(x, centre, row(g, 0), row(g, 1))',
  ),
  normOp('div(sub(runs, moment(moments, 0, runs)), deviation)', 'div(runs, deviation)', SAMPLE),
  normOp('standardize(x, n * groups, eps)', 'standardize(x, groups, eps)'),
  normOp('standardize(x, x.size / gamma.size, eps)', 'standardize(x, x.shape[0], eps)'),
  poolOp('maxPoolGatherOp([g, x], attrs)', 'maxPoolGatherOp([x, g], attrs)'),
  reduceOp('mul(hits, div(dy, foldSum([hits], attrs)))', 'mul(hits, dy)'),
  reduceOp('scaleShift(y, y.size / x.size, 0)', 'scaleShift(y, 1 / x.size, 0)', SAMPLE),
  relevanceOp('mul(neg(div(reshape(dy', 'mul((div(reshape(dy'),
  saliencyOp("return sign === 'abs' ? abs(total) : total;", 'return total;'),
  saliencyOp('return reluInputGrad(dy, y);', 'return dy;'),
  saliencyOp('mul(dy, signOf(sum(mul(a, weight), [1])))', 'dy'),
  saliencyOp('[totalGrad(context), a] as const', '[totalGrad(context), weight] as const'),
  saliencyOp("saliencyOf(a, dy, 'signed')", "saliencyOf(a, dy, 'relu')"),
  saliencyOp('=> mul(ds, dy),', '=> mul(ds, ds),'),
  shapeOp('step.reduce(dilate, dy)', 'dy'),
  shapeOp('(shape[axis] - 1) * step + 1;', 'shape[axis] * step;'),
  shapeOp('slice(dy, before, x.shape)', 'slice(dy, before.map(() => 0), x.shape)'),
  shapeOp('pad(part, at(start), at(total - end))', 'pad(part, at(total - end), at(start))', SAMPLE),
  softmaxOp('sub(dy, mul(exp(y), sum(dy', 'sub(dy, mul(y, sum(dy'),
];
