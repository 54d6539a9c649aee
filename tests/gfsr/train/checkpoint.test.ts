// States under one roof: what was joined comes apart again.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { joinStates, partOf } from '../../../gfsr/train/checkpoint.ts';

const one = (value: number) => ({ shape: [1], data: Float32Array.of(value) });

test('joined states come apart as they were, also where one name begins with another', () => {
  const model = new Map([
    ['fc.weight', one(1)],
    ['x', one(2)],
  ]);
  const modelled = new Map([['x', one(3)]]);
  const joined = joinStates({ model, modelled });
  assert.equal([...joined.keys()], ['model.fc.weight', 'model.x', 'modelled.x']);
  assert.equal(partOf(joined, 'model'), model);
  assert.equal(partOf(joined, 'modelled'), modelled);
  assert.is(partOf(joined, 'average').size, 0);
});

test.run();
