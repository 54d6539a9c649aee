// Builds the marking page into dist/studio, from which `gfsr annotate` serves it: npx vite build studio

import { defineConfig } from 'vite';

export default defineConfig({
  resolve: { conditions: ['gfsr-source'] },
  worker: { format: 'es' },
  // Paths in the page are relative to it, so that it works under any address.
  base: './',
  build: { outDir: '../dist/studio', emptyOutDir: true, target: 'es2022', modulePreload: false },
});
