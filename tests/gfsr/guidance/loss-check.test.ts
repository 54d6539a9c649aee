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
    const { problems, derivatives } = await checkRelevanceLoss(gpu, loss);
    assert.equal(problems, []);
    assert.ok(derivatives > 10);
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
