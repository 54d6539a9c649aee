// Normalisation over channels: mean and variance of each channel, their application, and the sums of its gradient.

import {
  defineKernel,
  foldGrid,
  foldLanes,
  linearGrid,
  linearMain,
  read,
  write,
} from './kernel.ts';

const WORKGROUP = 64;

/** total(lane, v): Σ v over the workgroup, for every invocation of it. */
const TOTAL = /* wgsl */ `
var<workgroup> partial: array<f32, ${WORKGROUP}>;

fn total(lane: u32, v: f32) -> f32 {
  workgroupBarrier();
  partial[lane] = v;
${foldLanes(WORKGROUP, 'params.c', 'partial[at] += partial[at + half];')}
  return partial[0];
}
`;

/**
 * Mean and biased variance of each channel of x [n, c, area], one workgroup per channel. The variance is
 * computed in a second pass around the mean, so that a large mean costs no precision.
 */
export const channelMoments = defineKernel({
  label: 'channel_moments',
  bindings: { x: read(), y: write() },
  params: { n: 'u32', c: 'u32', area: 'u32' },
  workgroups: ({ c }) => foldGrid(c),
  wgsl: /* wgsl */ `${TOTAL}
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) lane: u32) {
  let c = min(group.x + group.y * groups.x, params.c - 1u);
  let count = f32(params.n * params.area);
  var sum = 0.0;
  for (var n = 0u; n < params.n; n++) {
    let base = (n * params.c + c) * params.area;
    for (var p = lane; p < params.area; p += ${WORKGROUP}u) { sum += x[base + p]; }
  }
  let mean = total(lane, sum) / count;
  var squares = 0.0;
  for (var n = 0u; n < params.n; n++) {
    let base = (n * params.c + c) * params.area;
    for (var p = lane; p < params.area; p += ${WORKGROUP}u) {
      let d = x[base + p] - mean;
      squares += d * d;
    }
  }
  let variance = total(lane, squares) / count;
  if (lane == 0u) {
    y[c] = mean;
    y[params.c + c] = variance;
  }
}
`,
});

/** y = (x − mean)/√(variance + eps)·gamma + beta, channel by channel. */
export const channelNormalize = defineKernel({
  label: 'channel_normalize',
  bindings: { x: read(), moments: read(), gamma: read(), beta: read(), y: write() },
  params: { size: 'u32', c: 'u32', area: 'u32', eps: 'f32' },
  workgroups: linearGrid,
  wgsl: linearMain(/* wgsl */ `
  let c = (i / params.area) % params.c;
  let scale = gamma[c] * inverseSqrt(moments[params.c + c] + params.eps);
  y[i] = (x[i] - moments[c]) * scale + beta[c];`),
});

/** y = (x − centre)·scale + shift, channel by channel. */
export const channelAffine = defineKernel({
  label: 'channel_affine',
  bindings: { x: read(), centre: read(), scale: read(), shift: read(), y: write() },
  params: { size: 'u32', c: 'u32', area: 'u32' },
  workgroups: linearGrid,
  wgsl: linearMain(/* wgsl */ `
  let c = (i / params.area) % params.c;
  y[i] = (x[i] - centre[c]) * scale[c] + shift[c];`),
});

/** y = [Σ dy, Σ dy·(x − centre)] of each channel, one workgroup per channel. */
export const channelSums = defineKernel({
  label: 'channel_sums',
  bindings: { dy: read(), x: read(), centre: read(), y: write() },
  params: { n: 'u32', c: 'u32', area: 'u32' },
  workgroups: ({ c }) => foldGrid(c),
  wgsl: /* wgsl */ `${TOTAL}
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) lane: u32) {
  let c = min(group.x + group.y * groups.x, params.c - 1u);
  var plain = 0.0;
  var weighed = 0.0;
  for (var n = 0u; n < params.n; n++) {
    let base = (n * params.c + c) * params.area;
    for (var p = lane; p < params.area; p += ${WORKGROUP}u) {
      plain += dy[base + p];
      weighed += dy[base + p] * (x[base + p] - centre[c]);
    }
  }
  let first = total(lane, plain);
  let second = total(lane, weighed);
  if (lane == 0u) {
    y[c] = first;
    y[params.c + c] = second;
  }
}
`,
});
