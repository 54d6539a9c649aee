// Reductions of x seen as [outer, length, inner] over its middle axis, by one thread or one workgroup each.

import {
  defineKernel,
  foldGrid,
  type Kernel,
  linearGrid,
  linearMain,
  read,
  write,
} from './kernel.ts';

/** Threads that share one result in the workgroup kernels. */
export const REDUCE_WORKGROUP = 64;

interface Reduction {
  readonly threads: Kernel;
  readonly workgroups: Kernel;
}

/** `combine` folds `v` into `total`; `start` is its neutral element. */
function reduction(label: string, start: string, combine: string): Reduction {
  const threads = defineKernel({
    label: `${label}_threads`,
    bindings: { x: read(), y: write() },
    params: { size: 'u32', length: 'u32', inner: 'u32' },
    workgroups: linearGrid,
    // Four partial results: a shorter chain of roundings, and independent instructions.
    wgsl: /* wgsl */ `
fn combine(total: f32, v: f32) -> f32 { return ${combine}; }
${linearMain(/* wgsl */ `
  let outer = i / params.inner;
  let base = outer * params.length * params.inner + (i - outer * params.inner);
  var part = vec4f(${start});
  let whole = params.length & ~3u;
  for (var k = 0u; k < whole; k += 4u) {
    let at = base + k * params.inner;
    part.x = combine(part.x, x[at]);
    part.y = combine(part.y, x[at + params.inner]);
    part.z = combine(part.z, x[at + 2u * params.inner]);
    part.w = combine(part.w, x[at + 3u * params.inner]);
  }
  for (var k = whole; k < params.length; k++) {
    part.x = combine(part.x, x[base + k * params.inner]);
  }
  y[i] = combine(combine(part.x, part.y), combine(part.z, part.w));`)}`,
  });
  // Workgroup (o, c, i) folds the elements k ≡ lane of chunk c, then the lanes fold as a tree.
  const workgroups = defineKernel({
    label: `${label}_workgroups`,
    bindings: { x: read(), y: write() },
    params: { size: 'u32', length: 'u32', inner: 'u32', chunk: 'u32', chunks: 'u32' },
    workgroups: ({ size }) => foldGrid(size),
    wgsl: /* wgsl */ `
var<workgroup> partial: array<f32, ${REDUCE_WORKGROUP}>;
fn combine(total: f32, v: f32) -> f32 { return ${combine}; }

@compute @workgroup_size(${REDUCE_WORKGROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) lane: u32) {
  let i = group.x + group.y * groups.x;
  let inside = i < params.size;
  let item = min(i, params.size - 1u);
  let inner = item % params.inner;
  let chunk = (item / params.inner) % params.chunks;
  let outer = item / (params.inner * params.chunks);
  let base = outer * params.length * params.inner + inner;
  let end = min(params.length, (chunk + 1u) * params.chunk);
  var total = f32(${start});
  for (var k = chunk * params.chunk + lane; k < end; k += ${REDUCE_WORKGROUP}u) {
    total = combine(total, x[base + k * params.inner]);
  }
  partial[lane] = total;
  for (var half = ${REDUCE_WORKGROUP / 2}u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) { partial[lane] = combine(partial[lane], partial[lane + half]); }
  }
  if (lane == 0u && inside) { y[i] = partial[0]; }
}
`,
  });
  return { threads, workgroups };
}

export const reduceKernels = {
  sum: reduction('sum', '0.0', 'total + v'),
  max: reduction('max', '-3.4028234e38', 'select(total, v, v > total)'),
} satisfies Record<string, Reduction>;
