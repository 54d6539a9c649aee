// Suggestions: the nearest name whatever its case, and none where nothing is near.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { didYouMean, nearestName } from '../../../gfsr/text/suggestions.ts';

test('the nearest name is suggested, upper and lower case alike', () => {
  const names = ['epochs', 'dropout', 'batchSize'];
  assert.is(didYouMean('epoch', names), ' Did you mean epochs?');
  assert.is(nearestName('BATCHSIZE', names), 'batchSize');
  assert.is(nearestName('dorpout', names), 'dropout');
});

test('of equally near names the first; far from all, none', () => {
  assert.is(nearestName('aa', ['ab', 'ba']), 'ab');
  assert.is(nearestName('something else', ['epochs', 'dropout']), undefined);
  assert.is(nearestName('x', []), undefined);
  assert.is(didYouMean('something else', ['epochs']), '');
});

test.run();
