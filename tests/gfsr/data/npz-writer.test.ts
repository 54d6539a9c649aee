// Archives that numpy reads: numbers, text, and the same bytes every time.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseNpy } from '../../../gfsr/data/npy.ts';
import { readNpz } from '../../../gfsr/data/npz.ts';
import { encodeNpy, encodeNpz } from '../../../gfsr/data/npz-writer.ts';

test('numbers come back with their shape', () => {
  const a = { shape: [2, 3], data: Float32Array.of(1, 2, 3, 4, 5, 6.5) };
  const b = { shape: [2], data: Int32Array.of(-1, 7) };
  const arrays = readNpz(encodeNpz({ a, b }));
  assert.equal([...arrays.keys()], ['a', 'b']);
  assert.equal(arrays.get('a'), { ...a, dtype: '<f4' });
  assert.equal(arrays.get('b')?.data, b.data);
  assert.equal(encodeNpz({ a, b }), encodeNpz({ a, b }));
});

test('text is UTF-32, as numpy has it, and data begins at a multiple of 64', () => {
  const bytes = encodeNpy(['ä', 'bcd']);
  assert.match(
    new TextDecoder().decode(bytes.subarray(10, 70)),
    /'<U3', 'fortran_order': False, 'shape': \(2,\)/,
  );
  const data = new Uint32Array(bytes.slice(-24).buffer);
  assert.equal([...data].map((code) => String.fromCodePoint(code)).join(''), 'ä\0\0bcd');
  assert.is((bytes.length - 24) % 64, 0);
  assert.equal(parseNpy(encodeNpy({ shape: [1], data: Uint8Array.of(9) })).data, Uint8Array.of(9));
  assert.throws(
    () => encodeNpy({ shape: [2], data: Uint8Array.of(9) }),
    /got 1 values, expected \[2\]/,
  );
});

test.run();
