// Copies values unchanged into another tensor of the same size.

import { defineKernel, read, vectorGrid, vectorMain, write } from './kernel.ts';

/** y = x, bit for bit. */
export const copy = defineKernel({
  label: 'copy',
  bindings: { x: read('vec4f'), y: write('vec4f') },
  params: { size: 'u32' },
  workgroups: vectorGrid,
  wgsl: vectorMain('      let r = x[i];'),
});
