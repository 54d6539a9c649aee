// safetensors: round trips, bytes of another writer, and files made to harm.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { decodeSafetensors, encodeSafetensors } from '../../model/safetensors.ts';

/** A file from header text and data bytes; `length` lies about the header. */
function file(header: unknown, data: ArrayLike<number> = [], length?: number | bigint): Uint8Array {
  const text = new TextEncoder().encode(
    typeof header === 'string' ? header : JSON.stringify(header),
  );
  const bytes = new Uint8Array(8 + text.length + data.length);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(length ?? text.length), true);
  bytes.set(text, 8);
  bytes.set(Uint8Array.from(data), 8 + text.length);
  return bytes;
}

const tensor = (dtype: string, shape: unknown, begin: unknown, end: unknown) => ({
  dtype,
  shape,
  data_offsets: [begin, end],
});

test('what is written is read, and always the same bytes', () => {
  const tensors = new Map([
    ['layer.weight', { shape: [2, 3], data: Float32Array.of(1, -2, 3.5, 0, Number.NaN, 1e-40) }],
    ['layer.bias', { shape: [1], data: Float32Array.of(7) }],
    ['scalar', { shape: [], data: Float32Array.of(9) }],
    ['empty "é"', { shape: [0, 4], data: new Float32Array(0) }],
  ]);
  const metadata = { seed: '1', about: 'a "test"' };
  const bytes = encodeSafetensors(tensors, metadata);
  const read = decodeSafetensors(bytes);
  assert.equal(read.metadata, metadata);
  assert.equal([...read.tensors.keys()].sort(), [...tensors.keys()].sort());
  for (const [name, { shape, data }] of tensors) {
    const got = read.tensors.get(name);
    assert.equal([got?.shape, got?.dtype], [shape, 'F32']);
    // As bytes, for NaN is not equal to itself.
    assert.equal(new Uint8Array(got?.data.buffer as ArrayBuffer), new Uint8Array(data.buffer));
  }
  const turned = new Map([...tensors].reverse());
  assert.equal(encodeSafetensors(turned, { about: 'a "test"', seed: '1' }), bytes);
  assert.is(new DataView(bytes.buffer).getUint32(0, true) % 8, 0);
});

test('the bytes are those of the format', () => {
  const bytes = encodeSafetensors(new Map([['a', { shape: [1], data: Float32Array.of(1) }]]));
  const header = '{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}';
  const padded = header.padEnd(Math.ceil(header.length / 8) * 8);
  assert.equal(bytes, file(padded, [0, 0, 0x80, 0x3f]));
  assert.equal(decodeSafetensors(encodeSafetensors(new Map())).tensors.size, 0);
});

test('a view into a larger array is written and read right', () => {
  const data = Float32Array.of(0, 1, 2, 3).subarray(1, 3);
  const bytes = encodeSafetensors(new Map([['a', { shape: [2], data }]]));
  const shifted = new Uint8Array(bytes.length + 1).subarray(1);
  shifted.set(bytes);
  assert.equal(decodeSafetensors(shifted).tensors.get('a')?.data, Float32Array.of(1, 2));
  const fromPool = decodeSafetensors(Buffer.from(bytes)).tensors.get('a')?.data;
  assert.equal(fromPool, Float32Array.of(1, 2));
  assert.is(fromPool?.buffer.byteLength, 8);
});

test('other element types', () => {
  const bits = (...values: number[]) => [...new Uint8Array(Uint16Array.from(values).buffer)];
  const read = (dtype: string, count: number, data: number[]) =>
    decodeSafetensors(file({ t: tensor(dtype, [count], 0, data.length) }, data)).tensors.get('t')
      ?.data;
  const half = bits(0x3c00, 0xc000, 0x7bff, 0x0001, 0x0400, 0x7c00, 0xfc00, 0x8000, 0x3555);
  assert.equal(
    read('F16', 9, half),
    Float32Array.of(1, -2, 65504, 2 ** -24, 2 ** -14, Infinity, -Infinity, -0, 0.333251953125),
  );
  assert.ok(Number.isNaN(read('F16', 1, bits(0x7e00))?.[0]));
  assert.equal(read('BF16', 3, bits(0x3f80, 0xc000, 0x7f80)), Float32Array.of(1, -2, Infinity));
  assert.equal(read('I64', 1, [255, 255, 255, 255, 255, 255, 255, 255]), BigInt64Array.of(-1n));
  assert.equal(read('I32', 1, [254, 255, 255, 255]), Int32Array.of(-2));
  assert.equal(read('U8', 2, [1, 255]), Uint8Array.of(1, 255));
  assert.equal(read('F64', 1, [0, 0, 0, 0, 0, 0, 0xf0, 0x3f]), Float32Array.of(1));
});

test('hostile files each give one error, quickly', () => {
  const four = [0, 0, 0, 0];
  const f32 = tensor('F32', [1], 0, 4);
  const entry = JSON.stringify(f32);
  const cases: [string, Uint8Array, RegExp][] = [
    ['empty', new Uint8Array(0), /got 0 bytes/],
    ['header past the end', file({}, [], 1000), /header of 1000 bytes, expected at most 2/],
    ['header of 2^63', file({}, [], 2n ** 63n), /header of 9223372036854776000 bytes/],
    [
      'header above 100 MB',
      (() => {
        const b = new Uint8Array(100_000_100);
        new DataView(b.buffer).setUint32(0, 100_000_001, true);
        return b;
      })(),
      /header of 100000001 bytes, expected at most 100000000/,
    ],
    ['not JSON', file('{"a":}'), /not UTF-8 JSON/],
    ['leading space', file(' {}'), /not a JSON object/],
    ['an array', file('[]'), /not a JSON object/],
    ['null', file('null'), /not a JSON object/],
    ['not UTF-8', file({}, [0xff, 0x7d], 4), /not UTF-8/],
    ['duplicate tensor', file(`{"a":${entry},"a":${entry}}`, four), /key "a" occurs twice/],
    [
      'duplicate by escape',
      file(`{"a":${entry},"\\u0061":${entry}}`, four),
      /key "a" occurs twice/,
    ],
    [
      'duplicate field',
      file('{"a":{"dtype":"F32","shape":[1],"shape":[1],"data_offsets":[0,4]}}', four),
      /key "shape" occurs twice/,
    ],
    ['duplicate metadata', file('{"__metadata__":{"x":"1","x":"2"}}'), /key "x" occurs twice/],
    ['__proto__', file(`{"__proto__":${entry}}`, four), /"__proto__" is not allowed/],
    ['overlap', file({ a: f32, b: f32 }, four), /tensor "b" overlaps/],
    ['gap', file({ a: tensor('F32', [1], 4, 8) }, [...four, ...four]), /leaves a gap/],
    ['rest', file({ a: f32 }, [...four, 0]), /tensors cover 4 bytes, expected 5/],
    ['truncated', file({ a: f32 }, [0, 0, 0]), /expected within 3 bytes/],
    ['no tensors but data', file({}, [1]), /cover 0 bytes, expected 1/],
    ['backwards', file({ a: tensor('F32', [1], 4, 0) }, four), /lies at \[4, 0\]/],
    ['size', file({ a: tensor('F32', [2], 0, 4) }, four), /takes 8 bytes, got 4/],
    ['huge product', file({ a: tensor('F32', [2 ** 40, 2 ** 40, 0], 0, 0) }), /shape too large/],
    [
      'product that wraps to 4 bytes',
      file({ a: tensor('U8', [2 ** 32, 2 ** 32], 0, 0) }),
      /shape too large/,
    ],
    ['negative', file({ a: tensor('F32', [-1], 0, 4) }, four), /has shape \[-1\]/],
    ['fraction', file({ a: tensor('F32', [0.5], 0, 4) }, four), /has shape/],
    ['text offsets', file({ a: tensor('F32', [1], '0', 4) }, four), /has data_offsets/],
    [
      'dtype',
      file({ a: tensor('F8_E4M3', [4], 0, 4) }, four),
      /element type "F8_E4M3", expected one of F64 F32/,
    ],
    ['constructor as dtype', file({ a: tensor('constructor', [4], 0, 4) }, four), /element type/],
    ['unknown field', file({ a: { ...f32, note: 1 } }, four), /unknown key "note"/],
    ['not an object', file({ a: 3 }), /not described by an object/],
    ['metadata', file({ __metadata__: { a: 1 } }), /__metadata__ "a" is not a string/],
    ['deep nesting', file(`{"a":${'['.repeat(200_000)}`), /not UTF-8 JSON/],
    ['long escapes', file(`{"a":"${'\\\\'.repeat(2_000_000)}"}`), /not described/],
  ];
  for (const [name, bytes, message] of cases) {
    const start = performance.now();
    assert.throws(
      () => decodeSafetensors(bytes),
      (error: Error) => {
        assert.instance(error, RangeError, name);
        assert.match(error.message, /^decodeSafetensors: /, name);
        assert.match(error.message, message, name);
        return true;
      },
    );
    assert.ok(performance.now() - start < 1000, `${name} took too long`);
  }
});

test('braces, colons and quotes in names do not confuse the search for duplicate keys', () => {
  const names = ['{', '}', '":"', '\\', 'a": {"b', 'toString'];
  const tensors = new Map(names.map((name) => [name, { shape: [1], data: Float32Array.of(1) }]));
  assert.is(decodeSafetensors(encodeSafetensors(tensors, { '{': '}', '"': ':' })).tensors.size, 6);
});

test('encode refuses what decode would', () => {
  const one = { shape: [1], data: Float32Array.of(1) };
  assert.throws(() => encodeSafetensors(new Map([['__metadata__', one]])), /may not be named/);
  assert.throws(() => encodeSafetensors(new Map([['__proto__', one]])), /may not be named/);
  assert.throws(
    () => encodeSafetensors(new Map([['a', { ...one, shape: [2] }]])),
    /has 1 values, got shape \[2\]/,
  );
  assert.throws(() => encodeSafetensors(new Map(), { a: 1 as unknown as string }), TypeError);
});

test.run();
