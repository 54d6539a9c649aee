// What a researcher is told about a loss of his own: right ones pass, and each usual mistake is named.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as e from '../../../engine/index.ts';
import { checkRelevanceLoss } from '../../../gfsr/guidance/loss-check.ts';
import {
  defineRelevanceLoss,
  type RelevanceLoss,
  relevanceLosses,
  relevanceLossNamed,
} from '../../../gfsr/guidance/losses.ts';
import { testGpu } from '../../support/gpu.ts';

const gpu = await testGpu();

for (const [name, loss] of Object.entries(relevanceLosses)) {
  test(`${name} passes`, async () => {
    assert.is(loss.name, name);
    // Two shapes of batches; constant, zero and one-pixel saliency are among what it is tried on.
    const { problems, notes, derivatives, unchecked } = await checkRelevanceLoss(gpu, loss);
    assert.equal(problems, []);
    assert.ok(derivatives > 10);
    assert.is(derivatives + unchecked, 20);
    assert.is(notes.length > 0, unchecked > 0, `${unchecked} unchecked: ${notes}`);
  });
}

const told = async (loss: RelevanceLoss['loss']): Promise<string> =>
  (await checkRelevanceLoss(gpu, { name: 'mine', source: 'test', loss })).problems.join('\n');

test('a shape that is not [N] is refused, with what to do', async () => {
  assert.match(
    await told(({ saliency, mask }) => e.mul(saliency, mask)),
    /^mine returns shape \[2, 8, 8\] for 2 images, expected \[2\]: one loss per image\. Sum or average/,
  );
  assert.match(
    await told(() => 3 as unknown as e.Tensor),
    /^mine returns the number 3, expected a tensor .* mul\(a, b\), not a \* b/,
  );
  assert.match(
    await told(({ saliency, labels }) => e.mul(saliency, labels)),
    /^mine throws: mul: b is u32, expected f32/,
  );
});

test('NaN on an empty mask is found', async () => {
  assert.match(
    await told(({ saliency, mask }) =>
      e.div(e.sum(e.mul(saliency, mask), [1, 2]), e.sum(mask, [1, 2])),
    ),
    /mine is NaN for an empty mask\. Does it divide by a sum without adding an eps\?/,
  );
});

test('what only some saliency or batches show is found', async () => {
  const spread = (x: e.Tensor) => e.sub(x, e.mean(x, [1, 2], { keepDims: true }));
  assert.match(
    await told(({ saliency }) => e.sqrt(e.mean(e.square(spread(saliency)), [1, 2]))),
    /mine has a gradient of NaN for saliency that is the same everywhere\. A square root .* use norm, std/,
  );
  assert.is(await told(({ saliency }) => e.std(saliency, [1, 2])), '');
  assert.match(
    await told(({ saliency }) => e.sqrt(e.sum(e.square(saliency), [1, 2]))),
    /mine has a gradient of NaN for saliency that is zero everywhere/,
  );
  assert.is(await told(({ saliency }) => e.norm(saliency, [1, 2])), '');
  const share = (x: e.Tensor) => e.div(e.max(x, [1, 2]), e.min(x, [1, 2]));
  assert.match(
    await told(({ saliency }) => share(e.add(saliency, e.relu(saliency)))),
    /mine is (Infinity|NaN) for saliency at one pixel only/,
  );
});

test('a loss that counts on a shape or on one channel is found', async () => {
  assert.match(
    await told(({ saliency, mask }) =>
      e.mean(e.square(e.sub(e.reshape(saliency, [2, 64]), e.reshape(mask, [2, 64]))), [1]),
    ),
    /^With images \[3, 3, 12, 12\] and saliency \[3, 6, 6\]: mine throws: reshape: .* With images \[2, 1, 8, 8\] .* does the loss count on a shape, or on one channel\?/,
  );
  const oneChannel: RelevanceLoss = {
    ...{ name: 'mine', source: 'test' },
    saliency: { source: 'input-gradient', sign: 'signed' },
    loss: ({ saliency, mask }) =>
      e.mean(e.square(e.mul(saliency, e.reshape(mask, saliency.shape))), [1, 2, 3]),
  };
  assert.match(
    (await checkRelevanceLoss(gpu, oneChannel)).problems.join(),
    /^With images \[3, 3, 12, 12\] and saliency \[3, 3, 12, 12\]: mine throws: reshape/,
  );
});

test('a loss that is not the same twice is found, with the reason', async () => {
  const { random } = Math;
  assert.match(
    await told(({ saliency }) => e.scaleShift(e.mean(saliency, [1, 2]), Math.random(), 0)),
    /^mine calls Math\.random: it is recorded once/,
  );
  assert.is(Math.random, random);
  let calls = 0;
  assert.match(
    await told(({ saliency }) => e.scaleShift(e.mean(saliency, [1, 2]), ++calls, 0)),
    /^mine is 0\.\d+, and 1\.\d+ when evaluated again on the same inputs\. Does it count its calls/,
  );
});

test('anything may be thrown, and a promise is no result', async () => {
  const throwing = (value: unknown) =>
    told(() => {
      throw value;
    });
  assert.is(
    await throwing('oops'),
    'mine throws: "oops", which is not an Error, so its place is unknown',
  );
  assert.is(
    await throwing(null),
    'mine throws: null, which is not an Error, so its place is unknown',
  );
  assert.match(
    await told((async () => {
      throw new Error('late');
    }) as never),
    /^mine returns a promise, expected a tensor .* Remove async/,
  );
});

test('options of saliency that do not exist are named, with the nearest that do', async () => {
  const loss: RelevanceLoss['loss'] = ({ saliency }) => e.mean(saliency, [1, 2]);
  const withOptions = (saliency: object) => ({ name: 'mine', source: 'test', saliency, loss });
  const define = (saliency: object) => () => defineRelevanceLoss(withOptions(saliency));
  assert.throws(
    define({ sorce: 'cam' }),
    /mine: unknown saliency option sorce\. Did you mean source\? Expected source, layer/,
  );
  assert.throws(
    define({ source: 'input-grad' }),
    /mine: saliency\.source is "input-grad", expected cam, .* Did you mean input-gradient\?/,
  );
  assert.throws(
    define({ integrationSteps: 0 }),
    /saliency\.integrationSteps is 0, expected a whole/,
  );
  assert.throws(define({ layer: 3 }), /saliency\.layer is 3, expected a text/);
  const problems = async (saliency: object) =>
    (await checkRelevanceLoss(gpu, withOptions(saliency))).problems.join();
  assert.match(await problems({ sign: 'absolute' }), /^mine: saliency\.sign is "absolute"/);
  assert.match(
    await problems({ layer: 'conv99' }),
    /saliency\.layer is "conv99", expected first, last/,
  );
  for (const layer of ['conv3', 'layer2']) assert.is(await problems({ layer }), '');
});

test('derivatives that no difference can judge are counted apart', async () => {
  const rough = async (loss: RelevanceLoss['loss']) =>
    checkRelevanceLoss(gpu, { name: 'mine', source: 'test', loss });
  const { ok, derivatives, unchecked, notes } = await rough(({ saliency }) =>
    e.mean(e.abs(e.scaleShift(saliency, 1, -0.6)), [1, 2]),
  );
  assert.ok(ok);
  assert.ok(unchecked > 0 && derivatives > 0, `${derivatives} and ${unchecked}`);
  assert.match(notes.join(), /this is not checked/);
});

test('a loss without a way to the weights is told so', async () => {
  assert.match(
    await told(({ saliency, mask }) =>
      e.mean(
        e.mul(
          e.noGrad(() => e.square(saliency)),
          mask,
        ),
        [1, 2],
      ),
    ),
    /saliency, order 1: no gradient path, although the result changes with it .* square of \[2, 8, 8\] runs under noGrad/,
  );
  assert.match(
    await told(({ mask }) => e.mean(mask, [1, 2])),
    /mine does not depend on the network's weights at all, so there is nothing to train/,
  );
});

test('definitions are checked', () => {
  const loss: RelevanceLoss['loss'] = ({ saliency }) => e.mean(saliency, [1, 2]);
  const define = (change: object) => () =>
    defineRelevanceLoss({ name: 'other', source: 'test', loss, ...change });
  assert.throws(define({ name: 'gfsr' }), /gfsr exists already/);
  assert.throws(define({ name: 'a b' }), /name is "a b", expected letters/);
  assert.throws(define({ source: '' }), /other has no source/);
  assert.throws(define({ loss: 3 }), /loss of other is number, expected a function/);
  assert.throws(
    () => relevanceLossNamed('gfs'),
    /unknown relevance loss gfs, expected gfsr, energy, rrr/,
  );
});

test.after(() => gpu.destroy());
test.run();
