// What the convolutions of few channels share: sizes, how neighbours are read and stored, what a thread sums.

import type { Binding, Scalar } from './kernel.ts';

/** How four neighbours are read and stored. */
export interface Quads {
  /** Suffix of the label. */
  readonly name: string;
  readonly element: Binding['element'];
  /** Numbers of an element. */
  readonly width: 1 | 4;
  /** Statement that stores `sum` at `at`, of which only \`columns\` are inside the row. */
  readonly store: string;
  /** Expression for the four numbers from `at` on, 0 past `columns`. */
  readonly load: string;
}

/** Rows are whole quads, so that four numbers are one vector. */
export const aligned: Quads = {
  name: '',
  element: 'vec4f',
  width: 4,
  store: 'y[at / 4u] = sum;',
  load: 'dy[at / 4u]',
};

/** From the last to the first, so that the row's last number overwrites what was stored past the row. */
export const ragged: Quads = {
  name: '_ragged',
  element: 'f32',
  width: 1,
  store: /* wgsl */ `
    y[at + min(3u, columns - 1u)] = sum.w;
    y[at + min(2u, columns - 1u)] = sum.z;
    y[at + min(1u, columns - 1u)] = sum.y;
    y[at] = sum.x;`,
  load: /* wgsl */ `select(vec4f(),
          vec4f(dy[at], dy[at + min(1u, columns - 1u)], dy[at + min(2u, columns - 1u)], dy[at + min(3u, columns - 1u)]),
          vec4u(0u, 1u, 2u, 3u) < vec4u(columns))`,
};

export const SHAPE = {
  n: 'u32',
  /** Channels that the sum runs over, and outputs, of one group. */
  depth: 'u32',
  outs: 'u32',
  groups: 'u32',
  oh: 'u32',
  ow: 'u32',
  h: 'u32',
  w_in: 'u32',
  kh: 'u32',
  kw: 'u32',
  /** Output place p and tap t read x at (p·scale + t·step + offset) / DIVISOR, where that is whole. */
  scale: 'i32',
  step: 'i32',
  offset: 'i32',
} as const satisfies Record<string, Scalar>;

/**
 * Beginning of a weight gradient: which chunk of rows, channel, outputs and group a thread sums, and for which row of
 * taps. `tapsY`: how many of them it takes, 1 or all.
 */
export const weightGradStart = (
  workgroup: number,
  tapsY = '1u',
): string => /* wgsl */ `@compute @workgroup_size(${workgroup})
fn main(@builtin(workgroup_id) group: vec3u, @builtin(num_workgroups) grid: vec3u,
        @builtin(local_invocation_index) lane: u32) {
  let tiles = (params.outs + OUTS - 1u) / OUTS;
  let bands = params.kh / ${tapsY};
  let item = (group.x + group.y * grid.x) * ${workgroup}u + lane;
  if (item >= params.chunks * params.depth * params.groups * bands * tiles) { return; }
  let chunk = item % params.chunks;
  let u = item / params.chunks % bands;
  let c = item / (params.chunks * bands) % params.depth;
  let o_first = item / (params.chunks * bands * params.depth) % tiles * OUTS;
  let g = item / (params.chunks * bands * params.depth * tiles);
  let outs = min(OUTS, params.outs - o_first);
`;
