// Convolution of one channel by subgroups: all taps of an output are added at once, so that no sum waits in memory.

import { READ } from './conv-rows.ts';
import { aligned, type Quads, ragged, SHAPE } from './conv-rows-parts.ts';
import { defineKernel, foldGrid, type Kernel, read, write } from './kernel.ts';

const WORKGROUP = 16;
const SUBGROUP = 8;
const blocks = (items: number, size: number) => Math.ceil(items / size);

/** Outputs per thread: each invocation of a subgroup holds the weights of two. */
const OUTS = 16;
/** Rows of y per thread, one after another, with the same weights. */
const ROWS = 4;

/**
 * y [n, g, o, i, j] = Σ_{u, v} w [g, o, u, v] · x [n, g, place(i, u), place(j, v)]. SLIDE: how far x moves from tap to
 * tap if that is 1 or −1, otherwise 0. The loops over rows and outputs stay loops: their ends are no constants.
 */
const forwardBy = (quads: Quads): Kernel =>
  defineKernel({
    label: `conv_rows_grey${quads.name}`,
    bulky: true,
    subgroups: true,
    bindings: { x: read(), w: read(), y: write(quads.element) },
    params: { ...SHAPE, w_group: 'u32', w_out: 'u32' },
    constants: { KH: 'u32', KW: 'u32', DIVISOR: 'i32', SLIDE: 'i32' },
    workgroups: ({ n, outs, groups, oh, ow }) =>
      foldGrid(
        blocks(
          blocks(n * blocks(oh, ROWS) * blocks(ow, 4), SUBGROUP) *
            SUBGROUP *
            groups *
            blocks(outs, OUTS),
          WORKGROUP,
        ),
      ),
    wgsl: /* wgsl */ `
${READ}
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) lane: u32) {
  let quads = (params.ow + 3u) / 4u;
  let bands = (params.oh + ${ROWS - 1}u) / ${ROWS}u;
  let items = params.n * bands * quads;
  let places = (items + ${SUBGROUP - 1}u) / ${SUBGROUP}u * ${SUBGROUP}u;
  let tiles = (params.outs + ${OUTS - 1}u) / ${OUTS}u;
  let number = (group.x + group.y * groups.x) * ${WORKGROUP}u + lane;
  let plane = number / places;
  let g = min(plane / tiles, params.groups - 1u);
  let o_first = plane % tiles * ${OUTS}u;
  // Past the last place, and past the last plane, nothing is stored.
  let index = select(number % places, items, plane >= tiles * params.groups);
  let place = min(index, items - 1u);
  let band = place / quads;
  let j = (place - band * quads) * 4u;
  let image = band / bands;
  let outs = min(${OUTS}u, params.outs - o_first);
  let first_column = i32(j) * params.scale + params.offset;
  let columns = min(4u, params.ow - j);
  let w_at = g * params.w_group + o_first * params.w_out;
  var mine0: array<f32, KH * KW>;
  var mine1: array<f32, KH * KW>;
  // The bound is no constant, so that it stays a loop, which compiles faster.
  for (var t = 0u; t < params.kh * KW; t++) {
    mine0[t] = w[w_at + min(lane % ${SUBGROUP}u, outs - 1u) * params.w_out + t];
    mine1[t] = w[w_at + min(lane % ${SUBGROUP}u + ${SUBGROUP}u, outs - 1u) * params.w_out + t];
  }
  for (var r = 0u; r < min(${ROWS}u, params.oh); r++) {
    // A row past the last is the last once more.
    let i = min((band - image * bands) * ${ROWS}u + r, params.oh - 1u);
    let first_row = i32(i) * params.scale + params.offset;
    var x_quads: array<vec4f, KH * KW>;
    for (var u = 0u; u < KH; u++) {
      let y = first_row + i32(u) * params.step;
      let iy = y / DIVISOR;
      let inside = (y >= 0) & (iy < i32(params.h)) & (iy * DIVISOR == y);
      let row = ((image * params.groups + g) * params.h + select(0u, u32(iy), inside)) * params.w_in;
      var quad = select(vec4f(), x_quad(row, first_column), inside);
      x_quads[u * KW] = quad;
      for (var v = 1u; v < KW; v++) {
        quad = select(vec4f(), x_slide(quad, row, first_column + i32(v) * params.step), inside);
        x_quads[u * KW + v] = quad;
      }
    }
    let y_row = (((image * params.groups + g) * params.outs + o_first) * params.oh + i) * params.ow + j;
    for (var o = 0u; o < outs; o++) {
      var sum = vec4f();
      for (var t = 0u; t < KH * KW; t++) {
        sum += subgroupShuffle(select(mine1[t], mine0[t], o < ${SUBGROUP}u), o % ${SUBGROUP}u) * x_quads[t];
      }
      let at = y_row + o * params.oh * params.ow;
      if (index < items) { ${quads.store} }
    }
  }
}
`,
  });

/** Windows of more taps are slow to compile. */
export const MOST_TAPS = 25;

export const convRowsGrey = { aligned: forwardBy(aligned), ragged: forwardBy(ragged) };
