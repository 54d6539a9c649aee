// Connected components: neighbours, numbering and the pixels of each.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { connectedComponents } from '../../../gfsr/image/connected-components.ts';

test('components of 4 and 8 neighbours', () => {
  const diagonal = [1, 0, 0, 1];
  assert.is(connectedComponents(diagonal, 2, 2, 4).count, 4);
  assert.is(connectedComponents(diagonal, 2, 2, 8).count, 2);
  const { order, starts, labels } = connectedComponents([1, 1, 0, 1], 2, 2);
  assert.equal([...order], [0, 1, 3, 2]);
  assert.equal([...starts], [0, 3, 4]);
  assert.equal([...labels], [0, 0, 1, 0]);
});

test.run();
