// Matrix multiplication y [m, n] = a [m, k] · b [k, n], either input stored transposed.

import { defineKernel, foldGrid, read, write } from './kernel.ts';

/** Rows and columns that one thread computes. */
const TILE = 4;
/** Threads along each side of a workgroup. */
const SIDE = 8;

const blocks = (items: number) => Math.ceil(items / (TILE * SIDE));

export const matmul = defineKernel({
  label: 'matmul',
  bindings: { a: read(), b: read(), y: write() },
  params: { m: 'u32', k: 'u32', n: 'u32' },
  constants: { TRANSPOSE_A: 'u32', TRANSPOSE_B: 'u32' },
  workgroups: ({ m, n }) => foldGrid(blocks(m) * blocks(n)),
  wgsl: /* wgsl */ `
fn a_at(i: u32, k: u32) -> f32 {
  let row = min(i, params.m - 1u);
  if (TRANSPOSE_A == 1u) { return a[k * params.m + row]; }
  return a[row * params.k + k];
}
fn b_at(k: u32, j: u32) -> f32 {
  let column = min(j, params.n - 1u);
  if (TRANSPOSE_B == 1u) { return b[column * params.k + k]; }
  return b[k * params.n + column];
}

@compute @workgroup_size(${SIDE * SIDE})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) lane: u32) {
  let across = (params.n + ${TILE * SIDE - 1}u) / ${TILE * SIDE}u;
  let block = group.x + group.y * groups.x;
  let i = (block / across) * ${TILE * SIDE}u + (lane / ${SIDE}u) * ${TILE}u;
  let j = (block % across) * ${TILE * SIDE}u + (lane % ${SIDE}u) * ${TILE}u;
  var acc: array<vec4f, ${TILE}>;
  for (var k = 0u; k < params.k; k++) {
    let column = vec4f(b_at(k, j), b_at(k, j + 1u), b_at(k, j + 2u), b_at(k, j + 3u));
    for (var r = 0u; r < ${TILE}u; r++) { acc[r] += a_at(i + r, k) * column; }
  }
  for (var r = 0u; r < ${TILE}u; r++) {
    for (var s = 0u; s < ${TILE}u; s++) {
      if (i + r < params.m && j + s < params.n) { y[(i + r) * params.n + j + s] = acc[r][s]; }
    }
  }
}
`,
});
