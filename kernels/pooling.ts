// Max and average pooling over windows, and their gradients, without atomics: each thread gathers.

import { defineKernel, linearGrid, linearMain, read, type Scalar, write } from './kernel.ts';

const GEOMETRY = {
  size: 'u32',
  h: 'u32',
  w: 'u32',
  oh: 'u32',
  ow: 'u32',
  kernel_size: 'u32',
  stride: 'u32',
  padding: 'u32',
} satisfies Record<string, Scalar>;

/** The window's size, and whether windows may cross the edge. As constants, they let loops unroll without checks. */
const WINDOW = { K: 'u32', PADDED: 'u32' } satisfies Record<string, Scalar>;

/** Where the window of output `o` begins, not counting padding, and the plane of x that it lies in. */
const PLACE = /* wgsl */ `
struct Place { x: u32, y: u32, plane: u32 }
fn place(o: u32) -> Place {
  let row = o / params.ow;
  let plane = row / params.oh;
  return Place((o - row * params.ow) * params.stride, (row - plane * params.oh) * params.stride,
    plane * params.h * params.w);
}
`;

/**
 * Position in x of the maximum of the window at `p` (the first in row order wins; NaN wins over all). Padding is
 * less than the window, so that its last element before the far edge is always inside.
 */
const ARGMAX = /* wgsl */ `${PLACE}
fn is_nan(v: f32) -> bool { return (bitcast<u32>(v) & 0x7fffffffu) > 0x7f800000u; } // v != v is optimised away
fn argmax(p: Place) -> u32 {
  var best = p.plane + p.y * params.w + p.x;
  if (PADDED == 1u) {
    best = p.plane + (max(p.y, params.padding) - params.padding) * params.w
      + max(p.x, params.padding) - params.padding;
  }
  var most = x[best];
  for (var dy = 0u; dy < K; dy++) {
    for (var dx = 0u; dx < K; dx++) {
      var at = p.plane + (p.y + dy) * params.w + p.x + dx;
      var inside = true;
      if (PADDED == 1u) {
        let iy = p.y + dy - params.padding; // below 0 it wraps to a huge number: outside all the same
        let ix = p.x + dx - params.padding;
        inside = iy < params.h && ix < params.w;
        at = select(best, p.plane + iy * params.w + ix, inside);
      }
      let v = x[at];
      let better = inside && (v > most || is_nan(v));
      best = select(best, at, better);
      most = select(most, v, better);
    }
  }
  return best;
}
`;

/** The outputs whose window holds input (iy, ix): rows [lo, hi) along one axis. */
const COVER = /* wgsl */ `
fn first_window(at: u32) -> u32 {
  let end = at + params.padding;
  if (end < params.kernel_size) { return 0u; }
  return (end - params.kernel_size) / params.stride + 1u;
}
fn last_window(at: u32, count: u32) -> u32 {
  return min((at + params.padding) / params.stride + 1u, count);
}
`;

const splitInput = /* wgsl */ `
  let ix = i % params.w;
  let iy = (i / params.w) % params.h;
  let outputs = i / (params.w * params.h) * params.oh * params.ow;`;

/** y[o] = max of the window. */
export const maxPool2d = defineKernel({
  label: 'max_pool2d',
  bindings: { x: read(), y: write() },
  params: GEOMETRY,
  constants: WINDOW,
  workgroups: linearGrid,
  wgsl: ARGMAX + linearMain('  y[i] = x[argmax(place(i))];'),
});

/** y[o] = v[argmax of window o in x]: the derivative of the pooling along v. */
export const maxPool2dGather = defineKernel({
  label: 'max_pool2d_gather',
  bindings: { v: read(), x: read(), y: write() },
  params: GEOMETRY,
  constants: WINDOW,
  workgroups: linearGrid,
  wgsl: ARGMAX + linearMain('  y[i] = v[argmax(place(i))];'),
});

/** dx[p] = Σ dy[o] over the windows o whose maximum is at p. */
export const maxPool2dInputGrad = defineKernel({
  label: 'max_pool2d_input_grad',
  bindings: { dy: read(), x: read(), dx: write() },
  params: GEOMETRY,
  constants: WINDOW,
  workgroups: linearGrid,
  wgsl:
    ARGMAX +
    COVER +
    linearMain(/* wgsl */ `${splitInput}
  var total = 0.0;
  for (var oy = first_window(iy); oy < last_window(iy, params.oh); oy++) {
    for (var ox = first_window(ix); ox < last_window(ix, params.ow); ox++) {
      let o = outputs + oy * params.ow + ox;
      if (argmax(place(o)) == i) { total += dy[o]; }
    }
  }
  dx[i] = total;`),
});

/**
 * The same for windows that tile x (stride = kernelSize, no padding): each thread writes one whole
 * window. The last thread of a row or column also writes the remaining elements at the edge.
 */
export const maxPool2dTileInputGrad = defineKernel({
  label: 'max_pool2d_tile_input_grad',
  bindings: { dy: read(), x: read(), dx: write() },
  params: GEOMETRY,
  constants: WINDOW,
  workgroups: linearGrid,
  wgsl:
    ARGMAX +
    linearMain(/* wgsl */ `
  let p = place(i);
  let best = argmax(p);
  let value = dy[i];
  for (var y = 0u; y < K; y++) {
    for (var x = 0u; x < K; x++) {
      let at = p.plane + (p.y + y) * params.w + p.x + x;
      dx[at] = select(0.0, value, at == best);
    }
  }
  let y_end = select(p.y + K, params.h, p.y + K == params.oh * K);
  let x_end = select(p.x + K, params.w, p.x + K == params.ow * K);
  for (var y = p.y; y < y_end; y++) {
    for (var x = p.x + select(0u, K, y < p.y + K); x < x_end; x++) { dx[p.plane + y * params.w + x] = 0.0; }
  }`),
});

/** y[o] = sum of the window / kernelSize² (padding counts as zeros). */
export const avgPool2d = defineKernel({
  label: 'avg_pool2d',
  bindings: { x: read(), y: write() },
  params: GEOMETRY,
  workgroups: linearGrid,
  wgsl: linearMain(/* wgsl */ `
  let ox = i % params.ow;
  let oy = (i / params.ow) % params.oh;
  let plane = i / (params.ow * params.oh) * params.h * params.w;
  let y0 = max(oy * params.stride, params.padding) - params.padding;
  let x0 = max(ox * params.stride, params.padding) - params.padding;
  let y1 = min(oy * params.stride + params.kernel_size, params.h + params.padding) - params.padding;
  let x1 = min(ox * params.stride + params.kernel_size, params.w + params.padding) - params.padding;
  var total = 0.0;
  for (var iy = y0; iy < y1; iy++) {
    for (var ix = x0; ix < x1; ix++) { total += x[plane + iy * params.w + ix]; }
  }
  y[i] = total / f32(params.kernel_size * params.kernel_size);`),
});

/** dx[p] = Σ dy[o] / kernelSize² over the windows o that hold p. */
export const avgPool2dInputGrad = defineKernel({
  label: 'avg_pool2d_input_grad',
  bindings: { dy: read(), dx: write() },
  params: GEOMETRY,
  workgroups: linearGrid,
  wgsl:
    COVER +
    linearMain(/* wgsl */ `${splitInput}
  var total = 0.0;
  for (var oy = first_window(iy); oy < last_window(iy, params.oh); oy++) {
    for (var ox = first_window(ix); ox < last_window(ix, params.ow); ox++) {
      total += dy[outputs + oy * params.ow + ox];
    }
  }
  dx[i] = total / f32(params.kernel_size * params.kernel_size);`),
});

const ADAPTIVE = { size: 'u32', h: 'u32', w: 'u32', oh: 'u32', ow: 'u32' } satisfies Record<
  string,
  Scalar
>;

/**
 * Cell `at` of `count` covers these cells of `size` along one axis: from ⌊at·size/count⌋ to ⌈(at + 1)·size/count⌉.
 * Two cells cover each other or neither does, so that the same rule gives the outputs that an input is in.
 */
const SPAN = /* wgsl */ `
struct Span { first: u32, end: u32 }
fn span(at: u32, count: u32, size: u32) -> Span {
  return Span(at * size / count, ((at + 1u) * size + count - 1u) / count);
}
fn span_length(s: Span) -> f32 { return f32(s.end - s.first); }
`;

/** y[o] = mean of the cells of x that o covers. */
export const adaptiveAvgPool2d = defineKernel({
  label: 'adaptive_avg_pool2d',
  bindings: { x: read(), y: write() },
  params: ADAPTIVE,
  workgroups: linearGrid,
  wgsl:
    SPAN +
    linearMain(/* wgsl */ `
  let across = span(i % params.ow, params.ow, params.w);
  let down = span((i / params.ow) % params.oh, params.oh, params.h);
  let plane = i / (params.ow * params.oh) * params.h * params.w;
  var total = 0.0;
  for (var iy = down.first; iy < down.end; iy++) {
    for (var ix = across.first; ix < across.end; ix++) { total += x[plane + iy * params.w + ix]; }
  }
  y[i] = total / (span_length(down) * span_length(across));`),
});

/** dx[p] = Σ dy[o] / (cells that o covers) over the outputs o that cover p. */
export const adaptiveAvgPool2dInputGrad = defineKernel({
  label: 'adaptive_avg_pool2d_input_grad',
  bindings: { dy: read(), dx: write() },
  params: ADAPTIVE,
  workgroups: linearGrid,
  wgsl:
    SPAN +
    linearMain(/* wgsl */ `
  let across = span(i % params.w, params.w, params.ow);
  let down = span((i / params.w) % params.h, params.h, params.oh);
  let plane = i / (params.w * params.h) * params.oh * params.ow;
  var total = 0.0;
  for (var oy = down.first; oy < down.end; oy++) {
    let rows = span_length(span(oy, params.oh, params.h));
    for (var ox = across.first; ox < across.end; ox++) {
      total += dy[plane + oy * params.ow + ox] / (rows * span_length(span(ox, params.ow, params.w)));
    }
  }
  dx[i] = total;`),
});
