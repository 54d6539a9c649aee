// Convolution of few channels, straight from the images: a thread computes four neighbours of a row, for some outputs.

import { aligned, type Quads, ragged, SHAPE, weightGradStart } from './conv-rows-parts.ts';
import { defineKernel, foldGrid, type Kernel, read, write } from './kernel.ts';

const WORKGROUP = 64;
/** Where threads are few, small workgroups share them out among the cores of a software adapter. */
const FEW = 16;
const blocks = (items: number, size: number) => Math.ceil(items / size);

/** Number of invocations of a subgroup that share their weights. With 1, each loads its own. */
type Lanes = 1 | 8;

/** x along its row, starting where output column 0 and tap 0 read. 0 outside the row. */
export const READ = /* wgsl */ `
fn x_at(row: u32, column: i32) -> f32 {
  // A negative index becomes a large unsigned number, so it is past the end as well.
  let at = u32(column / DIVISOR);
  let inside = (at < params.w_in) & (column / DIVISOR * DIVISOR == column);
  return select(0f, x[row + min(at, params.w_in - 1u)], inside);
}

fn x_quad(row: u32, column: i32) -> vec4f {
  return vec4f(x_at(row, column), x_at(row, column + params.scale),
    x_at(row, column + 2 * params.scale), x_at(row, column + 3 * params.scale));
}

/** The quad of the next tap. It moves by one number if neighbouring taps read neighbouring elements of x. */
fn x_slide(quad: vec4f, row: u32, column: i32) -> vec4f {
  if (SLIDE == 1) { return vec4f(quad.yzw, x_at(row, column + 3 * params.scale)); }
  if (SLIDE == -1) { return vec4f(x_at(row, column), quad.xyz); }
  return x_quad(row, column);
}
`;

const handRound = (o: number): string =>
  `if (OUTS > ${o}u) { weights[min(${o}u, OUTS - 1u)] = subgroupBroadcast(mine${o < 8 ? 0 : 1}, ${o % 8}u); }`;

const WEIGHTS: Record<Lanes, string> = {
  1: /* wgsl */ `
        for (var o = 0u; o < OUTS; o++) { weights[o] = w[w_at + min(o, outs - 1u) * params.w_out]; }`,
  8: /* wgsl */ `
        let mine0 = w[w_at + min(lane % 8u, outs - 1u) * params.w_out];
        let mine1 = select(0f, w[w_at + min(lane % 8u + 8u, outs - 1u) * params.w_out], OUTS > 8u);
        ${Array.from({ length: 16 }, (_, o) => handRound(o)).join('\n        ')}`,
};

/** Maximum number of outputs per thread. */
export const MOST_OUTS = 16;

/**
 * y [n, g, o, i, j] = Σ_{c, u, v} w [g, o, c, u, v] · x [n, g, c, place(i, u), place(j, v)]. SLIDE: how
 * far x moves from tap to tap if that is 1 or −1, otherwise 0.
 */
const forwardBy = (lanes: Lanes, quads: Quads): Kernel =>
  defineKernel({
    label: `conv_rows${lanes > 1 ? '_subgroup' : ''}${quads.name}`,
    bulky: true,
    subgroups: lanes > 1,
    bindings: { x: read(), w: read(), y: write(quads.element) },
    params: { ...SHAPE, w_group: 'u32', w_out: 'u32', w_depth: 'u32' },
    constants: { OUTS: 'u32', KW: 'u32', DIVISOR: 'i32', SLIDE: 'i32' },
    workgroups: ({ n, outs, groups, oh, ow, OUTS }) =>
      foldGrid(
        blocks(
          blocks(oh * blocks(ow, 4), lanes) * lanes * n * groups * blocks(outs, OUTS),
          WORKGROUP,
        ),
      ),
    wgsl: /* wgsl */ `
${READ}
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) lane: u32) {
  let quads = (params.ow + 3u) / 4u;
  let places = (params.oh * quads + ${lanes - 1}u) / ${lanes}u * ${lanes}u;
  let tiles = (params.outs + OUTS - 1u) / OUTS;
  let index = (group.x + group.y * groups.x) * ${WORKGROUP}u + lane;
  let plane = min(index / places, params.n * params.groups * tiles - 1u);
  let place = min(index % places, params.oh * quads - 1u);
  let i = place / quads;
  let j = place % quads * 4u;
  let o_first = plane % tiles * OUTS;
  let g = plane / tiles % params.groups;
  let image = plane / (tiles * params.groups);
  let outs = min(OUTS, params.outs - o_first);
  let first_row = i32(i) * params.scale + params.offset;
  let first_column = i32(j) * params.scale + params.offset;
  var sums: array<vec4f, OUTS>;
  for (var c = 0u; c < params.depth; c++) {
    let x_plane = ((image * params.groups + g) * params.depth + c) * params.h;
    var w_at = g * params.w_group + o_first * params.w_out + c * params.w_depth;
    for (var u = 0u; u < params.kh; u++) {
      let y = first_row + i32(u) * params.step;
      let iy = y / DIVISOR;
      let inside = (y >= 0) & (iy < i32(params.h)) & (iy * DIVISOR == y);
      let row = (x_plane + select(0u, u32(iy), inside)) * params.w_in;
      var quad = select(vec4f(), x_quad(row, first_column), inside);
      for (var v = 0u; v < KW; v++) {
        if (v > 0u) { quad = select(vec4f(), x_slide(quad, row, first_column + i32(v) * params.step), inside); }
        var weights: array<f32, OUTS>;
${WEIGHTS[lanes]}
        for (var o = 0u; o < OUTS; o++) { sums[o] += weights[o] * quad; }
        w_at++;
      }
    }
  }
  if (index >= places * params.n * params.groups * tiles || index % places >= params.oh * quads) { return; }
  let columns = min(4u, params.ow - j);
  var at = (((image * params.groups + g) * params.outs + o_first) * params.oh + i) * params.ow + j;
  for (var o = 0u; o < outs; o++) {
    let sum = sums[o];
    ${quads.store}
    at += params.oh * params.ow;
  }
}
`,
  });

/**
 * The same for one output, stride and dilation 1: one thread computes four neighbours of four rows, which share most
 * of what they read. STEP is `step`, 1 or −1.
 */
const bandBy = (quads: Quads): Kernel =>
  defineKernel({
    label: `conv_rows_band${quads.name}`,
    bulky: true,
    bindings: { x: read(), w: read(), y: write(quads.element) },
    params: { ...SHAPE, w_group: 'u32', w_out: 'u32', w_depth: 'u32' },
    constants: { KH: 'u32', KW: 'u32', STEP: 'i32' },
    workgroups: ({ n, groups, oh, ow }) =>
      foldGrid(blocks(n * groups * blocks(oh, 4) * blocks(ow, 4), WORKGROUP)),
    wgsl: /* wgsl */ `
fn x_at(row: u32, column: i32) -> f32 {
  // A negative index becomes a large unsigned number, so it is past the end as well.
  let at = u32(column);
  return select(0f, x[row + min(at, params.w_in - 1u)], at < params.w_in);
}

@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) lane: u32) {
  let quads = (params.ow + 3u) / 4u;
  let bands = (params.oh + 3u) / 4u;
  let index = (group.x + group.y * groups.x) * ${WORKGROUP}u + lane;
  if (index >= params.n * params.groups * bands * quads) { return; }
  let j = index % quads * 4u;
  let i_first = index / quads % bands * 4u;
  let plane = index / (quads * bands);
  let g = plane % params.groups;
  // Position in x of the first element that is read.
  let top = i32(i_first) + params.offset + min(0, STEP * (i32(KH) - 1));
  let left = i32(j) + params.offset + min(0, STEP * (i32(KW) - 1));
  var sums: array<vec4f, 4>;
  for (var c = 0u; c < params.depth; c++) {
    var weights: array<f32, KH * KW>;
    for (var t = 0u; t < KH * KW; t++) { weights[t] = w[g * params.w_group + c * params.w_depth + t]; }
    for (var s = 0u; s < KH + 3u; s++) {
      let iy = u32(top + i32(s));
      if (iy >= params.h) { continue; }
      let row = ((plane * params.depth + c) * params.h + iy) * params.w_in;
      var x_quads: array<vec4f, KW>;
      var quad = vec4f(x_at(row, left), x_at(row, left + 1), x_at(row, left + 2), x_at(row, left + 3));
      x_quads[0] = quad;
      for (var v = 1u; v < KW; v++) {
        quad = vec4f(quad.yzw, x_at(row, left + 3 + i32(v)));
        x_quads[v] = quad;
      }
      for (var r = 0u; r < 4u; r++) {
        // Row r reads this row of x by tap u.
        let u = select(r + KH - 1u - s, s - r, STEP > 0);
        if (u >= KH) { continue; }
        var sum = sums[r];
        for (var v = 0u; v < KW; v++) { sum += weights[u * KW + v] * x_quads[select(KW - 1u - v, v, STEP > 0)]; }
        sums[r] = sum;
      }
    }
  }
  let columns = min(4u, params.ow - j);
  for (var r = 0u; r < min(4u, params.oh - i_first); r++) {
    let at = (plane * params.oh + i_first + r) * params.ow + j;
    let sum = sums[r];
    ${quads.store}
  }
}
`,
  });

/**
 * partial [chunk, g, o, c, u, v] = Σ dy [n, g, o, i, j] · x [n, g, c, place(i, u), place(j, v)] over every
 * `chunks`-th row (n, i). One thread: one c, OUTS outputs, KH neighbouring u (all, or 1) and all v, so that what it
 * loads of dy serves KH · KW products.
 *
 * For software adapters: sums are in memory, because a loop written out runs no faster there and takes twice as long
 * to compile. Bounds that are no constants keep the compiler from writing it out.
 */
const weightGradBy = (quads: Quads): Kernel =>
  defineKernel({
    label: `conv_rows_weight_grad${quads.name}`,
    bulky: true,
    bindings: { x: read(), dy: read(quads.element), y: write() },
    params: { ...SHAPE, chunks: 'u32' },
    constants: { OUTS: 'u32', KH: 'u32', KW: 'u32', DIVISOR: 'i32', SLIDE: 'i32' },
    workgroups: ({ depth, outs, groups, kh, chunks, OUTS, KH }) =>
      foldGrid(blocks(chunks * depth * groups * (kh / KH) * blocks(outs, OUTS), FEW)),
    wgsl: /* wgsl */ `
${READ}
${weightGradStart(FEW, 'KH')}  var sums: array<vec4f, OUTS * KH * KW>;
  for (var r = chunk; r < params.n * params.oh; r += params.chunks) {
    let image = r / params.oh;
    let i = r % params.oh;
    let top = i32(i) * params.scale + i32(u) * params.step + params.offset;
    let plane = ((image * params.groups + g) * params.depth + c) * params.h;
    let dy_row = (((image * params.groups + g) * params.outs + o_first) * params.oh + i) * params.ow;
    for (var j = 0u; j < params.ow; j += 4u) {
      let columns = min(4u, params.ow - j);
      let first_column = i32(j) * params.scale + params.offset;
      var x_quads: array<vec4f, KH * KW>;
      for (var s = 0u; s < min(KH, params.kh); s++) {
        let iy = u32(top + i32(s) * params.step);
        let inside = iy < params.h;
        let row = (plane + min(iy, params.h - 1u)) * params.w_in;
        var quad = select(vec4f(), x_quad(row, first_column), inside);
        x_quads[s * KW] = quad;
        for (var v = 1u; v < KW; v++) {
          quad = select(vec4f(), x_slide(quad, row, first_column + i32(v) * params.step), inside);
          x_quads[s * KW + v] = quad;
        }
      }
      for (var o = 0u; o < outs; o++) {
        let at = dy_row + o * params.oh * params.ow + j;
        let quad = ${quads.load};
        for (var t = 0u; t < KH * KW; t++) { sums[o * KH * KW + t] += quad * x_quads[t]; }
      }
    }
  }
  let stride = params.depth * params.kh * KW;
  let first = ((chunk * params.groups + g) * params.outs + o_first) * stride + (c * params.kh + u) * KW;
  for (var q = 0u; q < outs * KH * KW; q++) {
    y[first + q / (KH * KW) * stride + q % (KH * KW)] = dot(sums[q], vec4f(1f));
  }
}
`,
  });

export const convRows = {
  own: { aligned: forwardBy(1, aligned), ragged: forwardBy(1, ragged) },
  subgroup: { aligned: forwardBy(8, aligned), ragged: forwardBy(8, ragged) },
  band: { aligned: bandBy(aligned), ragged: bandBy(ragged) },
  weightGrad: { aligned: weightGradBy(aligned), ragged: weightGradBy(ragged) },
};
