// The contraction by workgroups: tiles of both operands in shared memory, for adapters whose lanes and memory are real.

import { GEOMETRY, inRows, OPERANDS, type Operands, type Store, scattered } from './contraction.ts';
import { defineKernel, foldGrid, type Kernel, read, write } from './kernel.ts';

/** Threads of a workgroup. */
export const SHARED_WORKGROUP = 256;
const WORKGROUP = SHARED_WORKGROUP;
/** Products of the sum that are in shared memory at a time. */
export const STEP = 8;

const blocks = (items: number, size: number) => Math.ceil(items / size);

/** How a workgroup of 256 is laid over its tile, and the vectors of pixels and of outputs that one thread computes. */
export interface SharedTile {
  /** Threads along the outputs; the rest of the 256 is along the pixels. */
  readonly ACROSS: number;
  readonly PIXELS: number;
  readonly OUTS: number;
}

/** Vectors of pixels and of outputs in a workgroup's tile. */
const extent = ({ ACROSS, PIXELS, OUTS }: SharedTile) => ({
  pixels: (WORKGROUP / ACROSS) * PIXELS,
  outs: ACROSS * OUTS,
});

/** Bytes of workgroup memory that a tile takes. */
export const sharedBytes = (tile: SharedTile): number =>
  16 * STEP * (extent(tile).pixels + extent(tile).outs);

/** The constants of the kernels for a tile: with it, the vectors of x and of w that a thread loads for each step. */
export const sharedConstants = (tile: SharedTile) => ({
  ...tile,
  X_LOADS: blocks(extent(tile).pixels * STEP, WORKGROUP),
  W_LOADS: blocks(extent(tile).outs * STEP, WORKGROUP),
});

/** What a thread loads for the step that begins at `first`, from where it stands in taps and depth. */
const FETCH = /* wgsl */ `
    @unroll for (var v = 0u; v < X_LOADS; v++) {
      let y = row + x_ky[v] * params.step;
      let c = column + x_kx[v] * params.step;
      let iy = y / DIVISOR;
      let ix = c / DIVISOR;
      x_inside[v] = (first + x_s + v * X_STEPS < length)
        & (u32(iy) < params.h) & (u32(ix) < params.w_in) & (y >= 0) & (c >= 0)
        & (iy * DIVISOR == y) & (ix * DIVISOR == c);
      let at = x_first + x_k[v] * params.x_depth + u32(iy * i32(params.w_in) + ix) * params.x_place;
      x_new[v] = vec4f(x[select(0u, at, x_inside[v])]);
    }
    @unroll for (var v = 0u; v < W_LOADS; v++) {
      w_inside[v] = first + w_s + v * W_STEPS < length;
      w_new[v] = vec4f(w[select(0u, w_at[v], w_inside[v])]);
    }`;

/** On to the next step. What a step skips is divided once: depth and the window's width wrap at most once more. */
const ADVANCE = /* wgsl */ `
    @unroll for (var v = 0u; v < X_LOADS; v++) {
      x_k[v] += k_skip;
      let wraps = x_k[v] >= depth;
      x_k[v] -= select(0u, depth, wraps);
      x_kx[v] += kx_skip + select(0, 1, wraps);
      let turns = x_kx[v] >= kw;
      x_kx[v] -= select(0, kw, turns);
      x_ky[v] += ky_skip + select(0, 1, turns);
    }
    @unroll for (var v = 0u; v < W_LOADS; v++) {
      w_k[v] += k_skip;
      let wraps = w_k[v] >= depth;
      w_k[v] -= select(0u, depth, wraps);
      w_at[v] += w_skip + select(0u, w_wrap, wraps);
    }`;

/**
 * Taps and depth are one axis, cut into steps: a step's x (gathered by place and tap) and w go to shared memory, each
 * vector loaded once by a workgroup, and every thread adds the outer products of its own vectors. Meanwhile the next
 * step is loaded. A thread loads for the same vector of pixels and the same vector of outputs in every step.
 */
const tiled = (label: string, operands: Operands, { element, store }: Store): Kernel => {
  const packed = OPERANDS[operands];
  return defineKernel({
    label: label + packed.suffix,
    bindings: { x: read(packed.element), w: read(packed.element), y: write(element) },
    params: GEOMETRY,
    constants: {
      ...{ ACROSS: 'u32', PIXELS: 'u32', OUTS: 'u32' },
      ...{ X_LOADS: 'u32', W_LOADS: 'u32', DIVISOR: 'i32' },
    },
    workgroups: ({ pixels, outs4, groups, chunks, ACROSS, PIXELS, OUTS }) => {
      const tile = extent({ ACROSS, PIXELS, OUTS });
      return foldGrid(blocks(pixels, tile.pixels) * blocks(outs4, tile.outs) * groups * chunks);
    },
    wgsl: /* wgsl */ `
const ALONG = ${WORKGROUP}u / ACROSS;
const TILE_P = ALONG * PIXELS;
const TILE_O = ACROSS * OUTS;
// Steps from one load of a thread to its next.
const X_STEPS = ${WORKGROUP}u / TILE_P;
const W_STEPS = ${WORKGROUP}u / TILE_O;
var<workgroup> xs: array<vec4f, TILE_P * ${STEP}u>;
var<workgroup> ws: array<vec4f, TILE_O * ${STEP}u>;

@compute @workgroup_size(${WORKGROUP})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u,
        @builtin(local_invocation_index) lane: u32) {
  let p_tiles = (params.pixels + TILE_P - 1u) / TILE_P;
  let o_tiles = (params.outs4 + TILE_O - 1u) / TILE_O;
  let tile = group.x + group.y * grid.x;
  if (tile >= p_tiles * o_tiles * params.groups * params.chunks) { return; }
  let p_first = tile % p_tiles * TILE_P;
  let o_first = tile / p_tiles % o_tiles * TILE_O;
  let g = tile / (p_tiles * o_tiles) % params.groups;
  let chunk = tile / (p_tiles * o_tiles * params.groups);
  let tap_first = chunk % params.tap_chunks * params.tap_chunk;
  let taps = min(params.taps, tap_first + params.tap_chunk) - tap_first;
  let k_first = chunk / params.tap_chunks * params.depth_chunk;
  let depth = min(params.depth, k_first + params.depth_chunk) - k_first;
  let length = taps * depth;
  let along = lane % ALONG;
  let across = lane / ALONG;

  let p = min(p_first + lane % TILE_P, params.pixels - 1u);
  let place = p / params.batch4;
  let row = i32(place / params.ow) * params.scale + params.offset;
  let column = i32(place % params.ow) * params.scale + params.offset;
  let x_first = g * params.x_group + k_first * params.x_depth + p % params.batch4;
  let x_s = lane / TILE_P;
  let w_first = g * params.w_group + k_first * params.w_depth + tap_first * params.w_tap
    + min(o_first + lane % TILE_O, params.outs4 - 1u);
  let w_s = lane / TILE_O;
  let kw = i32(params.kw);
  let k_skip = ${STEP}u % depth;
  let tap_skip = ${STEP}u / depth;
  let kx_skip = i32(tap_skip % params.kw);
  let ky_skip = i32(tap_skip / params.kw);
  let w_skip = tap_skip * params.w_tap + k_skip * params.w_depth;
  let w_wrap = params.w_tap - depth * params.w_depth;
  var x_k: array<u32, X_LOADS>;
  var x_kx: array<i32, X_LOADS>;
  var x_ky: array<i32, X_LOADS>;
  var x_new: array<vec4f, X_LOADS>;
  var x_inside: array<bool, X_LOADS>;
  @unroll for (var v = 0u; v < X_LOADS; v++) {
    let s = x_s + v * X_STEPS;
    let tap = tap_first + s / depth;
    x_k[v] = s % depth;
    x_kx[v] = i32(tap % params.kw);
    x_ky[v] = i32(tap / params.kw);
  }
  var w_k: array<u32, W_LOADS>;
  var w_at: array<u32, W_LOADS>;
  var w_new: array<vec4f, W_LOADS>;
  var w_inside: array<bool, W_LOADS>;
  @unroll for (var v = 0u; v < W_LOADS; v++) {
    let s = w_s + v * W_STEPS;
    w_k[v] = s % depth;
    w_at[v] = w_first + s / depth * params.w_tap + w_k[v] * params.w_depth;
  }

  var sums: array<vec4f, PIXELS * OUTS * 4u>;
  var first = 0u;
${FETCH}
  while (first < length) {
    workgroupBarrier();
    @unroll for (var v = 0u; v < X_LOADS; v++) {
      xs[v * ${WORKGROUP}u + lane] = select(vec4f(), x_new[v], x_inside[v]);
    }
    @unroll for (var v = 0u; v < W_LOADS; v++) {
      let e = v * ${WORKGROUP}u + lane;
      if (e < TILE_O * ${STEP}u) { ws[e] = select(vec4f(), w_new[v], w_inside[v]); }
    }
    workgroupBarrier();
    first += ${STEP}u;
${ADVANCE}
${FETCH}
    @unroll for (var s = 0u; s < ${STEP}u; s++) {
      var xv: array<vec4f, PIXELS>;
      @unroll for (var i = 0u; i < PIXELS; i++) { xv[i] = xs[s * TILE_P + i * ALONG + along]; }
      @unroll for (var j = 0u; j < OUTS; j++) {
        let wv = ws[s * TILE_O + j * ACROSS + across];
        @unroll for (var i = 0u; i < PIXELS; i++) {
          let q = (i * OUTS + j) * 4u;
          sums[q] += wv.x * xv[i];
          sums[q + 1u] += wv.y * xv[i];
          sums[q + 2u] += wv.z * xv[i];
          sums[q + 3u] += wv.w * xv[i];
        }
      }
    }
  }

  @unroll for (var i = 0u; i < PIXELS; i++) {
    let p = p_first + i * ALONG + along;
    let n = p % params.batch4;
    let y_first = chunk * params.y_chunk + g * params.y_group + n * 4u * params.y_batch
      + p / params.batch4 * params.y_place;
    let last = min(3u, params.batch - min(n * 4u, params.batch - 1u) - 1u);
    @unroll for (var j = 0u; j < OUTS * 4u; j++) {
      let o = (o_first + j / 4u * ACROSS + across) * 4u + j % 4u;
      if (p < params.pixels && o < params.outs) {
        let at = y_first + o * params.y_out;
        let sum = sums[i * OUTS * 4u + j];
${store}
      }
    }
  }
}
`,
  });
};

const tiledOf = (operands: Operands) => ({
  scattered: tiled('contract_tiled', operands, scattered),
  inRows: tiled('contract_tiled_rows', operands, inRows),
});

export const tiledContractions = { f32: tiledOf('f32'), f16: tiledOf('f16') };
