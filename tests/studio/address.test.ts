// What the fragment of the page's address says.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { formatFragment, parseFragment } from '../../studio/address.ts';

test('a place survives the address', () => {
  for (const place of [{}, { tab: 'see' }, { image: 0 }, { tab: 'mark', image: 17 }] as const) {
    assert.equal(parseFragment(formatFragment(place)), place);
  }
});

test('what nobody knows is left out', () => {
  assert.equal(parseFragment('#tab=nowhere&image=-1'), {});
  assert.equal(parseFragment('#tab=mark&image=1.5&x=2'), { tab: 'mark' });
  assert.equal(parseFragment(''), {});
});

test.run();
