// Max pooling that halves a map: windows of 2×2 that tile it exactly, two side by side in one load where rows allow it.

import { defineKernel, type Kernel, linearGrid, linearMain, read, write } from './kernel.ts';

/** How many windows a thread takes at a time: two numbers of a row belong to each. */
interface Windows {
  /** Suffix of the labels. */
  readonly name: string;
  /** Numbers of a row, and of a row of the halved map. */
  readonly row: 'vec4f' | 'vec2f';
  readonly half: 'vec2f' | 'f32';
  /** As many numbers of their bits. */
  readonly bits: 'vec2u' | 'u32';
  /** The left and the right numbers of the windows. */
  readonly left: string;
  readonly right: string;
  /** The row of those that `l` and `r` are. */
  readonly join: string;
}

const two: Windows = {
  name: '_two',
  row: 'vec4f',
  half: 'vec2f',
  bits: 'vec2u',
  left: 'xz',
  right: 'yw',
  join: 'vec4f(l.x, r.x, l.y, r.y)',
};

const one: Windows = {
  name: '_one',
  row: 'vec2f',
  half: 'f32',
  bits: 'u32',
  left: 'x',
  right: 'y',
  join: 'vec2f(l, r)',
};

/**
 * The rows of a window are `top` and `top + params.columns`. Planes have whole windows, so that nothing but the row of
 * windows must be found. `first` is the place of the maximum in row order: the first wins, and NaN wins over all.
 */
const halvesBy = ({ name, row, half, bits, left, right, join }: Windows) => {
  const kernel = (label: string, bindings: Kernel['bindings'], body: string): Kernel =>
    defineKernel({
      label: label + name,
      bindings,
      // `size` counts what a thread takes at a time, `columns` how often that fits a row.
      params: { size: 'u32', columns: 'u32' },
      workgroups: linearGrid,
      wgsl: /* wgsl */ `
alias Half = ${half};
struct Greatest { value: Half, place: ${bits} }
fn take(g: Greatest, v: Half, place: u32) -> Greatest {
  let better = (v > g.value) | ((bitcast<${bits}>(v) & ${bits}(0x7fffffffu)) > ${bits}(0x7f800000u));
  return Greatest(select(g.value, v, better), select(g.place, ${bits}(place), better));
}
fn greatest(upper: ${row}, lower: ${row}) -> Greatest {
  var g = Greatest(upper.${left}, ${bits}(0u));
  g = take(g, upper.${right}, 1u);
  g = take(g, lower.${left}, 2u);
  return take(g, lower.${right}, 3u);
}
fn joined(l: Half, r: Half) -> ${row} { return ${join}; }
${linearMain(/* wgsl */ `
  let top = i + i / params.columns * params.columns;
  let g = greatest(x[top], x[top + params.columns]);
${body}`)}`,
    });
  return {
    /** y[o] = max of the window. */
    pool: kernel('max_pool_halves', { x: read(row), y: write(half) }, '  y[i] = g.value;'),
    /** y[o] = v where x is largest in the window. */
    gather: kernel(
      'max_pool_halves_gather',
      { v: read(row), x: read(row), y: write(half) },
      /* wgsl */ `
  let upper = v[top];
  let lower = v[top + params.columns];
  let above = select(upper.${left}, upper.${right}, g.place == ${bits}(1u));
  let below = select(lower.${left}, lower.${right}, g.place == ${bits}(3u));
  y[i] = select(above, below, g.place >= ${bits}(2u));`,
    ),
    /** dx = dy where x is largest in its window, otherwise 0. */
    inputGrad: kernel(
      'max_pool_halves_input_grad',
      { dy: read(half), x: read(row), dx: write(row) },
      /* wgsl */ `
  let value = dy[i];
  dx[top] = joined(select(Half(), value, g.place == ${bits}(0u)), select(Half(), value, g.place == ${bits}(1u)));
  dx[top + params.columns] =
    joined(select(Half(), value, g.place == ${bits}(2u)), select(Half(), value, g.place == ${bits}(3u)));`,
    ),
  };
};

export const maxPoolHalves = { two: halvesBy(two), one: halvesBy(one) };
