// Resize of the last two axes and its adjoint: nearest, and bilinear as PyTorch's align_corners = false.

import { defineKernel, linearGrid, linearMain, read, type Scalar, write } from './kernel.ts';

const GEOMETRY = { size: 'u32', h: 'u32', w: 'u32', oh: 'u32', ow: 'u32' } satisfies Record<
  string,
  Scalar
>;

/** The two source cells of an output cell (`low`, `low + 1` clamped) and the weight of the second. */
const SOURCE = /* wgsl */ `
struct Source { low: u32, high: u32, weight: f32 }
fn source(at: u32, size: u32, out_size: u32) -> Source {
  let p = max((f32(at) + 0.5) * (f32(size) / f32(out_size)) - 0.5, 0.0);
  let low = min(u32(p), size - 1u);
  return Source(low, min(low + 1u, size - 1u), clamp(p - f32(low), 0.0, 1.0));
}
`;

export const resizeBilinear = defineKernel({
  label: 'resize_bilinear',
  bindings: { x: read(), y: write() },
  params: GEOMETRY,
  workgroups: linearGrid,
  wgsl:
    SOURCE +
    linearMain(/* wgsl */ `
  let sx = source(i % params.ow, params.w, params.ow);
  let sy = source((i / params.ow) % params.oh, params.h, params.oh);
  let plane = i / (params.ow * params.oh) * params.h * params.w;
  let top = mix(x[plane + sy.low * params.w + sx.low], x[plane + sy.low * params.w + sx.high], sx.weight);
  let bottom = mix(x[plane + sy.high * params.w + sx.low], x[plane + sy.high * params.w + sx.high], sx.weight);
  y[i] = mix(top, bottom, sy.weight);`),
});

/** dx[p] = Σ weight(o, p)·dy[o]: each input cell gathers from the outputs that read it. */
export const resizeBilinearInputGrad = defineKernel({
  label: 'resize_bilinear_input_grad',
  bindings: { dy: read(), dx: write() },
  params: GEOMETRY,
  workgroups: linearGrid,
  wgsl:
    SOURCE +
    /* wgsl */ `
// Outputs whose source may be cell \`at\`: those with a centre within one cell of it, plus one for rounding.
fn first_reader(at: u32, size: u32, out_size: u32) -> u32 {
  return u32(max((f32(at) - 0.5) * (f32(out_size) / f32(size)) - 1.5, 0.0));
}
fn last_reader(at: u32, size: u32, out_size: u32) -> u32 {
  let end = (f32(at) + 1.5) * (f32(out_size) / f32(size)) + 1.5;
  return select(min(u32(end) + 1u, out_size), out_size, at + 1u == size);
}
fn weight(s: Source, at: u32) -> f32 {
  return select(0.0, 1.0 - s.weight, s.low == at) + select(0.0, s.weight, s.high == at);
}
${linearMain(/* wgsl */ `
  let ix = i % params.w;
  let iy = (i / params.w) % params.h;
  let plane = i / (params.w * params.h) * params.oh * params.ow;
  var total = 0.0;
  for (var oy = first_reader(iy, params.h, params.oh); oy < last_reader(iy, params.h, params.oh); oy++) {
    let down = weight(source(oy, params.h, params.oh), iy);
    for (var ox = first_reader(ix, params.w, params.ow); ox < last_reader(ix, params.w, params.ow); ox++) {
      total += down * weight(source(ox, params.w, params.ow), ix) * dy[plane + oy * params.ow + ox];
    }
  }
  dx[i] = total;`)}`,
});

/** y[o] = x[⌊o·size/out_size⌋] along both axes. */
export const resizeNearest = defineKernel({
  label: 'resize_nearest',
  bindings: { x: read(), y: write() },
  params: GEOMETRY,
  workgroups: linearGrid,
  wgsl: linearMain(/* wgsl */ `
  let ix = i % params.ow * params.w / params.ow;
  let iy = (i / params.ow) % params.oh * params.h / params.oh;
  y[i] = x[(i / (params.ow * params.oh) * params.h + iy) * params.w + ix];`),
});

/** dx[p] = Σ dy[o] over the outputs o that read p. They are adjacent. */
export const resizeNearestInputGrad = defineKernel({
  label: 'resize_nearest_input_grad',
  bindings: { dy: read(), dx: write() },
  params: GEOMETRY,
  workgroups: linearGrid,
  wgsl: /* wgsl */ `
fn first_copy(at: u32, size: u32, out_size: u32) -> u32 { return (at * out_size + size - 1u) / size; }
${linearMain(/* wgsl */ `
  let ix = i % params.w;
  let iy = (i / params.w) % params.h;
  let plane = i / (params.w * params.h) * params.oh * params.ow;
  let x_end = first_copy(ix + 1u, params.w, params.ow);
  let y_end = first_copy(iy + 1u, params.h, params.oh);
  var total = 0.0;
  for (var oy = first_copy(iy, params.h, params.oh); oy < y_end; oy++) {
    for (var ox = first_copy(ix, params.w, params.ow); ox < x_end; ox++) {
      total += dy[plane + oy * params.ow + ox];
    }
  }
  dx[i] = total;`)}`,
});
