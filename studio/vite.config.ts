// Builds the marking page into dist/studio, from which `gfsr annotate` serves it: npx vite build studio

import { readFileSync } from 'node:fs';
import { defineConfig } from 'vite';

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

export default defineConfig({
  resolve: { conditions: ['gfsr-source'] },
  define: { __GFSR_VERSION__: JSON.stringify(version) },
  worker: { format: 'es' },
  // Paths in the page are relative to it, so that it works under any address.
  base: './',
  build: { outDir: '../dist/studio', emptyOutDir: true, target: 'es2022', modulePreload: false },
});
