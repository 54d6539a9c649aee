// Finds the first NaN or infinity of a tensor.

import { defineKernel, read, update } from './kernel.ts';

const WORKGROUP = 256;

/** found[slot] = 1 + the index of the first value that is not finite, or 0. One workgroup: it is only for debugging. */
export const findNonFinite = defineKernel({
  label: 'find_non_finite',
  bindings: { x: read('u32'), found: update('u32') },
  params: { size: 'u32', slot: 'u32' },
  workgroups: () => [1, 1, 1],
  // By bit pattern, because a compiler may assume that floats are never NaN.
  wgsl: /* wgsl */ `
const NONE = 0xffffffffu;
const EXPONENT = 0x7f800000u;
var<workgroup> first: array<u32, ${WORKGROUP}>;

@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(local_invocation_index) lane: u32) {
  var at = NONE;
  for (var i = lane; i < params.size && at == NONE; i += ${WORKGROUP}u) {
    if ((x[i] & EXPONENT) == EXPONENT) { at = i; }
  }
  first[lane] = at;
  workgroupBarrier();
  if (lane == 0u) {
    for (var other = 1u; other < ${WORKGROUP}u; other++) { at = min(at, first[other]); }
    found[params.slot] = at + 1u;
  }
}
`,
});
