// Grad-CAM-style saliency: channels weighted by a gradient and summed, and maps scaled to their maximum.

import {
  defineKernel,
  foldGrid,
  foldLanes,
  linearGrid,
  linearMain,
  read,
  write,
} from './kernel.ts';

/**
 * s[n, p] = sign(Σ_k weight·a[n, k, p]); POOLED: the weight is w[n, k] (Grad-CAM), else w[n, k, p]
 * (HiResCAM). SIGN: 0 signed, 1 ReLU, 2 absolute.
 */
export const saliency = defineKernel({
  label: 'saliency',
  bindings: { a: read(), w: read(), s: write() },
  params: { size: 'u32', channels: 'u32', area: 'u32' },
  constants: { POOLED: 'u32', SIGN: 'u32' },
  workgroups: linearGrid,
  wgsl: linearMain(/* wgsl */ `
  let n = i / params.area;
  let p = i - n * params.area;
  var total = 0.0;
  for (var k = 0u; k < params.channels; k++) {
    let at = (n * params.channels + k) * params.area + p;
    total += a[at] * w[select(at, n * params.channels + k, POOLED == 1u)];
  }
  if (SIGN == 1u) { total = select(total, 0.0, total <= 0.0); }
  if (SIGN == 2u) { total = abs(total); }
  s[i] = total;`),
});

/**
 * y[n, k, c] = Σ ds[n, p]·a[n, k, p] over the places p ≡ c (mod chunks). With interleaved chunks neighbouring threads
 * read neighbouring places; `sum` adds the chunks.
 */
export const saliencyWeightGrad = defineKernel({
  label: 'saliency_weight_grad',
  bindings: { ds: read(), a: read(), y: write() },
  params: { size: 'u32', channels: 'u32', area: 'u32', chunks: 'u32' },
  workgroups: linearGrid,
  // Four partial results: a shorter chain of roundings, and independent instructions.
  wgsl: linearMain(/* wgsl */ `
  let row = i / params.chunks;
  let at_a = row * params.area;
  let at_s = row / params.channels * params.area;
  let stride = params.chunks;
  var part = vec4f();
  var p = i - row * stride;
  for (; p + 3u * stride < params.area; p += 4u * stride) {
    part.x += ds[at_s + p] * a[at_a + p];
    part.y += ds[at_s + p + stride] * a[at_a + p + stride];
    part.z += ds[at_s + p + 2u * stride] * a[at_a + p + 2u * stride];
    part.w += ds[at_s + p + 3u * stride] * a[at_a + p + 3u * stride];
  }
  for (; p < params.area; p += stride) { part.x += ds[at_s + p] * a[at_a + p]; }
  y[i] = part.x + part.y + (part.z + part.w);`),
});

const WORKGROUP = 64;

/** y = x / max |x| of each map (a map whose maximum is below eps becomes 0), one workgroup per map. */
export const normalizeMap = defineKernel({
  label: 'normalize_map',
  bindings: { x: read(), y: write() },
  params: { maps: 'u32', area: 'u32', eps: 'f32' },
  workgroups: ({ maps }) => foldGrid(maps),
  wgsl: /* wgsl */ `
var<workgroup> partial: array<f32, ${WORKGROUP}>;

@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) lane: u32) {
  let base = min(group.x + group.y * groups.x, params.maps - 1u) * params.area;
  var most = 0.0;
  for (var p = lane; p < params.area; p += ${WORKGROUP}u) { most = max(most, abs(x[base + p])); }
  partial[lane] = most;
${foldLanes(WORKGROUP, 'params.maps', 'partial[at] = max(partial[at], partial[at + half]);')}
  let scale = select(1.0 / partial[0], 0.0, partial[0] < params.eps);
  for (var p = lane; p < params.area; p += ${WORKGROUP}u) { y[base + p] = x[base + p] * scale; }
}
`,
});
