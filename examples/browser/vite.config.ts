// Builds the page into a folder of files: npx vite build examples/browser --outDir <folder>

import { defineConfig } from 'vite';

export default defineConfig({
  // Within this repository, `gfsr` is its source; in a project that installed the package, leave this out.
  resolve: { conditions: ['gfsr-source'] },
  build: { target: 'es2022' },
});
