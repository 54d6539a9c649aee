// Picks numbers by label or by rank: gather, scatter, the mask of the k largest, and the position of the largest.

import { defineKernel, linearGrid, linearMain, read, write } from './kernel.ts';

const params = { size: 'u32', classes: 'u32' } as const;

/** y[i] = x[i, labels[i]]; 0 where there is no such column. */
export const gather = defineKernel({
  label: 'gather',
  bindings: { x: read(), labels: read('u32'), y: write() },
  params,
  workgroups: linearGrid,
  wgsl: linearMain(/* wgsl */ `
  let k = labels[i];
  let value = x[i * params.classes + min(k, params.classes - 1u)];
  y[i] = select(0.0, value, k < params.classes);`),
});

/** y[i, k] = v[i] if k = labels[i], else 0. */
export const scatter = defineKernel({
  label: 'scatter',
  bindings: { v: read(), labels: read('u32'), y: write() },
  params,
  workgroups: linearGrid,
  wgsl: linearMain(/* wgsl */ `
  let row = i / params.classes;
  y[i] = select(0.0, v[row], labels[row] == i - row * params.classes);`),
});

const ORDERED = /* wgsl */ `
// Maps floats to integers of the same order. −0 equals 0, and NaN comes above all.
fn ordered(v: f32) -> u32 {
  let bits = bitcast<u32>(v);
  let magnitude = bits & 0x7fffffffu;
  if (magnitude > 0x7f800000u) { return 0xffffffffu; }
  return select(0x80000000u + magnitude, 0x80000000u - magnitude, bits != magnitude);
}
`;

/** y[i, j] = 1 where fewer than k of row i come before x[i, j]: greater ones, and equal ones further left. */
export const topKMask = defineKernel({
  label: 'top_k_mask',
  bindings: { x: read(), y: write() },
  params: { size: 'u32', length: 'u32', k: 'u32' },
  workgroups: linearGrid,
  wgsl: /* wgsl */ `
${ORDERED}${linearMain(/* wgsl */ `
  let row = i / params.length * params.length;
  let own = ordered(x[i]);
  var before = 0u;
  for (var at = row; at < row + params.length; at++) {
    let other = ordered(x[at]);
    before += u32(other > own || (other == own && at < i));
  }
  y[i] = select(0.0, 1.0, before < params.k);`)}`,
});

/** y[o, c] = the k of the largest x[o, k, c]. The first of equal ones wins, and NaN counts as largest. */
export const argmax = defineKernel({
  label: 'argmax',
  bindings: { x: read(), y: write('u32') },
  params: { size: 'u32', length: 'u32', inner: 'u32' },
  workgroups: linearGrid,
  wgsl: /* wgsl */ `${ORDERED}
${linearMain(/* wgsl */ `
  let outer = i / params.inner;
  let first = outer * params.length * params.inner + i - outer * params.inner;
  var best = 0u;
  var most = ordered(x[first]);
  for (var at = 1u; at < params.length; at++) {
    let other = ordered(x[first + at * params.inner]);
    if (other > most) { best = at; most = other; }
  }
  y[i] = best;`)}`,
});
