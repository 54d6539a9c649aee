// What a decoder says is passed on only where a person can make something of it.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { reasonOf } from '../../../gfsr/text/reason.ts';

test('what a library says of a file is passed on, on one line and cut', () => {
  assert.is(reasonOf(new Error('SOI not found')), ' (SOI not found)');
  assert.is(reasonOf('dicomParser.readTag: missing\nDICM'), ' (missing DICM)');
  assert.is(reasonOf({ exception: 'no part 10 header' }), ' (no part 10 header)');
  assert.is(reasonOf(new Error('x'.repeat(500))).length, 123);
});

test('what the runtime says of the library is not', () => {
  const failures = [
    () => (undefined as unknown as number[])[0],
    () => new Uint8Array(-1),
    () => (undefined as unknown as () => void)(),
  ];
  for (const failure of failures) {
    try {
      failure();
      assert.unreachable();
    } catch (error) {
      assert.is(reasonOf(error), '');
    }
  }
  for (const nothing of [undefined, null, 7, {}, '', new Error('')])
    assert.is(reasonOf(nothing), '');
});

test.run();
