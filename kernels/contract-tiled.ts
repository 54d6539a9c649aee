// The contraction by workgroups: tiles of both operands in shared memory, for adapters whose lanes and memory are real.

import { GEOMETRY, inRows, OPERANDS, type Operands, type Store, scattered } from './contraction.ts';
import { defineKernel, foldGrid, type Kernel, read, write } from './kernel.ts';

/** Products of the sum that are in shared memory at a time. */
export const STEP = 8;

const blocks = (items: number, size: number) => Math.ceil(items / size);

/** How a workgroup is laid over its tile, and the vectors of pixels and of outputs that one thread computes. */
export interface SharedTile {
  /** Threads of a workgroup. */
  readonly THREADS: number;
  /** Threads along the outputs; the others are along the pixels. */
  readonly ACROSS: number;
  readonly PIXELS: number;
  readonly OUTS: number;
}

/** Vectors of pixels and of outputs in a workgroup's tile. */
const extent = ({ THREADS, ACROSS, PIXELS, OUTS }: SharedTile) => ({
  pixels: (THREADS / ACROSS) * PIXELS,
  outs: ACROSS * OUTS,
});

/** Bytes of workgroup memory that a tile takes. */
export const sharedBytes = (tile: SharedTile): number =>
  16 * STEP * (extent(tile).pixels + extent(tile).outs);

/** The constants of the kernels for a tile: with it, the vectors of x and of w that a thread loads for each step. */
export const sharedConstants = (tile: SharedTile) => ({
  ...tile,
  X_LOADS: blocks(extent(tile).pixels * STEP, tile.THREADS),
  W_LOADS: blocks(extent(tile).outs * STEP, tile.THREADS),
});

/** How the threads of a workgroup find what they load. */
interface Staging {
  /** Suffix of the label. */
  readonly name: string;
  /** Statements before the first step. */
  readonly setup: string;
  /** Loads the step that begins at `first` into `x_new` and `w_new`, with what of it counts. */
  readonly fetch: string;
  /** On to the next step. */
  readonly advance: string;
}

/** What a thread needs to find its vector of pixels and of outputs. */
const PLACE = /* wgsl */ `
  let p = min(p_first + lane % TILE_P, params.pixels - 1u);
  let place = p / params.batch4;
  let row = i32(place / params.ow) * params.scale + params.offset;
  let column = i32(place % params.ow) * params.scale + params.offset;
  let x_s = lane / TILE_P;
  let x_first = g * params.x_group + k_first * params.x_depth + p % params.batch4;
  let w_s = lane / TILE_O;
  let w_first = g * params.w_group + k_first * params.w_depth + tap_first * params.w_tap
    + min(o_first + lane % TILE_O, params.outs4 - 1u);
  let kw = i32(params.kw);
  let w_wrap = params.w_tap - depth * params.w_depth;
  var x_new: array<vec4f, X_LOADS>;
  var x_inside: array<bool, X_LOADS>;
  var w_new: array<vec4f, W_LOADS>;
  var w_inside: array<bool, W_LOADS>;`;

/**
 * Where tap (`kx`, `ky`) reads x, and whether that is inside. A negative index becomes a large unsigned number, so it
 * is past the end as well.
 */
const SEEK = /* wgsl */ `
      let y = row + kx_ky.y * params.step;
      let c = column + kx_ky.x * params.step;
      let iy = y / DIVISOR;
      let ix = c / DIVISOR;
      var inside = (u32(iy) < params.h) & (u32(ix) < params.w_in);
      if (DIVISOR > 1) { inside &= (y >= 0) & (c >= 0) & (iy * DIVISOR == y) & (ix * DIVISOR == c); }
      let at_place = u32(iy * i32(params.w_in) + ix) * params.x_place;`;

/** Steps that fill the depth of a tap: all threads are at the same tap, which is sought once per step. */
const whole: Staging = {
  name: '_whole',
  setup: /* wgsl */ `
  var k = 0u;
  var kx_ky = vec2i(vec2u(tap_first % params.kw, tap_first / params.kw));
  var w_at = w_first + w_s * params.w_depth;`,
  fetch: /* wgsl */ `
    if (first < length) {${SEEK}
      let x_at = x_first + (k + x_s) * params.x_depth + at_place;
      @unroll for (var v = 0u; v < X_LOADS; v++) {
        x_inside[v] = inside;
        x_new[v] = vec4f(x[select(0u, x_at + v * X_STEPS * params.x_depth, inside)]);
      }
      @unroll for (var v = 0u; v < W_LOADS; v++) {
        w_inside[v] = true;
        w_new[v] = vec4f(w[w_at + v * W_STEPS * params.w_depth]);
      }
    }`,
  advance: /* wgsl */ `
    k += ${STEP}u;
    w_at += ${STEP}u * params.w_depth;
    if (k == depth) {
      k = 0u;
      w_at += w_wrap;
      kx_ky.x++;
      if (kx_ky.x == kw) { kx_ky = vec2i(0, kx_ky.y + 1); }
    }`,
};

/**
 * Any depth: a load finds its tap by itself. What a step skips is divided once; depth and width wrap at most once more.
 */
const mixed: Staging = {
  name: '',
  setup: /* wgsl */ `
  let k_skip = ${STEP}u % depth;
  let tap_skip = ${STEP}u / depth;
  let kx_skip = i32(tap_skip % params.kw);
  let ky_skip = i32(tap_skip / params.kw);
  let w_skip = tap_skip * params.w_tap + k_skip * params.w_depth;
  var x_k: array<u32, X_LOADS>;
  var x_kx_ky: array<vec2i, X_LOADS>;
  @unroll for (var v = 0u; v < X_LOADS; v++) {
    let s = x_s + v * X_STEPS;
    let tap = tap_first + s / depth;
    x_k[v] = s % depth;
    x_kx_ky[v] = vec2i(vec2u(tap % params.kw, tap / params.kw));
  }
  var w_k: array<u32, W_LOADS>;
  var w_at: array<u32, W_LOADS>;
  @unroll for (var v = 0u; v < W_LOADS; v++) {
    let s = w_s + v * W_STEPS;
    w_k[v] = s % depth;
    w_at[v] = w_first + s / depth * params.w_tap + w_k[v] * params.w_depth;
  }`,
  fetch: /* wgsl */ `
    @unroll for (var v = 0u; v < X_LOADS; v++) {
      let kx_ky = x_kx_ky[v];${SEEK}
      x_inside[v] = inside & (first + x_s + v * X_STEPS < length);
      let at = x_first + x_k[v] * params.x_depth + at_place;
      x_new[v] = vec4f(x[select(0u, at, x_inside[v])]);
    }
    @unroll for (var v = 0u; v < W_LOADS; v++) {
      w_inside[v] = first + w_s + v * W_STEPS < length;
      w_new[v] = vec4f(w[select(0u, w_at[v], w_inside[v])]);
    }`,
  advance: /* wgsl */ `
    @unroll for (var v = 0u; v < X_LOADS; v++) {
      x_k[v] += k_skip;
      let wraps = x_k[v] >= depth;
      x_k[v] -= select(0u, depth, wraps);
      x_kx_ky[v].x += kx_skip + select(0, 1, wraps);
      let turns = x_kx_ky[v].x >= kw;
      x_kx_ky[v].x -= select(0, kw, turns);
      x_kx_ky[v].y += ky_skip + select(0, 1, turns);
    }
    @unroll for (var v = 0u; v < W_LOADS; v++) {
      w_k[v] += k_skip;
      let wraps = w_k[v] >= depth;
      w_k[v] -= select(0u, depth, wraps);
      w_at[v] += w_skip + select(0u, w_wrap, wraps);
    }`,
};

/**
 * Taps and depth are one axis, cut into steps: a step's x (gathered by place and tap) and w go to shared memory, each
 * vector loaded once by a workgroup, and every thread adds the outer products of its own vectors. Meanwhile the next
 * step is loaded. A thread loads for the same vector of pixels and the same vector of outputs in every step.
 */
const tiled = (
  label: string,
  staging: Staging,
  operands: Operands,
  { element, store }: Store,
): Kernel => {
  const packed = OPERANDS[operands];
  return defineKernel({
    label: label + staging.name + packed.suffix,
    bulky: true,
    bindings: { x: read(packed.element), w: read(packed.element), y: write(element) },
    params: GEOMETRY,
    constants: {
      ...{ THREADS: 'u32', ACROSS: 'u32', PIXELS: 'u32', OUTS: 'u32' },
      ...{ X_LOADS: 'u32', W_LOADS: 'u32', DIVISOR: 'i32' },
    },
    workgroups: ({ pixels, outs4, groups, chunks, THREADS, ACROSS, PIXELS, OUTS }) => {
      const tile = extent({ THREADS, ACROSS, PIXELS, OUTS });
      return foldGrid(blocks(pixels, tile.pixels) * blocks(outs4, tile.outs) * groups * chunks);
    },
    wgsl: /* wgsl */ `
const ALONG = THREADS / ACROSS;
const TILE_P = ALONG * PIXELS;
const TILE_O = ACROSS * OUTS;
// Steps from one load of a thread to its next.
const X_STEPS = THREADS / TILE_P;
const W_STEPS = THREADS / TILE_O;
var<workgroup> xs: array<vec4f, TILE_P * ${STEP}u>;
var<workgroup> ws: array<vec4f, TILE_O * ${STEP}u>;

@compute @workgroup_size(THREADS)
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

${PLACE}
${staging.setup}
  var sums: array<vec4f, PIXELS * OUTS * 4u>;
  var first = 0u;
${staging.fetch}
  while (first < length) {
    workgroupBarrier();
    @unroll for (var v = 0u; v < X_LOADS; v++) {
      xs[v * THREADS + lane] = select(vec4f(), x_new[v], x_inside[v]);
    }
    @unroll for (var v = 0u; v < W_LOADS; v++) {
      let e = v * THREADS + lane;
      if (e < TILE_O * ${STEP}u) { ws[e] = select(vec4f(), w_new[v], w_inside[v]); }
    }
    workgroupBarrier();
    first += ${STEP}u;
${staging.advance}
${staging.fetch}
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

const tiledOf = (staging: Staging, operands: Operands) => ({
  scattered: tiled('contract_tiled', staging, operands, scattered),
  inRows: tiled('contract_tiled_rows', staging, operands, inRows),
});

const tiledBy = (staging: Staging) => ({
  f32: tiledOf(staging, 'f32'),
  f16: tiledOf(staging, 'f16'),
});

/** `whole` demands a depth, and a depth of each chunk, that steps fill; `mixed` takes any. */
export const tiledContractions = { whole: tiledBy(whole), mixed: tiledBy(mixed) };
