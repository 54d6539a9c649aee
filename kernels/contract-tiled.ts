// The contraction by workgroups: tiles of both operands in shared memory, for adapters whose lanes and memory are real.

import { GEOMETRY, inRows, OPERANDS, type Operands, type Store, scattered } from './contraction.ts';
import { defineKernel, foldGrid, type Kernel, read, write } from './kernel.ts';

/** Threads of a workgroup. */
export const SHARED_WORKGROUP = 256;
const WORKGROUP = SHARED_WORKGROUP;
/** Products of the sum that are in shared memory at a time. */
const STEP = 8;

const blocks = (items: number, size: number) => Math.ceil(items / size);

/** How a workgroup of 256 is laid over its tile, and the vectors of pixels and of outputs that one thread computes. */
export interface SharedTile {
  /** Threads along the outputs; the rest of the 256 is along the pixels. */
  readonly ACROSS: number;
  readonly PIXELS: number;
  readonly OUTS: number;
}

/** Bytes of workgroup memory that a tile takes. */
export const sharedBytes = ({ ACROSS, PIXELS, OUTS }: SharedTile): number =>
  16 * STEP * ((WORKGROUP / ACROSS) * PIXELS + ACROSS * OUTS);

/**
 * Taps and depth are one axis, cut into steps: a step's x (gathered by place and tap) and w go to shared memory, each
 * vector loaded once by a workgroup, and every thread adds the outer products of its own vectors.
 */
const tiled = (label: string, operands: Operands, { element, store }: Store): Kernel => {
  const packed = OPERANDS[operands];
  return defineKernel({
    label: label + packed.suffix,
    bindings: { x: read(packed.element), w: read(packed.element), y: write(element) },
    params: GEOMETRY,
    constants: { ACROSS: 'u32', PIXELS: 'u32', OUTS: 'u32', DIVISOR: 'i32' },
    workgroups: ({ pixels, outs4, groups, chunks, ACROSS, PIXELS, OUTS }) =>
      foldGrid(
        blocks(pixels, (WORKGROUP / ACROSS) * PIXELS) *
          blocks(outs4, ACROSS * OUTS) *
          groups *
          chunks,
      ),
    wgsl: /* wgsl */ `
const ALONG = ${WORKGROUP}u / ACROSS;
const TILE_P = ALONG * PIXELS;
const TILE_O = ACROSS * OUTS;
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
  let x_group = g * params.x_group + k_first * params.x_depth;
  let w_group = g * params.w_group + k_first * params.w_depth + tap_first * params.w_tap;
  let along = lane % ALONG;
  let across = lane / ALONG;

  var sums: array<vec4f, PIXELS * OUTS * 4u>;
  for (var first = 0u; first < length; first += ${STEP}u) {
    for (var e = lane; e < TILE_P * ${STEP}u; e += ${WORKGROUP}u) {
      let step = first + e / TILE_P;
      let tap = tap_first + step / depth;
      let p = min(p_first + e % TILE_P, params.pixels - 1u);
      let place = p / params.batch4;
      let y = i32(place / params.ow) * params.scale + i32(tap / params.kw) * params.step + params.offset;
      let c = i32(place % params.ow) * params.scale + i32(tap % params.kw) * params.step + params.offset;
      let iy = y / DIVISOR;
      let ix = c / DIVISOR;
      let inside = (step < length) & (y >= 0) & (c >= 0) & (iy < i32(params.h)) & (ix < i32(params.w_in))
        & (iy * DIVISOR == y) & (ix * DIVISOR == c);
      let at = x_group + step % depth * params.x_depth + p % params.batch4
        + (u32(iy) * params.w_in + u32(ix)) * params.x_place;
      xs[e] = select(vec4f(), vec4f(x[select(0u, at, inside)]), inside);
    }
    for (var e = lane; e < TILE_O * ${STEP}u; e += ${WORKGROUP}u) {
      let step = first + e / TILE_O;
      let inside = step < length;
      let at = w_group + step / depth * params.w_tap + step % depth * params.w_depth
        + min(o_first + e % TILE_O, params.outs4 - 1u);
      ws[e] = select(vec4f(), vec4f(w[select(0u, at, inside)]), inside);
    }
    workgroupBarrier();
    for (var s = 0u; s < ${STEP}u; s++) {
      var xv: array<vec4f, PIXELS>;
      for (var i = 0u; i < PIXELS; i++) { xv[i] = xs[s * TILE_P + i * ALONG + along]; }
      for (var j = 0u; j < OUTS; j++) {
        let wv = ws[s * TILE_O + j * ACROSS + across];
        for (var i = 0u; i < PIXELS; i++) {
          let q = (i * OUTS + j) * 4u;
          sums[q] += wv.x * xv[i];
          sums[q + 1u] += wv.y * xv[i];
          sums[q + 2u] += wv.z * xv[i];
          sums[q + 3u] += wv.w * xv[i];
        }
      }
    }
    workgroupBarrier();
  }

  for (var i = 0u; i < PIXELS; i++) {
    let p = p_first + i * ALONG + along;
    let n = p % params.batch4;
    let y_first = chunk * params.y_chunk + g * params.y_group + n * 4u * params.y_batch
      + p / params.batch4 * params.y_place;
    let last = min(3u, params.batch - min(n * 4u, params.batch - 1u) - 1u);
    for (var j = 0u; j < OUTS * 4u; j++) {
      let o = (o_first + j / 4u * ACROSS + across) * 4u + j % 4u;
      if (p >= params.pixels || o >= params.outs) { continue; }
      let at = y_first + o * params.y_out;
      let sum = sums[i * OUTS * 4u + j];
${store}
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
