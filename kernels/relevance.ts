// The mask-guided relevance loss and its gradient: one dispatch per batch each, one workgroup per image.

import { defineKernel, foldGrid, foldLanes, read, type Scalar, write } from './kernel.ts';

const WORKGROUP = 64;

const params = { maps: 'u32', area: 'u32', eps: 'f32' } satisfies Record<string, Scalar>;

/**
 * Sums over an image: x = ΣS⁺, y = ΣM·S⁺, z = ΣM, w = ΣM², and the range of M; every lane gets them.
 * `valid` is false where the loss is 0 by definition: no saliency, or a mask that says nothing.
 */
const SUMS = /* wgsl */ `
struct Sums { energy: f32, target_energy: f32, valid: bool, total: f32 }
var<workgroup> sums: array<vec4f, ${WORKGROUP}>;
var<workgroup> ranges: array<vec2f, ${WORKGROUP}>;

fn image_sums(base: u32, lane: u32) -> Sums {
  var sum = vec4f(0.0);
  var range = vec2f(3.4e38, -3.4e38);
  for (var p = base + lane; p < base + params.area; p += ${WORKGROUP}u) {
    let v = select(s[p], 0.0, s[p] <= 0.0);
    let m = mask[p];
    sum += vec4f(v, m * v, m, m * m);
    range = vec2f(min(range.x, m), max(range.y, m));
  }
  sums[lane] = sum;
  ranges[lane] = range;
${foldLanes(
  WORKGROUP,
  'params.maps',
  /* wgsl */ `
      sums[lane] += sums[lane + half];
      let other = ranges[lane + half];
      ranges[lane] = vec2f(min(ranges[lane].x, other.x), max(ranges[lane].y, other.y));`,
)}
  let all = sums[0];
  let says_something = ranges[0].y > ranges[0].x;
  return Sums(
    all.y / max(all.x, params.eps),
    select(1.0, all.w / max(all.z, params.eps), HINGE == 1u),
    !(all.x <= params.eps) && says_something, // so that a NaN is a loss of NaN, not of 0
    max(all.x, params.eps),
  );
}
`;

const MAIN = /* wgsl */ `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) lane: u32) {
  let n = min(group.x + group.y * groups.x, params.maps - 1u);
  let base = n * params.area;
  let all = image_sums(base, lane);
  let miss = all.target_energy - all.energy;`;

/** loss[n] = ReLU(R* − R) with HINGE = 1, else 1 − R. */
export const relevanceLoss = defineKernel({
  label: 'relevance_loss',
  bindings: { s: read(), mask: read(), loss: write() },
  params,
  constants: { HINGE: 'u32' },
  workgroups: ({ maps }) => foldGrid(maps),
  wgsl: /* wgsl */ `${SUMS}${MAIN}
  let open = all.valid && !(miss <= 0.0);
  if (lane == 0u) { loss[n] = select(0.0, miss, open); }
}
`,
});

/** ds[n, p] = −dy[n]·(M_p − R)/ΣS⁺ where the loss and S_p are positive, else 0. */
export const relevanceLossInputGrad = defineKernel({
  label: 'relevance_loss_input_grad',
  bindings: { dy: read(), s: read(), mask: read(), ds: write() },
  params,
  constants: { HINGE: 'u32' },
  workgroups: ({ maps }) => foldGrid(maps),
  wgsl: /* wgsl */ `${SUMS}${MAIN}
  let open = all.valid && !(miss <= 0.0);
  let scale = select(0.0, -dy[n] / all.total, open);
  for (var p = base + lane; p < base + params.area; p += ${WORKGROUP}u) {
    ds[p] = select(scale * (mask[p] - all.energy), 0.0, s[p] <= 0.0);
  }
}
`,
});
