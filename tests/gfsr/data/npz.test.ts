// npy arrays and npz archives, whole and hostile.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseNpy } from '../../../gfsr/data/npy.ts';
import { readNpz } from '../../../gfsr/data/npz.ts';
import { crc32 } from '../../../gfsr/files/crc32.ts';
import { npy, npz, zip } from '../../support/npz.ts';

const array = npy([2, 3], Uint8Array.of(1, 2, 3, 4, 5, 6));
const zeros = npy([100_000], new Uint8Array(100_000));

test('every element type is read', () => {
  const cases: [string, ArrayBufferView][] = [
    ['|u1', Uint8Array.of(1, 255)],
    ['|i1', Int8Array.of(-1, 127)],
    ['<u2', Uint16Array.of(1, 65535)],
    ['<i2', Int16Array.of(-1, 300)],
    ['<u4', Uint32Array.of(1, 4294967295)],
    ['<i4', Int32Array.of(-1, 70000)],
    ['<i8', BigInt64Array.of(-1n, 2n ** 40n)],
    ['<f4', Float32Array.of(-1.5, 0.25)],
    ['<f8', Float64Array.of(-1.5, 1e300)],
  ];
  for (const [dtype, data] of cases) {
    const read = parseNpy(npy([2], data, dtype));
    assert.equal(read.data, data, dtype);
    assert.equal(read.shape, [2]);
    assert.is(read.dtype, dtype);
  }
  assert.equal(parseNpy(npy([2], Uint8Array.of(0, 1), '|b1')).data, Uint8Array.of(0, 1));
});

test('npy versions 2 and 3, scalars, and headers written by others', () => {
  for (const version of [2, 3]) {
    const long = new Uint8Array(array.length + 2);
    long.set(array.subarray(0, 10));
    long[6] = version;
    long.set(array.subarray(10), 12);
    assert.equal(parseNpy(long).shape, [2, 3]);
  }
  const other = `{"shape":(2,3),"fortran_order":False,"descr":"|u1"}`;
  assert.equal(parseNpy(npy([], Uint8Array.of(1, 2, 3, 4, 5, 6), '|u1', other)).shape, [2, 3]);
  const scalar = `{'descr': '|u1', 'fortran_order': False, 'shape': (), }`;
  assert.equal(parseNpy(npy([], Uint8Array.of(9), '|u1', scalar)).shape, []);
});

test('Fortran order becomes C order, big endian little, float16 float32', () => {
  const read = (dtype: string, shape: string, order: string, bytes: number[]) =>
    parseNpy(
      npy(
        [],
        Uint8Array.from(bytes),
        dtype,
        `{'descr': '${dtype}', 'fortran_order': ${order}, 'shape': ${shape}, }`,
      ),
    );
  const fortran = read('|u1', '(2, 3)', 'True', [1, 4, 2, 5, 3, 6]);
  assert.equal(
    [fortran.shape, [...fortran.data]],
    [
      [2, 3],
      [1, 2, 3, 4, 5, 6],
    ],
  );
  const deep = read('|u1', '(2, 1, 2)', 'True', [1, 3, 2, 4]);
  assert.equal([...deep.data], [1, 2, 3, 4]);
  assert.equal(read('>i2', '(2,)', 'False', [255, 254, 1, 0]).data, Int16Array.of(-2, 256));
  assert.equal(
    read('>u8', '(1,)', 'False', [0, 0, 0, 0, 0, 0, 1, 2]).data,
    BigUint64Array.of(258n),
  );
  const halves = [0x3c00, 0xc000, 0x7bff, 0x0001, 0x8000, 0x7c00, 0x7e00];
  const bytes = halves.flatMap((half) => [half & 255, half >> 8]);
  const wide = [1, -2, 65_504, 2 ** -24, -0, Number.POSITIVE_INFINITY, Number.NaN];
  const read16 = read('<f2', '(7,)', 'False', bytes).data;
  assert.ok(read16 instanceof Float32Array);
  assert.ok(
    wide.every((value, i) => Object.is(read16[i], value)),
    String(read16),
  );
});

test('an npy that cannot be read says why', () => {
  const header = (text: string) => npy([], new Uint8Array(6), '|u1', text);
  const dict = (dtype: string, order: string, shape: string) =>
    header(`{'descr': '${dtype}', 'fortran_order': ${order}, 'shape': ${shape}, }`);
  const cases: [Uint8Array, RegExp][] = [
    [
      dict('|O', 'False', '(2, 3)'),
      /dtype, got \|O, expected bool.* Pickled objects are not loaded/,
    ],
    [dict('<c8', 'False', '(2, 3)'), /dtype, got <c8/],
    [dict('|S6', 'False', '(1,)'), /dtype, got \|S6/],
    [dict('|u1', 'False', '(2, 4)'), /needs 8 bytes, got 6/],
    [dict('|u1', 'False', '(-1, 3)'), /header not understood/],
    [dict('|u1', 'False', '(9999999999, 9999999999)'), /shape too large/],
    [header('{}'), /header not understood/],
    [array.subarray(0, 20), /truncated/],
    [array.subarray(0, array.length - 1), /needs 6 bytes, got 5/],
    [new Uint8Array(100), /not a \.npy array/],
    [Uint8Array.of(), /not a \.npy array/],
  ];
  for (const [bytes, message] of cases) assert.throws(() => parseNpy(bytes), message);
});

test('stored, deflated and zip64 archives', () => {
  const entries = [
    { name: 'a.npy', bytes: array, store: true },
    { name: 'b.npy', bytes: zeros },
    { name: 'readme.txt', bytes: Uint8Array.of(1) },
  ];
  for (const zip64 of [false, true]) {
    const arrays = readNpz(zip(entries, zip64));
    assert.equal([...arrays.keys()], ['a', 'b']);
    assert.equal(arrays.get('a')?.data, Uint8Array.of(1, 2, 3, 4, 5, 6));
    assert.is(arrays.get('b')?.data.length, 100_000);
  }
});

test('a Node Buffer, whose slice is a view of a shared pool', () => {
  const stored = zip([
    { name: 'a.npy', bytes: npy([2], Float64Array.of(1, 2), '<f8'), store: true },
  ]);
  const read = readNpz(Buffer.from(stored)).get('a')?.data;
  assert.equal(read, Float64Array.of(1, 2));
  assert.is(read?.buffer.byteLength, 16);
});

test('bytes that begin inside a larger buffer', () => {
  const archive = npz({ a: npy([2], Float64Array.of(1, 2), '<f8') });
  const shifted = new Uint8Array(archive.length + 3).subarray(3);
  shifted.set(archive);
  assert.equal(readNpz(shifted).get('a')?.data, Float64Array.of(1, 2));
});

test('__proto__ and constructor are names like any other', () => {
  const arrays = readNpz(
    zip([
      { name: '__proto__.npy', bytes: array },
      { name: 'constructor.npy', bytes: array },
    ]),
  );
  assert.equal([...arrays.keys()], ['__proto__', 'constructor']);
  assert.is(({} as Record<string, unknown>).shape, undefined);
});

test('hostile and damaged archives each give one error', () => {
  const good = npz({ a: array, b: zeros });
  const a = { name: 'a.npy', bytes: array };
  const b = { name: 'b.npy', bytes: zeros };
  const cases: [string, Uint8Array, RegExp][] = [
    ['empty', new Uint8Array(0), /no zip end record/],
    ['not a zip', new Uint8Array(5000), /no zip end record/],
    ['truncated', good.subarray(0, good.length - 5), /no zip end record/],
    ['tail only', good.subarray(60), /central directory/],
    ['duplicate', zip([a, a]), /"a\.npy" occurs twice/],
    ['overlap', zip([b, { ...b, name: 'c.npy', offset: 0 }]), /names another entry|overlaps/],
    ['bomb: more than declared', zip([{ ...b, size: 500 }]), /unpacks to more than it declares/],
    [
      'less than declared',
      zip([{ ...b, size: 110_000 }]),
      /unpacks to 100\d+ bytes, expected 110000/,
    ],
    ['absurd size', zip([{ ...b, size: 4e8 }]), /cannot hold the declared size/],
    [
      '1 GiB declared',
      zip([{ ...b, size: 2 ** 30 }]),
      /got 1,073,741,824 bytes of data, expected at most 536,870,912.*GFSR_MAX_DATA_BYTES=1073741824/,
    ],
    [
      'absurd zip64 size',
      zip([{ ...b, size: 2 ** 52 }], true),
      /got 4,5[\d,]+ bytes of data, expected at most/,
    ],
    ['checksum', zip([{ ...a, crc: 1 }]), /checksum/],
    ['stored size', zip([{ ...a, store: true, size: 3 }]), /stored \d+ bytes, expected 3/],
    ['encrypted', zip([{ ...a, flags: 1 }]), /uses encryption/],
    ['local header outside', zip([{ ...a, offset: 4e9 }]), /no local header/],
  ];
  for (const [name, bytes, message] of cases) {
    const start = performance.now();
    assert.throws(() => readNpz(bytes), message, name);
    assert.ok(performance.now() - start < 10_000, `${name} took too long`); // a hang, not a speed
  }
});

test('a real bomb is stopped long before it is unpacked', () => {
  const bomb = { name: 'a.npy', bytes: new Uint8Array(50_000_000), size: 300_000, crc: 0 };
  const archive = zip([bomb]);
  const before = process.memoryUsage().arrayBuffers;
  assert.throws(() => readNpz(archive), /unpacks to more than it declares/);
  const grown = process.memoryUsage().arrayBuffers - before;
  assert.ok(grown < 30_000_000, `${grown} bytes`);
});

test('every single damaged byte gives an error or the right data, never a crash', () => {
  const good = zip([{ name: 'a.npy', bytes: array }], true);
  for (let i = 0; i < good.length; i++) {
    for (const flip of [1, 0x80, 0xff]) {
      const bad = good.slice();
      bad[i] ^= flip;
      try {
        readNpz(bad);
      } catch (error) {
        assert.instance(error, RangeError, `byte ${i}: ${error}`);
        assert.match((error as Error).message, /^npz: /, `byte ${i}`);
      }
    }
  }
});

test('all arrays together stay below maxBytes', () => {
  assert.throws(
    () => readNpz(npz({ a: zeros, b: zeros }), { maxBytes: 150_000, where: 'big.npz' }),
    /^big\.npz: unpacked: got 200,\d+ bytes of data, expected at most 150,000/,
  );
});

test('crc32 gives the check value', () => {
  assert.is(crc32(new TextEncoder().encode('123456789')), 0xcbf43926);
});

test.run();
