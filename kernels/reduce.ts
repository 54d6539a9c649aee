// Reductions of x seen as [outer, length, inner] over its middle axis.

import {
  defineKernel,
  foldGrid,
  foldLanes,
  type Kernel,
  linearGrid,
  linearMain,
  read,
  write,
} from './kernel.ts';

/** By bit pattern, because a driver may assume that v != v is false. */
const combining = (combine: string): string => /* wgsl */ `
fn is_nan(v: f32) -> bool { return (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u; }
fn combine(total: f32, v: f32) -> f32 { return ${combine}; }`;

/**
 * y[o, c, i] folds the elements k ≡ c (mod chunks) of x[o, k, i]. A long axis is folded in several steps of
 * shrinking `chunks`. No workgroup memory: barriers cost a software adapter more than a second pass, and
 * with interleaved chunks neighbouring threads read neighbouring elements, which is fast on a GPU.
 *
 * `combine` folds `v` into `total`. `start` is the first `total`: 0 for a sum, any of the elements for an extreme.
 */
function reduction(label: string, start: string, combine: string): Kernel {
  return defineKernel({
    label,
    bindings: { x: read(), y: write() },
    params: { size: 'u32', length: 'u32', inner: 'u32', chunks: 'u32' },
    workgroups: linearGrid,
    // Four partial results: a shorter chain of roundings, and independent instructions.
    wgsl: /* wgsl */ `
${combining(combine)}
${linearMain(/* wgsl */ `
  let chunk = i / params.inner;
  let outer = chunk / params.chunks;
  let first = (outer * params.length + chunk - outer * params.chunks) * params.inner
    + (i - chunk * params.inner);
  let end = (outer + 1u) * params.length * params.inner;
  let stride = params.chunks * params.inner;
  var part = vec4f(${start});
  var at = first;
  for (; at + 3u * stride < end; at += 4u * stride) {
    part.x = combine(part.x, x[at]);
    part.y = combine(part.y, x[at + stride]);
    part.z = combine(part.z, x[at + 2u * stride]);
    part.w = combine(part.w, x[at + 3u * stride]);
  }
  for (; at < end; at += stride) { part.x = combine(part.x, x[at]); }
  y[i] = combine(combine(part.x, part.y), combine(part.z, part.w));`)}`,
  });
}

const WORKGROUP = 256;

/** y[o, i] folds x[o, k, i] over all k: one workgroup per result, in one launch, for GPUs. */
function reductionByWorkgroup(label: string, start: string, combine: string): Kernel {
  return defineKernel({
    label: `${label}_by_workgroup`,
    bindings: { x: read(), y: write() },
    params: { size: 'u32', length: 'u32', inner: 'u32' },
    workgroups: ({ size }) => foldGrid(size),
    wgsl: /* wgsl */ `
${combining(combine)}
var<workgroup> partial: array<f32, ${WORKGROUP}>;

@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) lane: u32) {
  let number = group.x + group.y * groups.x;
  let i = min(number, params.size - 1u);
  let outer = i / params.inner;
  let first = outer * params.length * params.inner + i - outer * params.inner;
  let end = (outer + 1u) * params.length * params.inner;
  var total = ${start};
  for (var at = first + lane * params.inner; at < end; at += ${WORKGROUP}u * params.inner) {
    total = combine(total, x[at]);
  }
  partial[lane] = total;
${foldLanes(WORKGROUP, 'params.length', 'partial[at] = combine(partial[at], partial[at + half]);')}
  if (lane == 0u && number < params.size) { y[i] = partial[0]; }
}
`,
  });
}

const FOLDS = {
  sum: ['sum', '0.0', 'total + v'],
  max: ['max', 'x[first]', 'select(total, v, (v > total) | is_nan(v))'],
  min: ['min', 'x[first]', 'select(total, v, (v < total) | is_nan(v))'],
} as const;

export const reduceKernels = {
  sum: reduction(...FOLDS.sum),
  max: reduction(...FOLDS.max),
  min: reduction(...FOLDS.min),
} satisfies Record<string, Kernel>;

export const reduceByWorkgroup = {
  sum: reductionByWorkgroup(...FOLDS.sum),
  max: reductionByWorkgroup(...FOLDS.max),
  min: reductionByWorkgroup(...FOLDS.min),
} satisfies Record<keyof typeof reduceKernels, Kernel>;
