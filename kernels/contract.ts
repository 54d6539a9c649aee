// The one hot loop of matrix multiplication, convolution and both gradients of convolution: tiles of sums in registers.

import { GEOMETRY, inRows, OPERANDS, type Operands, type Store, scattered } from './contraction.ts';
import { defineKernel, foldGrid, type Kernel, read, write } from './kernel.ts';

const blocks = (items: number, size: number) => Math.ceil(items / size);

/** Vectors of pixels and of outputs that one thread computes. */
export interface Tile {
  readonly PIXELS: number;
  readonly OUTS: number;
}

/** Where a thread keeps its sums, and how many threads start together. */
interface Sums {
  readonly workgroup: number;
  /** How a loop over what a thread holds begins. */
  readonly each: 'for' | '@unroll for';
  /** Stores all sums, by the statement `store` for each. */
  readonly storeAll: (store: string) => string;
}

/** How threads come by their weights. */
interface Threads extends Sums {
  /** Threads next to each other, in groups of this size, differ in their pixels alone. */
  readonly lanes: number;
  /** What `load` needs before. */
  readonly at: string;
  /** Fills wa and wb from w_at and w_next. */
  readonly load: string;
}

function contraction(
  label: string,
  operands: Operands,
  { workgroup, lanes, at, load, each, storeAll }: Threads,
  { element, store }: Store,
  options: Partial<Kernel> = {},
): Kernel {
  const packed = OPERANDS[operands];
  return defineKernel({
    ...options,
    label: label + packed.suffix,
    bulky: true,
    bindings: { x: read(packed.element), w: read(packed.element), y: write(element) },
    params: GEOMETRY,
    constants: { PIXELS: 'u32', OUTS: 'u32', DIVISOR: 'i32' },
    workgroups: ({ pixels, outs4, groups, chunks, PIXELS, OUTS }) => {
      const pixelTiles = blocks(blocks(pixels, PIXELS), lanes) * lanes;
      return foldGrid(blocks(pixelTiles * blocks(outs4, OUTS) * groups * chunks, workgroup));
    },
    wgsl: /* wgsl */ `
const LANES = ${lanes}u;

@compute @workgroup_size(${workgroup})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) groups: vec3u,
        @builtin(local_invocation_index) lane: u32) {
  let p_tiles = (params.pixels + PIXELS * LANES - 1u) / (PIXELS * LANES) * LANES;
  let o_tiles = (params.outs4 + OUTS - 1u) / OUTS;
  let items = p_tiles * o_tiles * params.groups * params.chunks;
  let index = (group.x + group.y * groups.x) * ${workgroup}u + lane;
  let item = min(index, items - 1u);
  let p_first = item % p_tiles * PIXELS;
  let o_first = item / p_tiles % o_tiles * OUTS;
  let g = item / (p_tiles * o_tiles) % params.groups;
  let chunk = item / (p_tiles * o_tiles * params.groups);
  let tap_first = chunk % params.tap_chunks * params.tap_chunk;
  let tap_end = min(params.taps, tap_first + params.tap_chunk);
  let k_first = chunk / params.tap_chunks * params.depth_chunk;
  let k_end = min(params.depth, k_first + params.depth_chunk);

  var x_first: array<u32, PIXELS>;
  var row: array<i32, PIXELS>;
  var column: array<i32, PIXELS>;
  var y_first: array<u32, PIXELS>;
  var batch_last: array<u32, PIXELS>;
  ${each} (var i = 0u; i < PIXELS; i++) {
    let p = min(p_first + i, params.pixels - 1u);
    let n = p % params.batch4;
    y_first[i] = chunk * params.y_chunk + g * params.y_group + n * 4u * params.y_batch
      + o_first * 4u * params.y_out + p / params.batch4 * params.y_place;
    batch_last[i] = min(3u, params.batch - n * 4u - 1u);
    x_first[i] = n + g * params.x_group + k_first * params.x_depth;
    column[i] = i32(p / params.batch4 % params.ow) * params.scale + params.offset;
    row[i] = i32(p / (params.batch4 * params.ow)) * params.scale + params.offset;
  }
  let w_group = g * params.w_group + k_first * params.w_depth;
${at}

  var sums: array<vec4f, PIXELS * OUTS * 4u>;
  var ky = i32(tap_first / params.kw);
  var kx = i32(tap_first % params.kw);
  for (var tap = tap_first; tap < tap_end; tap++) {
    var x_at: array<u32, PIXELS>;
    var inside: array<bool, PIXELS>;
    var any_inside = false;
    ${each} (var i = 0u; i < PIXELS; i++) {
      let y = row[i] + ky * params.step;
      let x = column[i] + kx * params.step;
      let iy = y / DIVISOR;
      let ix = x / DIVISOR;
      inside[i] = (y >= 0) & (x >= 0) & (iy < i32(params.h)) & (ix < i32(params.w_in))
        & (iy * DIVISOR == y) & (ix * DIVISOR == x);
      any_inside |= inside[i];
      x_at[i] = x_first[i]
        + select(0u, (u32(iy) * params.w_in + u32(ix)) * params.x_place, inside[i]);
    }
    var w_at = tap * params.w_tap;
    let end = select(k_first, k_end, ${lanes > 1 ? 'subgroupAny(any_inside)' : 'any_inside'});
    // Two depths at a time: a sum is fetched and stored once for both. Where there is no second, its x is 0.
    for (var k = k_first; k < end; k += 2u) {
      let second = k + 1u < end;
      let w_next = w_at + select(0u, params.w_depth, second);
      var wa: array<vec4f, OUTS>;
      var wb: array<vec4f, OUTS>;
${load}
      w_at += 2u * params.w_depth;
      ${each} (var i = 0u; i < PIXELS; i++) {
        let xa = select(vec4f(), vec4f(x[x_at[i]]), inside[i]);
        let x_next = x_at[i] + select(0u, params.x_depth, second);
        let xb = select(vec4f(), vec4f(x[x_next]), inside[i] & second);
        x_at[i] += 2u * params.x_depth;
        ${each} (var j = 0u; j < OUTS; j++) {
          let s = (i * OUTS + j) * 4u;
          sums[s] += wa[j].x * xa + wb[j].x * xb;
          sums[s + 1u] += wa[j].y * xa + wb[j].y * xb;
          sums[s + 2u] += wa[j].z * xa + wb[j].z * xb;
          sums[s + 3u] += wa[j].w * xa + wb[j].w * xb;
        }
      }
    }
    kx++;
    if (kx == i32(params.kw)) { kx = 0; ky++; }
  }

  if (index >= items || p_first >= params.pixels) { return; }
${storeAll(store)}
}
`,
  });
}

/** Sums in registers, which GPUs have: every index is a constant. */
const inRegisters: Sums = {
  workgroup: 64,
  each: '@unroll for',
  storeAll: (store) => /* wgsl */ `
  @unroll for (var i = 0u; i < PIXELS; i++) {
    @unroll for (var o = 0u; o < OUTS * 4u; o++) {
      if (p_first + i < params.pixels && o_first * 4u + o < params.outs) {
        let at = y_first[i] + o * params.y_out;
        let last = batch_last[i];
        let sum = sums[i * OUTS * 4u + o];
${store}
      }
    }
  }`,
};

/**
 * Sums in memory, where a software adapter keeps them: with all loops written out it takes three times as long to
 * compile, and twice as long to run. On a GPU every multiply-add would go through memory. Small workgroups, because
 * each core gets half of them or so: of nine large ones, one core would get five.
 */
const inMemory: Sums = {
  workgroup: 16,
  each: 'for',
  storeAll: (store) => /* wgsl */ `
  let outs = min(OUTS * 4u, params.outs - o_first * 4u);
  let held = min(PIXELS, params.pixels - p_first);
  let count = outs * held;
  var i = 0u;
  var o = 0u;
  for (var q = 0u; q < count; q++) {
    let at = y_first[i] + o * params.y_out;
    let last = batch_last[i];
    let sum = sums[i * OUTS * 4u + o];
${store}
    i++;
    if (i == held) { i = 0u; o++; }
  }`,
};

/**
 * Every thread loads its own weights. On lavapipe a load of eight lanes costs as much as 15 to 20 multiply-adds,
 * so that the tile decides the speed: 16 × 8 numbers are 1.1 to 1.3 times as fast as 8 × 8.
 */
const alone = (sums: Sums): Threads => ({
  ...sums,
  lanes: 1,
  at: /* wgsl */ `
  var w_first: array<u32, OUTS>;
  ${sums.each} (var j = 0u; j < OUTS; j++) { w_first[j] = min(o_first + j, params.outs4 - 1u) + w_group; }`,
  load: /* wgsl */ `
      ${sums.each} (var j = 0u; j < OUTS; j++) {
        wa[j] = vec4f(w[w_first[j] + w_at]);
        wb[j] = vec4f(w[w_first[j] + w_next]);
      }`,
});

/** Invocations of a subgroup that the subgroup kernels are made for: the width of a software adapter's vectors. */
export const SUBGROUP = 8;

/** Gives vector `j`, which invocation `j` has loaded, to the whole subgroup. */
const handRound = (j: number): string => /* wgsl */ `
      if (OUTS > ${j}u) {
        wa[min(${j}u, OUTS - 1u)] = subgroupBroadcast(mine, ${j}u);
        wb[min(${j}u, OUTS - 1u)] = subgroupBroadcast(next, ${j}u);
      }`;

/** A subgroup loads its weights once, each invocation another vector of them, and hands them round. */
const handedRound: Threads = {
  ...inMemory,
  lanes: SUBGROUP,
  at: /* wgsl */ `
  let w_mine = min(o_first + lane % LANES % OUTS, params.outs4 - 1u) + w_group;`,
  load: /* wgsl */ `
      let mine = vec4f(w[w_mine + w_at]);
      let next = vec4f(w[w_mine + w_next]);
${Array.from({ length: SUBGROUP }, (_, j) => handRound(j)).join('\n')}`,
};

const byStore = (
  operands: Operands,
  label: string,
  threads: Threads,
  options?: Partial<Kernel>,
) => ({
  scattered: contraction(label, operands, threads, scattered, options),
  inRows: contraction(`${label}_rows`, operands, threads, inRows, options),
});

const byOperands = (label: string, threads: Threads, options?: Partial<Kernel>) => ({
  f32: byStore('f32', label, threads, options),
  f16: byStore('f16', label, threads, options),
});

/** The contraction by the way in which weights are loaded, operands stored, and sums stored. */
export const contractions = {
  registers: byOperands('contract', alone(inRegisters)),
  memory: byOperands('contract_memory', alone(inMemory)),
  subgroup: byOperands('contract_subgroup', handedRound, { subgroups: true }),
};
