// Two gradients of the same parameters become one: their inner products, and their sum without what is in conflict.

import { defineKernel, linearGrid, linearMain, read, write } from './kernel.ts';

/** Elements to a block; in the last block of a tensor, only the first ones belong to it. */
export const BLOCK = 64;

/**
 * y [3, size]: parts of Σ g·g, Σ h·h and Σ g·h over those elements of g and h that belong to a tensor, `counts` of each
 * block. `size` is a multiple of the block, so that an invocation keeps its place in it.
 */
export const gradientProducts = defineKernel({
  label: 'gradient_products',
  bindings: { g: read(), h: read(), counts: read('u32'), y: write() },
  params: { size: 'u32', length: 'u32' },
  workgroups: linearGrid,
  wgsl: linearMain(/* wgsl */ `
  var gg = 0.0;
  var hh = 0.0;
  var gh = 0.0;
  for (var at = i; at < params.length; at += params.size) {
    if (at % ${BLOCK}u < counts[at / ${BLOCK}u]) {
      gg += g[at] * g[at];
      hh += h[at] * h[at];
      gh += g[at] * h[at];
    }
  }
  y[i] = gg;
  y[params.size + i] = hh;
  y[2u * params.size + i] = gh;`),
});

/**
 * y = h + w·(g − a·h), with a = (g·h)/(h·h) if the gradients conflict (g·h < 0) and `conflict_free` is 1, else 0. The
 * weight w is `factor`, reduced to what makes w·‖g − a·h‖ = max_ratio·‖h‖ where it would be more and max_ratio > 0.
 * `products` = [g·g, h·h, g·h].
 */
export const combineGradients = defineKernel({
  label: 'combine_gradients',
  bindings: { g: read(), h: read(), products: read(), factor: read(), y: write() },
  params: { size: 'u32', conflict_free: 'u32', max_ratio: 'f32' },
  workgroups: linearGrid,
  wgsl: linearMain(/* wgsl */ `
  let hh = products[1];
  let gh = products[2];
  let conflict = (params.conflict_free == 1u) & (gh < 0.0) & (hh > 0.0);
  let a = select(0.0, gh / hh, conflict);
  let most = params.max_ratio * sqrt(hh);
  let length = factor[0] * sqrt(max(0.0, products[0] - a * gh));
  let capped = (params.max_ratio > 0.0) & (length > most);
  let w = select(factor[0], factor[0] * (most / length), capped);
  y[i] = h[i] + w * (g[i] - a * h[i]);`),
});
