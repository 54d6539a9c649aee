// Numbers on their way to the device and back: nested arrays, types, and what is refused.

import { inspect } from 'node:util';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type * as e from '../../../engine/index.ts';
import { testGpu } from '../../support/gpu.ts';

const gpu = await testGpu();

test('nested arrays bring their shape, and go back into it', async () => {
  const nested = [
    [
      [1, 2, 3],
      [4, 5, 6],
    ],
  ];
  const x = gpu.tensor(nested);
  assert.equal([...x.shape], [1, 2, 3]);
  assert.equal(await x.array(), nested);
  assert.equal([...gpu.tensor([Float32Array.of(1, 2), [3, 4]]).shape], [2, 2]);
  assert.is(await gpu.tensor(7).array(), 7);
  assert.equal([...(await x.write([[[6, 5, 4], [3, 2, 1]]]).data())], [6, 5, 4, 3, 2, 1]); // biome-ignore format: one line
});

test('values that are no tensor are refused in words', () => {
  const refused: [e.HostValues, RegExp][] = [
    [[[1, 2], [3]], /tensor: values\[1\] has 1 values, expected 2 as in values\[0\]/],
    [[[1, 2], 3], /values\[1\] is one value, expected 2/],
    [[1, [2, 3]], /value 1 is 2,3, expected a number/],
    [[[1], [[2]]], /values\[1, 0\] has 1 values, expected one value/],
    [['1' as unknown as number], /value 0 is 1, expected a number/],
    [[[1, undefined as unknown as number]], /value 1 is undefined/],
    [new BigInt64Array(1) as unknown as number[], /values is a BigInt64Array/],
    [{} as number[], /values is Object, expected a number or an array/],
    [undefined as unknown as number[], /values is undefined/],
  ];
  for (const [values, message] of refused) assert.throws(() => gpu.tensor(values), message);
  for (const label of [-1, 1.5, 2 ** 32, Number.NaN]) {
    assert.throws(
      () => gpu.tensor([0, label], [2], 'u32'),
      /value 1 is .*, expected a whole number from 0 to 2³² − 1 in a u32 tensor/,
    );
  }
  assert.throws(
    () => gpu.tensor([1], [1], 'i32' as 'u32'),
    /dtype is i32, expected one of f32, u32/,
  );
  assert.throws(() => gpu.zeros([-2, 3]), /zeros: shape \[-2, 3\] has a dimension -2/);
  assert.throws(() => gpu.zeros(3 as unknown as e.Shape), /shape is 3, expected a list such as/);
});

test('u32 comes back as it is, above 2²⁴ too', async () => {
  const values = Uint32Array.of(0, 2 ** 24 + 1, 2 ** 32 - 1);
  assert.equal(await gpu.tensor(values, [3], 'u32').data<'u32'>(), values);
});

test('a tensor says what it is, and is not a number', () => {
  const x = gpu.tensor([[1, 2]]);
  assert.is(String(x), 'Tensor [1, 2] f32 (await array() for its values)');
  assert.is(inspect(x), String(x));
  x.dispose();
  assert.is(`${x}`, 'Tensor [1, 2] f32 (disposed)');
  assert.throws(() => Number(x), /tensor: \[1, 2\] is not a number.*await tensor\.item\(\)/);
});

test.run();
