// Dropout with masks from Philox4x32-10 on the device: the same words as engine/core/random.ts gives.

import { defineKernel, read, vectorGrid, vectorMain, write } from './kernel.ts';

/**
 * y = x·scale where the element's random word reaches `threshold`, else x·0. Four elements take one block:
 * key state[0..1], counter (block, site, state[2], state[3]).
 */
export const dropout = defineKernel({
  label: 'dropout',
  bindings: { x: read('vec4f'), state: read('u32'), y: write('vec4f') },
  params: { size: 'u32', site: 'u32', threshold: 'u32', scale: 'f32' },
  workgroups: vectorGrid,
  wgsl: /* wgsl */ `
// The high word of a·b, from products of halves: WGSL has no 64-bit integers.
fn multiply_high(a: u32, b: u32) -> u32 {
  let a_high = a >> 16u;
  let a_low = a & 0xffffu;
  let b_high = b >> 16u;
  let b_low = b & 0xffffu;
  let middle = a_high * b_low + ((a_low * b_low) >> 16u);
  let carry = a_low * b_high + (middle & 0xffffu);
  return a_high * b_high + (middle >> 16u) + (carry >> 16u);
}

fn philox(block: u32) -> vec4u {
  var c = vec4u(block, params.site, state[2], state[3]);
  var key = vec2u(state[0], state[1]);
  for (var round = 0u; round < 10u; round++) {
    let high0 = multiply_high(0xd2511f53u, c.x);
    let high1 = multiply_high(0xcd9e8d57u, c.z);
    c = vec4u(high1 ^ c.y ^ key.x, 0xcd9e8d57u * c.z, high0 ^ c.w ^ key.y, 0xd2511f53u * c.x);
    key += vec2u(0x9e3779b9u, 0xbb67ae85u);
  }
  return c;
}
${vectorMain(/* wgsl */ `
  let kept = philox(i) >= vec4u(params.threshold);
  let r = x[i] * select(vec4f(0.0), vec4f(params.scale), kept);`)}`,
});
