// Event files read back by a reader of its own: records, checksums bit by bit, and every scalar and picture.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { crc32c } from '../../../../gfsr/files/crc32.ts';
import { encodeEvents } from '../../../../gfsr/store/export/event-file.ts';
import { double, eventsOf, fieldsOf, scalarsOf, text } from '../../../support/event-file.ts';

test('the checksum of the standard: CRC-32C of 123456789', () => {
  assert.is(crc32c(new TextEncoder().encode('123456789')), 0xe3069283);
});

test('scalars and pictures come back, with their steps and times', () => {
  const png = Uint8Array.from({ length: 300 }, (_, i) => i);
  const [version, first, second] = eventsOf(
    encodeEvents([
      { step: 1, seconds: 2.5, scalars: { crossEntropy: 0.75, valAccuracy: Number.NaN } },
      { step: 200, seconds: 5, pictures: { 'test-3': { png, width: 640, height: 20 } } },
    ]),
  );
  assert.is(text(version.get(3)?.[0]), 'brain.Event:2');
  assert.is(double(first.get(1)?.[0]), 2.5);
  assert.equal(first.get(2), [1n]);
  assert.equal(scalarsOf(first), { crossEntropy: 0.75, valAccuracy: Number.NaN });
  assert.equal(second.get(2), [200n]);
  const [value] = fieldsOf(second.get(5)?.[0] as Uint8Array).get(1) ?? [];
  const fields = fieldsOf(value as Uint8Array);
  assert.is(text(fields.get(1)?.[0]), 'test-3');
  const image = fieldsOf(fields.get(4)?.[0] as Uint8Array);
  assert.equal([image.get(1), image.get(2), image.get(3)], [[20n], [640n], [3n]]);
  assert.equal(image.get(4)?.[0], png);
});

test.run();
