// Builds the page into dist/studio, for `gfsr annotate` and for any static server: npx vite build studio

import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { zipSync } from 'fflate';
import { defineConfig, type Plugin } from 'vite';
import { DEMO_FILE } from './demo/demo.ts';
import { demoFiles } from './demo/demo-files.ts';

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** The data set of the demo, beside the page, for those who ask for it. */
const demo: Plugin = {
  name: 'demo',
  apply: 'build',
  async generateBundle() {
    const source = zipSync(Object.fromEntries(await demoFiles()));
    this.emitFile({ type: 'asset', fileName: DEMO_FILE, source });
  },
};

/** Neither is part of what opens without a network: a server's page, and what is fetched when it is asked for. */
const LEFT_OUT = ['served.html', DEMO_FILE];

/** The service worker with the names of the files that it keeps, and a version that changes with any of them. */
const offline: Plugin = {
  name: 'offline',
  apply: 'build',
  enforce: 'post',
  generateBundle(_, bundle) {
    const names = Object.keys(bundle).filter((name) => !LEFT_OUT.includes(name));
    const version = createHash('sha256');
    for (const name of names.sort()) {
      const file = bundle[name];
      version.update(name).update(file.type === 'chunk' ? file.code : file.source);
    }
    const kept = { version: version.digest('hex').slice(0, 16), files: ['./', ...names] };
    const source = readFileSync(here('./service-worker.js'), 'utf8');
    this.emitFile({
      type: 'asset',
      fileName: 'service-worker.js',
      source: source.replace('KEPT_FILES', JSON.stringify(kept)),
    });
  },
};

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'));

export default defineConfig({
  resolve: {
    conditions: ['gfsr-source'],
    alias: {
      // pngjs has a build for browsers, but does not name it for bundlers.
      pngjs: 'pngjs/browser.js',
      // The DICOM codecs ask for these in Node only; without a stand-in, each build warns of them.
      fs: here('./open/no-module.ts'),
      path: here('./open/no-module.ts'),
    },
  },
  define: { __GFSR_VERSION__: JSON.stringify(version) },
  worker: { format: 'es' },
  plugins: [demo, offline],
  // Paths in the page are relative to it, so that it works under any address.
  base: './',
  build: {
    outDir: '../dist/studio',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: false,
    rollupOptions: {
      input: {
        index: here('./index.html'),
        served: here('./served.html'),
        embed: here('./embed/gfsr-studio.tsx'),
      },
      // Other pages import the studio by this name.
      output: {
        entryFileNames: ({ name }) =>
          name === 'embed' ? 'gfsr-studio.js' : 'assets/[name]-[hash].js',
      },
      preserveEntrySignatures: 'exports-only',
    },
  },
});
