// The mask-guided relevance loss and its gradient: one dispatch per batch each, one workgroup per image.

import {
  defineKernel,
  foldGrid,
  foldLanes,
  type Kernel,
  read,
  type Scalar,
  write,
} from './kernel.ts';

/** Parts of an image that are summed apart, and then pairwise. */
const LANES = 64;

/** Threads per image. A software adapter has one vector of them, which no other waits for. Values keep their bits. */
type Threads = typeof LANES | 8;

const labelOf = (label: string, threads: Threads): string =>
  threads === LANES ? label : `${label}_by_vector`;

const params = { maps: 'u32', area: 'u32', eps: 'f32' } satisfies Record<string, Scalar>;

/**
 * Sums over an image: x = ΣS⁺, y = ΣM·S⁺, z = ΣM, w = ΣM², and the range of M; every lane gets them.
 * `valid` is false where the loss is 0 by definition: no saliency, or a mask that says nothing.
 */
const sumsBy = (threads: Threads): string => /* wgsl */ `
struct Sums { energy: f32, target_energy: f32, valid: bool, total: f32 }
var<workgroup> sums: array<vec4f, ${LANES}>;
var<workgroup> ranges: array<vec2f, ${LANES}>;

fn image_sums(base: u32, lane: u32) -> Sums {
  for (var at = lane; at < ${LANES}u; at += ${threads}u) {
    var sum = vec4f(0.0);
    var range = vec2f(3.4e38, -3.4e38);
    for (var p = base + at; p < base + params.area; p += ${LANES}u) {
      let v = select(s[p], 0.0, s[p] <= 0.0);
      let m = mask[p];
      sum += vec4f(v, m * v, m, m * m);
      range = vec2f(min(range.x, m), max(range.y, m));
    }
    sums[at] = sum;
    ranges[at] = range;
  }
${foldLanes(
  LANES,
  'params.maps',
  /* wgsl */ `
      sums[at] += sums[at + half];
      let other = ranges[at + half];
      ranges[at] = vec2f(min(ranges[at].x, other.x), max(ranges[at].y, other.y));`,
  threads,
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

const mainBy = (threads: Threads): string => /* wgsl */ `${sumsBy(threads)}
@compute @workgroup_size(${threads})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) lane: u32) {
  let n = min(group.x + group.y * groups.x, params.maps - 1u);
  let base = n * params.area;
  let all = image_sums(base, lane);
  let miss = all.target_energy - all.energy;`;

/** loss[n] = ReLU(R* − R) with HINGE = 1, else 1 − R. */
const lossBy = (threads: Threads): Kernel =>
  defineKernel({
    label: labelOf('relevance_loss', threads),
    bindings: { s: read(), mask: read(), loss: write() },
    params,
    constants: { HINGE: 'u32' },
    workgroups: ({ maps }) => foldGrid(maps),
    wgsl: /* wgsl */ `${mainBy(threads)}
  let open = all.valid && !(miss <= 0.0);
  if (lane == 0u) { loss[n] = select(0.0, miss, open); }
}
`,
  });

/** ds[n, p] = −dy[n]·(M_p − R)/ΣS⁺ where the loss and S_p are positive, else 0. */
const inputGradBy = (threads: Threads): Kernel =>
  defineKernel({
    label: labelOf('relevance_loss_input_grad', threads),
    bindings: { dy: read(), s: read(), mask: read(), ds: write() },
    params,
    constants: { HINGE: 'u32' },
    workgroups: ({ maps }) => foldGrid(maps),
    wgsl: /* wgsl */ `${mainBy(threads)}
  let open = all.valid && !(miss <= 0.0);
  let scale = select(0.0, -dy[n] / all.total, open);
  for (var p = base + lane; p < base + params.area; p += ${threads}u) {
    ds[p] = select(scale * (mask[p] - all.energy), 0.0, s[p] <= 0.0);
  }
}
`,
  });

/** By what an image gets: a workgroup that fills a GPU's subgroups, or one vector of a software adapter. */
export const relevanceKernels = {
  workgroup: { loss: lossBy(LANES), inputGrad: inputGradBy(LANES) },
  vector: { loss: lossBy(8), inputGrad: inputGradBy(8) },
};
