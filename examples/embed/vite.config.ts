// Builds the page into a folder of files: npx vite build examples/embed --outDir <folder>

import { defineConfig } from 'vite';

export default defineConfig({
  // Within this repository, `gfsr` is its source; in a project that installed the package, leave out these two.
  resolve: { conditions: ['gfsr-source'], alias: { pngjs: 'pngjs/browser.js' } },
  define: { __GFSR_VERSION__: '"example"' },
  worker: { format: 'es' },
  build: { target: 'es2022' },
});
