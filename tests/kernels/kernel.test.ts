// The generated parts of a kernel: declarations, the uniform struct, workgroup counts.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  defineKernel,
  foldGrid,
  kernelSource,
  paramBytes,
  read,
  write,
} from '../../kernels/index.ts';

const kernel = defineKernel({
  label: 'example',
  bindings: { x: read('vec4f'), labels: read('u32'), y: write() },
  params: { size: 'u32', shift: 'i32', eps: 'f32', a: 'f32', b: 'f32' },
  constants: { TILE: 'u32', SCALE: 'f32', STEP: 'i32' },
  workgroups: () => [1, 1, 1],
  wgsl: '// body',
});
const args = { size: 4e9, shift: -3, eps: 1e-8, a: 1, b: -0.5, TILE: 8, SCALE: 2, STEP: -1 };

test('declarations are made from the description, bindings in order', () => {
  assert.is(
    kernelSource(kernel, args),
    [
      'const TILE: u32 = 8u;',
      'const SCALE: f32 = 2.0f;',
      'const STEP: i32 = -1i;',
      '@group(0) @binding(0) var<storage, read> x: array<vec4f>;',
      '@group(0) @binding(1) var<storage, read> labels: array<u32>;',
      '@group(0) @binding(2) var<storage, read_write> y: array<f32>;',
      'struct Params { size: u32, shift: i32, eps: f32, a: f32, b: f32 }',
      '@group(0) @binding(3) var<uniform> params: Params;',
      '// body',
    ].join('\n'),
  );
});

test('the uniform struct holds the fields in order, in whole 16 bytes', () => {
  const view = new DataView(paramBytes(kernel, args));
  assert.is(view.byteLength, 32);
  assert.is(view.getUint32(0, true), 4e9);
  assert.is(view.getInt32(4, true), -3);
  assert.is(view.getFloat32(8, true), Math.fround(1e-8));
  assert.is(view.getFloat32(16, true), -0.5);
  assert.throws(() => paramBytes(kernel, { size: 1 }), 'example: argument shift is missing.');
});

test('workgroups fold into two dimensions, and cover what was asked with little to spare', () => {
  for (const groups of [0, 1, 65535, 65536, 65537, 131071, 1e6 + 3, 65535 * 65535]) {
    const [x, y, z] = foldGrid(groups);
    assert.ok(
      [x, y].every((n) => Number.isInteger(n) && n >= 1 && n <= 65535),
      `${groups}`,
    );
    assert.is(z, 1);
    assert.ok(x * y >= groups && x * y < groups + y + 1, `${groups} → ${x} × ${y}`);
  }
});

test.run();
