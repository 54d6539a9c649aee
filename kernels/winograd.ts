// The transforms of Winograd's F(2×2, 3×3): 16 instead of 36 products for 4 outputs (Lavin & Gray 2016).

import { defineKernel, foldGrid, read, write } from './kernel.ts';

const WORKGROUP = 64;

const workgroups = ({ size }: Readonly<Record<string, number>>) =>
  foldGrid(Math.ceil(size / WORKGROUP));

const MAIN = /* wgsl */ `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) lane: u32) {
  let item = (group.x + group.y * groups.x) * ${WORKGROUP}u + lane;
  if (item >= params.size) { return; }
`;

/**
 * Tiles of 2×2 outputs: \`th\` × \`tw\` of them cover an image; \`tiles\` counts those of all images, padded to whole
 * vectors.
 */
const TILES = { size: 'u32', n: 'u32', tiles: 'u32', th: 'u32', tw: 'u32' } as const;

/** v [16, c, tile] = Bᵀ d B of the 4×4 patch d of x [n, c, h, w] around each tile; 0 for tiles past the last. */
export const winogradInput = defineKernel({
  label: 'winograd_input',
  bindings: { x: read(), v: write() },
  params: { ...TILES, c: 'u32', h: 'u32', w: 'u32', padding: 'i32' },
  workgroups,
  wgsl: /* wgsl */ `
fn read_row(plane: u32, row: i32, column: i32, real: bool) -> vec4f {
  let columns = vec4i(column) + vec4i(0, 1, 2, 3);
  let inside = (columns >= vec4i(0)) & (columns < vec4i(i32(params.w)))
    & vec4<bool>(real & (row >= 0) & (row < i32(params.h)));
  let at = select(vec4u(), vec4u(plane + u32(row) * params.w) + vec4u(columns), inside);
  return select(vec4f(), vec4f(x[at.x], x[at.y], x[at.z], x[at.w]), inside);
}

fn across(d: vec4f) -> vec4f { return vec4f(d.x - d.z, d.y + d.z, d.z - d.y, d.y - d.w); }

${MAIN}
  let tile = item % params.tiles;
  let c = item / params.tiles;
  let image = tile / (params.th * params.tw);
  let row = i32(tile / params.tw % params.th) * 2 - params.padding;
  let column = i32(tile % params.tw) * 2 - params.padding;
  let real = image < params.n;
  let plane = (min(image, params.n - 1u) * params.c + c) * params.h * params.w;
  let d0 = read_row(plane, row, column, real);
  let d1 = read_row(plane, row + 1, column, real);
  let d2 = read_row(plane, row + 2, column, real);
  let d3 = read_row(plane, row + 3, column, real);
  var rows = array<vec4f, 4>(across(d0 - d2), across(d1 + d2), across(d2 - d1), across(d1 - d3));
  for (var i = 0u; i < 4u; i++) {
    for (var j = 0u; j < 4u; j++) { v[(i * 4u + j) * params.size + item] = rows[i][j]; }
  }
}
`,
});

/**
 * u [16, k, o] = G g Gᵀ of the windows g = w [o·w_out + k·w_depth …], o padded with zeros to whole vectors. Windows
 * are rotated by 180° if \`turn\` is 8.
 */
export const winogradWeight = defineKernel({
  label: 'winograd_weight',
  bindings: { w: read(), u: write() },
  params: { size: 'u32', outs: 'u32', padded: 'u32', w_out: 'u32', w_depth: 'u32', turn: 'u32' },
  workgroups,
  wgsl: /* wgsl */ `
fn along(a: vec3f, b: vec3f, c: vec3f) -> array<vec3f, 4> {
  return array<vec3f, 4>(a, 0.5 * (a + b + c), 0.5 * (a - b + c), c);
}

${MAIN}
  let o = item % params.padded;
  let first = min(o, params.outs - 1u) * params.w_out + item / params.padded * params.w_depth;
  let scale = select(0f, 1f, o < params.outs);
  var g: array<f32, 9>;
  for (var t = 0u; t < 9u; t++) { g[t] = scale * w[first + select(t, params.turn - t, params.turn > 0u)]; }
  var rows = along(vec3f(g[0], g[1], g[2]), vec3f(g[3], g[4], g[5]), vec3f(g[6], g[7], g[8]));
  for (var i = 0u; i < 4u; i++) {
    let r = rows[i];
    let row = vec4f(r.x, 0.5 * (r.x + r.y + r.z), 0.5 * (r.x - r.y + r.z), r.z);
    for (var j = 0u; j < 4u; j++) { u[(i * 4u + j) * params.size + item] = row[j]; }
  }
}
`,
});

/** y [n, o, 2·tile] = Aᵀ m A of m [16, o, tile]. */
export const winogradOutput = defineKernel({
  label: 'winograd_output',
  bindings: { m: read(), y: write() },
  params: { ...TILES, outs: 'u32', oh: 'u32', ow: 'u32', product: 'u32' },
  workgroups,
  wgsl: /* wgsl */ `
fn read_row(first: u32) -> vec4f {
  return vec4f(m[first], m[first + params.product], m[first + 2u * params.product], m[first + 3u * params.product]);
}

${MAIN}
  let count = params.n * params.th * params.tw;
  let tile = item % count;
  let o = item / count;
  let first = o * params.tiles + tile;
  let m0 = read_row(first);
  let m1 = read_row(first + 4u * params.product);
  let m2 = read_row(first + 8u * params.product);
  let m3 = read_row(first + 12u * params.product);
  let top = m0 + m1 + m2;
  let bottom = m1 - m2 - m3;
  let image = tile / (params.th * params.tw);
  let row = tile / params.tw % params.th * 2u;
  let column = tile % params.tw * 2u;
  let at = ((image * params.outs + o) * params.oh + row) * params.ow + column;
  let right = column + 1u < params.ow;
  y[at] = top.x + top.y + top.z;
  if (right) { y[at + 1u] = top.y - top.z - top.w; }
  if (row + 1u < params.oh) {
    y[at + params.ow] = bottom.x + bottom.y + bottom.z;
    if (right) { y[at + params.ow + 1u] = bottom.y - bottom.z - bottom.w; }
  }
}
`,
});
