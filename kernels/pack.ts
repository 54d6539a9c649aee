// Arranges a tensor in vectors of four along one axis, as contractions need their operands.

import { OPERANDS, type Operands } from './contraction.ts';
import { defineKernel, foldGrid, read, write } from './kernel.ts';

const WORKGROUP = 64;

/** Vectors that one thread of `pack` writes. */
export const PACK_RUN = 4;

/**
 * y [b·b_step + s·s_step, r] = x [b·b_stride + r·r_stride + s·s_stride], with r innermost and padded with zeros to
 * `r4` vectors of four; steps count vectors. Each thread writes several vectors of one (b, s), as a thread's start
 * costs more than a vector.
 */
const packAs = (operands: Operands) => {
  const { element, suffix } = OPERANDS[operands];
  return defineKernel({
    label: `pack${suffix}`,
    bindings: { x: read(), y: write(element) },
    params: {
      size: 'u32',
      r: 'u32',
      r4: 'u32',
      s: 'u32',
      b_stride: 'u32',
      r_stride: 'u32',
      s_stride: 'u32',
      b_step: 'u32',
      s_step: 'u32',
    },
    workgroups: ({ size }) => foldGrid(Math.ceil(size / WORKGROUP)),
    wgsl: /* wgsl */ `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) lane: u32) {
  let item = (group.x + group.y * groups.x) * ${WORKGROUP}u + lane;
  if (item >= params.size) { return; }
  let runs = (params.r4 + ${PACK_RUN - 1}u) / ${PACK_RUN}u;
  let s = item % params.s;
  let run = item / params.s % runs;
  let b = item / (params.s * runs);
  let base = b * params.b_stride + s * params.s_stride;
  let last = vec4u(params.r - 1u);
  let end = min(params.r4, (run + 1u) * ${PACK_RUN}u);
  for (var q = run * ${PACK_RUN}u; q < end; q++) {
    let r = vec4u(q * 4u) + vec4u(0u, 1u, 2u, 3u);
    let at = min(r, last) * params.r_stride + base;
    y[b * params.b_step + s * params.s_step + q] =
      ${element}(select(vec4f(), vec4f(x[at.x], x[at.y], x[at.z], x[at.w]), r <= last));
  }
}
`,
  });
};

export const pack = { f32: packAs('f32'), f16: packAs('f16') };
