// Two-dimensional convolution and its two gradients: x [N, C, H, W], w [O, C/groups, KH, KW], y [N, O, OH, OW].

import { defineKernel, foldGrid, read, type Scalar, write } from './kernel.ts';

/** Sizes of the three tensors and the geometry; every convolution kernel takes all of them. */
const GEOMETRY = {
  n: 'u32',
  c: 'u32',
  h: 'u32',
  w_in: 'u32',
  o: 'u32',
  oh: 'u32',
  ow: 'u32',
  groups: 'u32',
  stride: 'i32',
  padding: 'i32',
  dilation: 'i32',
} satisfies Record<string, Scalar>;

const WINDOW = { KH: 'u32', KW: 'u32' } satisfies Record<string, Scalar>;

/** Output channels that one thread computes; their weights are the same for the whole workgroup. */
const TILE_C = 8;
/** Neighbouring columns that one thread computes. */
const TILE_W = 4;
const WORKGROUP = 64;

const blocks = (items: number, size: number) => Math.ceil(items / size);

/** Each thread: `TILE_C` output channels of one group × 4 columns of one row. */
export const conv2d = defineKernel({
  label: 'conv2d',
  bindings: { x: read(), w: read(), y: write() },
  params: GEOMETRY,
  constants: WINDOW,
  workgroups: ({ n, o, oh, ow, groups }) => {
    const [x, y] = foldGrid(blocks(n * oh * blocks(ow, TILE_W), WORKGROUP));
    return [x, y, groups * blocks(o / groups, TILE_C)];
  },
  wgsl: /* wgsl */ `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) lane: u32) {
  let columns = (params.ow + ${TILE_W - 1}u) / ${TILE_W}u;
  let tiles = params.n * params.oh * columns;
  let tile = (group.x + group.y * groups.x) * ${WORKGROUP}u + lane;
  let item = min(tile, tiles - 1u);
  let ox = (item % columns) * ${TILE_W}u;
  let oy = (item / columns) % params.oh;
  let n = item / (columns * params.oh);

  let in_group = params.c / params.groups;
  let out_group = params.o / params.groups;
  let o_blocks = (out_group + ${TILE_C - 1}u) / ${TILE_C}u;
  let g = group.z / o_blocks;
  let o_first = (group.z % o_blocks) * ${TILE_C}u;
  let row_length = in_group * KH * KW;

  var acc: array<vec4f, ${TILE_C}>;
  for (var ci = 0u; ci < in_group; ci++) {
    let plane = (n * params.c + g * in_group + ci) * params.h;
    for (var ky = 0u; ky < KH; ky++) {
      let iy = i32(oy) * params.stride + i32(ky) * params.dilation - params.padding;
      let row_inside = iy >= 0 && iy < i32(params.h);
      let row = (plane + u32(clamp(iy, 0, i32(params.h) - 1))) * params.w_in;
      for (var kx = 0u; kx < KW; kx++) {
        let ix = vec4i(i32(ox)) * params.stride + vec4i(0, 1, 2, 3) * params.stride
          + i32(kx) * params.dilation - params.padding;
        let inside = (ix >= vec4i(0)) & (ix < vec4i(i32(params.w_in))) & vec4<bool>(row_inside);
        let at = vec4u(clamp(ix, vec4i(0), vec4i(i32(params.w_in) - 1))) + row;
        let v = select(vec4f(0.0), vec4f(x[at.x], x[at.y], x[at.z], x[at.w]), inside);
        let tap = (ci * KH + ky) * KW + kx;
        for (var k = 0u; k < ${TILE_C}u; k++) {
          let o = g * out_group + min(o_first + k, out_group - 1u);
          acc[k] += w[o * row_length + tap] * v;
        }
      }
    }
  }
  if (tile >= tiles) { return; }
  for (var k = 0u; k < ${TILE_C}u; k++) {
    if (o_first + k >= out_group) { break; }
    let at = ((n * params.o + g * out_group + o_first + k) * params.oh + oy) * params.ow + ox;
    for (var j = 0u; j < ${TILE_W}u; j++) {
      if (ox + j < params.ow) { y[at + j] = acc[k][j]; }
    }
  }
}
`,
});

/** Each thread: `TILE_C` input channels of one group × 4 columns of one row of dx. */
export const conv2dInputGrad = defineKernel({
  label: 'conv2d_input_grad',
  bindings: { dy: read(), w: read(), dx: write() },
  params: GEOMETRY,
  constants: WINDOW,
  workgroups: ({ n, c, h, w_in, groups }) => {
    const [x, y] = foldGrid(blocks(n * h * blocks(w_in, TILE_W), WORKGROUP));
    return [x, y, groups * blocks(c / groups, TILE_C)];
  },
  wgsl: /* wgsl */ `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) lane: u32) {
  let columns = (params.w_in + ${TILE_W - 1}u) / ${TILE_W}u;
  let tiles = params.n * params.h * columns;
  let tile = (group.x + group.y * groups.x) * ${WORKGROUP}u + lane;
  let item = min(tile, tiles - 1u);
  let ix = (item % columns) * ${TILE_W}u;
  let iy = (item / columns) % params.h;
  let n = item / (columns * params.h);

  let in_group = params.c / params.groups;
  let out_group = params.o / params.groups;
  let c_blocks = (in_group + ${TILE_C - 1}u) / ${TILE_C}u;
  let g = group.z / c_blocks;
  let c_first = (group.z % c_blocks) * ${TILE_C}u;

  var acc: array<vec4f, ${TILE_C}>;
  for (var oi = 0u; oi < out_group; oi++) {
    let o = g * out_group + oi;
    let plane = (n * params.o + o) * params.oh;
    for (var ky = 0u; ky < KH; ky++) {
      let ty = i32(iy) + params.padding - i32(ky) * params.dilation;
      let oy = ty / params.stride;
      let row_inside = ty >= 0 && oy * params.stride == ty && oy < i32(params.oh);
      let row = (plane + u32(clamp(oy, 0, i32(params.oh) - 1))) * params.ow;
      for (var kx = 0u; kx < KW; kx++) {
        let tx = vec4i(i32(ix)) + vec4i(0, 1, 2, 3) + params.padding - i32(kx) * params.dilation;
        let ox = tx / params.stride;
        let inside = (tx >= vec4i(0)) & (ox * params.stride == tx) & (ox < vec4i(i32(params.ow)))
          & vec4<bool>(row_inside);
        let at = vec4u(clamp(ox, vec4i(0), vec4i(i32(params.ow) - 1))) + row;
        let v = select(vec4f(0.0), vec4f(dy[at.x], dy[at.y], dy[at.z], dy[at.w]), inside);
        for (var k = 0u; k < ${TILE_C}u; k++) {
          let ci = min(c_first + k, in_group - 1u);
          acc[k] += w[((o * in_group + ci) * KH + ky) * KW + kx] * v;
        }
      }
    }
  }
  if (tile >= tiles) { return; }
  for (var k = 0u; k < ${TILE_C}u; k++) {
    if (c_first + k >= in_group) { break; }
    let at = ((n * params.c + g * in_group + c_first + k) * params.h + iy) * params.w_in + ix;
    for (var j = 0u; j < ${TILE_W}u; j++) {
      if (ix + j < params.w_in) { dx[at + j] = acc[k][j]; }
    }
  }
}
`,
});

/** Each workgroup: one tap of `TILE_C` output channels × one input channel, its lanes sharing the positions. */
export const conv2dWeightGrad = defineKernel({
  label: 'conv2d_weight_grad',
  bindings: { x: read(), dy: read(), dw: write() },
  params: GEOMETRY,
  constants: WINDOW,
  workgroups: ({ c, o, groups, KH, KW }) => {
    const [x, y] = foldGrid(groups * blocks(o / groups, TILE_C) * (c / groups));
    return [x, y, KH * KW];
  },
  wgsl: /* wgsl */ `
var<workgroup> partial: array<f32, ${WORKGROUP * TILE_C}>;

@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) lane: u32) {
  let in_group = params.c / params.groups;
  let out_group = params.o / params.groups;
  let o_blocks = (out_group + ${TILE_C - 1}u) / ${TILE_C}u;
  let last = params.groups * o_blocks * in_group - 1u;
  let item = min(group.x + group.y * groups.x, last);
  let ci = item % in_group;
  let g = item / (in_group * o_blocks);
  let o_first = ((item / in_group) % o_blocks) * ${TILE_C}u;
  let ky = i32(group.z / KW);
  let kx = i32(group.z % KW);
  let area = params.oh * params.ow;

  var acc: array<f32, ${TILE_C}>;
  for (var p = lane; p < params.n * area; p += ${WORKGROUP}u) {
    let n = p / area;
    let at = p - n * area;
    let iy = i32(at / params.ow) * params.stride + ky * params.dilation - params.padding;
    let ix = i32(at % params.ow) * params.stride + kx * params.dilation - params.padding;
    let inside = iy >= 0 && iy < i32(params.h) && ix >= 0 && ix < i32(params.w_in);
    let row = (n * params.c + g * in_group + ci) * params.h + u32(clamp(iy, 0, i32(params.h) - 1));
    let v = select(0.0, x[row * params.w_in + u32(clamp(ix, 0, i32(params.w_in) - 1))], inside);
    for (var k = 0u; k < ${TILE_C}u; k++) {
      let o = g * out_group + min(o_first + k, out_group - 1u);
      acc[k] += v * dy[(n * params.o + o) * area + at];
    }
  }
  for (var k = 0u; k < ${TILE_C}u; k++) { partial[k * ${WORKGROUP}u + lane] = acc[k]; }
  for (var half = ${WORKGROUP / 2}u; half > 0u; half /= 2u) {
    workgroupBarrier();
    if (lane < half) {
      for (var k = 0u; k < ${TILE_C}u; k++) {
        partial[k * ${WORKGROUP}u + lane] += partial[k * ${WORKGROUP}u + lane + half];
      }
    }
  }
  workgroupBarrier();
  if (lane < ${TILE_C}u && o_first + lane < out_group) {
    let o = g * out_group + o_first + lane;
    dw[((o * in_group + ci) * KH + u32(ky)) * KW + u32(kx)] = partial[lane * ${WORKGROUP}u];
  }
}
`,
});
