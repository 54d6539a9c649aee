// Convolution of few channels for GPUs: weights that a workgroup shares, and sums that all stay in registers.

import { aligned, type Quads, ragged, SHAPE, weightGradStart } from './conv-rows-parts.ts';
import { defineKernel, foldGrid, type Kernel, read, write } from './kernel.ts';

const WORKGROUP = 64;
const blocks = (items: number, size: number) => Math.ceil(items / size);

/** Numbers of a row of x that neighbours of the output need: `QUADS` times four. They overlap where taps do. */
export const valuesOf = (KW: number, SLIDE: number, QUADS: number): number =>
  SLIDE === 0 ? 4 * KW : KW - 1 + 4 * QUADS;

/**
 * Where the numbers of a row of x are, and which of them are inside: found once, for all rows and channels. A negative
 * index becomes a large unsigned number, so it is past the end as well.
 */
const COLUMNS = /* wgsl */ `
  let leftmost = first_column - select(0, i32(KW) - 1, SLIDE < 0);
  var columns_at: array<u32, VALUES>;
  var columns_in: array<bool, VALUES>;
  @unroll for (var t = 0u; t < VALUES; t++) {
    let apart = select(i32(t), i32(t % 4u) * params.scale + i32(t / 4u) * params.step, SLIDE == 0);
    let at = u32((leftmost + apart) / DIVISOR);
    columns_in[t] = at < params.w_in;
    if (DIVISOR > 1) {
      columns_in[t] &= (leftmost + apart >= 0) & ((leftmost + apart) / DIVISOR * DIVISOR == leftmost + apart);
    }
    // Neighbours are read side by side, in few wide loads, even past the row's ends: what is not inside is not used.
    columns_at[t] = select(u32(leftmost) + t, select(0u, at, columns_in[t]), SLIDE == 0);
  }`;

/** The number of a row that tap `v` reads for the neighbour `q` of quad `k`. */
const valueAt = (q: number): string =>
  `values[select(select(v, KW - 1u - v, SLIDE < 0) + k * 4u + ${q}u, v * 4u + ${q}u, SLIDE == 0)]`;

/**
 * Index of a number in plane `o` of an output, whose planes and rows are whole elements: counted in elements, so that
 * the compiler divides nothing.
 */
const indexOf = ({ width }: Quads, first: string, o: string): string =>
  `((${first}) / ${width}u + ${o} * (params.oh * params.ow / ${width}u)) * ${width}u`;

/**
 * y [n, g, o, i, j] = Σ_{c, u, v} w [g, c, u, v, o] · x [n, g, c, place(i, u), place(j, v)], with w packed so that
 * vectors run over the outputs. One thread: QUADS times four neighbours, OUTS vectors of outputs. SLIDE: 1 or −1 if
 * neighbouring outputs and neighbouring taps read neighbours in x, in this direction; otherwise 0, and QUADS is 1.
 * VALUES is `valuesOf` them.
 */
const forwardBy = (quads: Quads): Kernel =>
  defineKernel({
    label: `conv_rows_shared${quads.name}`,
    bulky: true,
    bindings: { x: read(), w: read('vec4f'), y: write(quads.element) },
    params: { ...SHAPE, outs4: 'u32' },
    constants: {
      ...{ OUTS: 'u32', QUADS: 'u32', KW: 'u32', VALUES: 'u32', DIVISOR: 'i32', SLIDE: 'i32' },
    },
    workgroups: ({ n, outs4, groups, oh, ow, OUTS, QUADS }) =>
      foldGrid(blocks(n * oh * blocks(ow, 4 * QUADS), WORKGROUP) * groups * blocks(outs4, OUTS)),
    wgsl: /* wgsl */ `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u,
        @builtin(local_invocation_index) lane: u32) {
  let quads = (params.ow + 4u * QUADS - 1u) / (4u * QUADS);
  let places = params.n * params.oh * quads;
  let parts = (places + ${WORKGROUP - 1}u) / ${WORKGROUP}u;
  let tiles = (params.outs4 + OUTS - 1u) / OUTS;
  let number = group.x + group.y * grid.x;
  let o_first = number / parts % tiles * OUTS;
  let g = number / (parts * tiles);
  let place = number % parts * ${WORKGROUP}u + lane;
  if (place >= places || g >= params.groups) { return; }
  let row_number = place / quads;
  let j = (place - row_number * quads) * 4u * QUADS;
  let image = row_number / params.oh;
  let i = row_number - image * params.oh;
  let first_row = i32(i) * params.scale + params.offset;
  let first_column = i32(j) * params.scale + params.offset;
${COLUMNS}
  var sums: array<vec4f, QUADS * OUTS * 4u>;
  var w_at = g * params.depth * params.kh * KW * params.outs4 + o_first;
  for (var c = 0u; c < params.depth; c++) {
    let plane = ((image * params.groups + g) * params.depth + c) * params.h;
    for (var u = 0u; u < params.kh; u++) {
      let y = first_row + i32(u) * params.step;
      let iy = y / DIVISOR;
      var inside = u32(iy) < params.h;
      if (DIVISOR > 1) { inside &= (y >= 0) & (iy * DIVISOR == y); }
      if (inside) {
        let row = (plane + u32(iy)) * params.w_in;
        var values: array<f32, VALUES>;
        @unroll for (var t = 0u; t < VALUES; t++) {
          values[t] = select(0f, x[row + columns_at[t]], columns_in[t]);
        }
        @unroll for (var v = 0u; v < KW; v++) {
          @unroll for (var k = 0u; k < QUADS; k++) {
            let quad = vec4f(${[0, 1, 2, 3].map(valueAt).join(',\n              ')});
            @unroll for (var o = 0u; o < OUTS; o++) {
              // Past the last vector of outputs lies another tap, or nothing; its sums are not stored.
              let weights = w[w_at + v * params.outs4 + o];
              let at = (k * OUTS + o) * 4u;
              sums[at] += weights.x * quad;
              sums[at + 1u] += weights.y * quad;
              sums[at + 2u] += weights.z * quad;
              sums[at + 3u] += weights.w * quad;
            }
          }
        }
      }
      w_at += KW * params.outs4;
    }
  }
  let first_quad = (((image * params.groups + g) * params.outs + o_first * 4u) * params.oh + i) * params.ow + j;
  let outs = params.outs - o_first * 4u;
  @unroll for (var k = 0u; k < QUADS; k++) {
    if (j + 4u * k < params.ow) {
      let columns = min(4u, params.ow - j - 4u * k);
      let first = first_quad + 4u * k;
      // From the last to the first, without a branch: the last output overwrites what was stored past it.
      @unroll for (var r = 0u; r < OUTS * 4u; r++) {
        let sum = sums[k * OUTS * 4u + OUTS * 4u - 1u - r];
        let at = ${indexOf(quads, 'first', 'min(OUTS * 4u - 1u - r, outs - 1u)')};
        ${quads.store}
      }
    }
  }
}
`,
  });

/** Numbers of a row of x that a thread of the weight gradient keeps for the next four outputs, and those it loads. */
export const windowOf = (KW: number, SLIDE: number) =>
  SLIDE === 1 ? { KEPT: KW - 1, LOADED: 4 } : { KEPT: 0, LOADED: 4 * KW };

/**
 * partial [chunk, g, o, c, u, v] = Σ dy [n, g, o, i, j] · x [n, g, c, place(i, u), place(j, v)] over every
 * `chunks`-th row (n, i). One thread: one (c, u), OUTS outputs and all v, each a single sum: four of a vector would
 * take four registers. KEPT and LOADED are `windowOf` KW and SLIDE.
 */
const weightGradBy = (quads: Quads): Kernel =>
  defineKernel({
    label: `conv_rows_shared_weight_grad${quads.name}`,
    bulky: true,
    bindings: { x: read(), dy: read(quads.element), y: write() },
    params: { ...SHAPE, chunks: 'u32' },
    constants: { OUTS: 'u32', KW: 'u32', SLIDE: 'i32', KEPT: 'u32', LOADED: 'u32' },
    workgroups: ({ depth, outs, groups, kh, chunks, OUTS }) =>
      foldGrid(blocks(chunks * depth * groups * kh * blocks(outs, OUTS), WORKGROUP)),
    wgsl: /* wgsl */ `
fn x_at(row: u32, first: i32, t: u32) -> f32 {
  let column = u32(first + select(i32(t % 4u) * params.scale + i32(t / 4u) * params.step, i32(t), SLIDE == 1));
  // Read even past the row's ends, so that neighbours are few wide loads.
  return select(0f, x[row + column], column < params.w_in);
}

${weightGradStart(WORKGROUP)}  var sums: array<f32, OUTS * KW>;
  // Advanced instead of divided: the image and its row.
  let image_skip = params.chunks / params.oh;
  let i_skip = params.chunks % params.oh;
  var image = chunk / params.oh;
  var i = chunk % params.oh;
  while (image < params.n) {
    let iy = u32(i32(i) * params.scale + i32(u) * params.step + params.offset);
    let row = (((image * params.groups + g) * params.depth + c) * params.h + min(iy, params.h - 1u)) * params.w_in;
    let dy_row = (((image * params.groups + g) * params.outs + o_first) * params.oh + i) * params.ow;
    var values: array<f32, KEPT + LOADED>;
    @unroll for (var t = 0u; t < KEPT; t++) { values[t] = x_at(row, params.offset, t); }
    for (var j = select(params.ow, 0u, iy < params.h); j < params.ow; j += 4u) {
      let columns = min(4u, params.ow - j);
      let first_column = i32(j) * params.scale + params.offset;
      @unroll for (var t = 0u; t < LOADED; t++) { values[KEPT + t] = x_at(row, first_column, KEPT + t); }
      @unroll for (var o = 0u; o < OUTS; o++) {
        // Past the last output lies another plane, or nothing; its sums are overwritten below.
        let at = ${indexOf(quads, 'dy_row + j', 'o')};
        let quad = ${quads.load};
        @unroll for (var v = 0u; v < KW; v++) {
          let t = select(v * 4u, v, SLIDE == 1);
          sums[o * KW + v] += quad.x * values[t];
          sums[o * KW + v] += quad.y * values[t + 1u];
          sums[o * KW + v] += quad.z * values[t + 2u];
          sums[o * KW + v] += quad.w * values[t + 3u];
        }
      }
      @unroll for (var t = 0u; t < KEPT; t++) { values[t] = values[t + 4u]; }
    }
    i += i_skip;
    image += image_skip + select(0u, 1u, i >= params.oh);
    i -= select(0u, params.oh, i >= params.oh);
  }
  let stride = params.depth * params.kh * KW;
  let first = ((chunk * params.groups + g) * params.outs + o_first) * stride + (c * params.kh + u) * KW;
  // From the last to the first, as above.
  @unroll for (var k = 0u; k < OUTS; k++) {
    let at = first + min(OUTS - 1u - k, outs - 1u) * stride;
    @unroll for (var v = 0u; v < KW; v++) { y[at + v] = sums[(OUTS - 1u - k) * KW + v]; }
  }
}
`,
  });

/**
 * The forward pass for one output, stride and dilation 1. One thread: eight neighbours of four rows, which share most
 * of what they read. STEP is `step`, 1 or −1; X_ROWS and VALUES are the rows of x and the numbers of each that the
 * window covers.
 */
const bandBy = (quads: Quads): Kernel =>
  defineKernel({
    label: `conv_rows_shared_band${quads.name}`,
    bulky: true,
    bindings: { x: read(), w: read(), y: write(quads.element) },
    params: { ...SHAPE, w_group: 'u32', w_depth: 'u32' },
    constants: { KH: 'u32', KW: 'u32', STEP: 'i32', X_ROWS: 'u32', VALUES: 'u32' },
    workgroups: ({ n, groups, oh, ow }) =>
      foldGrid(blocks(n * blocks(oh, 4) * blocks(ow, 8), WORKGROUP) * groups),
    wgsl: /* wgsl */ `
@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u,
        @builtin(local_invocation_index) lane: u32) {
  let octets = (params.ow + 7u) / 8u;
  let bands = (params.oh + 3u) / 4u;
  let places = params.n * bands * octets;
  let parts = (places + ${WORKGROUP - 1}u) / ${WORKGROUP}u;
  let number = group.x + group.y * grid.x;
  let g = number / parts;
  let place = number % parts * ${WORKGROUP}u + lane;
  if (place >= places || g >= params.groups) { return; }
  let j = place % octets * 8u;
  let band = place / octets;
  let i_first = band % bands * 4u;
  let plane = band / bands * params.groups + g;
  // Position in x of the first number that is read.
  let top = i32(i_first) + params.offset + min(0, STEP * (i32(KH) - 1));
  let left = i32(j) + params.offset + min(0, STEP * (i32(KW) - 1));
  var columns_in: array<bool, VALUES>;
  @unroll for (var t = 0u; t < VALUES; t++) { columns_in[t] = u32(left + i32(t)) < params.w_in; }
  var rows_in: array<bool, X_ROWS>;
  @unroll for (var s = 0u; s < X_ROWS; s++) { rows_in[s] = u32(top + i32(s)) < params.h; }
  var sums: array<vec4f, 8>;
  for (var c = 0u; c < params.depth; c++) {
    var weights: array<f32, KH * KW>;
    let w_at = g * params.w_group + c * params.w_depth;
    @unroll for (var t = 0u; t < KH * KW; t++) { weights[t] = w[w_at + t]; }
    // Above and left of x this wraps, and what is read past a row's ends is not used: as neighbours, in few wide loads.
    let x_first = ((plane * params.depth + c) * params.h + u32(top)) * params.w_in + u32(left);
    @unroll for (var s = 0u; s < X_ROWS; s++) {
      if (rows_in[s]) {
        let row = x_first + s * params.w_in;
        var values: array<f32, VALUES>;
        @unroll for (var t = 0u; t < VALUES; t++) {
          values[t] = select(0f, x[row + t], columns_in[t]);
        }
        @unroll for (var r = 0u; r < 4u; r++) {
          // Row r reads this row of x by tap u.
          let u = select(i32(r + KH - 1u) - i32(s), i32(s) - i32(r), STEP > 0);
          if (u >= 0 && u < i32(KH)) {
            @unroll for (var v = 0u; v < KW; v++) {
              let weight = weights[u32(u) * KW + v];
              let t = select(KW - 1u - v, v, STEP > 0);
              sums[r * 2u] += weight * vec4f(values[t], values[t + 1u], values[t + 2u], values[t + 3u]);
              sums[r * 2u + 1u] += weight * vec4f(values[t + 4u], values[t + 5u], values[t + 6u], values[t + 7u]);
            }
          }
        }
      }
    }
  }
  @unroll for (var r = 0u; r < 4u; r++) {
    @unroll for (var q = 0u; q < 2u; q++) {
      let columns = min(4u, params.ow - min(j + q * 4u, params.ow));
      if (i_first + r < params.oh && columns > 0u) {
        let at = (plane * params.oh + i_first + r) * params.ow + j + q * 4u;
        let sum = sums[r * 2u + q];
        ${quads.store}
      }
    }
  }
}
`,
  });

export const convRowsShared = {
  forward: { aligned: forwardBy(aligned), ragged: forwardBy(ragged) },
  band: { aligned: bandBy(aligned), ragged: bandBy(ragged) },
  weightGrad: { aligned: weightGradBy(aligned), ragged: weightGradBy(ragged) },
};
