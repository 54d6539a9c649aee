// One interface to the bundlers that users have: an entry file in, one ES module for browsers out.

import { readFileSync, writeFileSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { nodeResolve } from '@rollup/plugin-node-resolve';
import { build as esbuild } from 'esbuild';
import { rollup } from 'rollup';
import { build as vite } from 'vite';
import webpack from 'webpack';

/** Bundles `entry` into the file `out`, minified. @throws Error if it fails or warns */
export type Bundler = (entry: string, out: string) => Promise<void>;

const withEsbuild: Bundler = async (entry, out) => {
  const { warnings } = await esbuild({
    entryPoints: [entry],
    outfile: out,
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    logLevel: 'silent',
  });
  refuse(warnings.map(({ text }) => text));
};

const withRollup: Bundler = async (entry, out) => {
  const warnings: string[] = [];
  const bundle = await rollup({
    input: entry,
    plugins: [nodeResolve({ browser: true })],
    // tests/structure.test.ts says which circles are allowed.
    onwarn: ({ code, message }) => code === 'CIRCULAR_DEPENDENCY' || warnings.push(message),
  });
  const { output } = await bundle.generate({ format: 'es', inlineDynamicImports: true });
  await bundle.close();
  refuse(warnings);
  writeFileSync(out, output[0].code);
};

const withWebpack: Bundler = (entry, out) =>
  new Promise((resolve, reject) => {
    const compiler = webpack({
      mode: 'production',
      target: 'web',
      context: dirname(entry),
      entry,
      experiments: { outputModule: true },
      output: { path: dirname(out), filename: basename(out), library: { type: 'module' } },
      performance: { hints: false },
      devtool: false,
    });
    compiler?.run((error, stats) => {
      const { errors = [], warnings = [] } = stats?.toJson({ errors: true, warnings: true }) ?? {};
      compiler.close(() => {
        try {
          if (error) throw error;
          refuse([...errors, ...warnings].map(({ message }) => message));
          resolve();
        } catch (refused) {
          reject(refused);
        }
      });
    });
  });

const withVite: Bundler = async (entry, out) => {
  await vite({
    root: dirname(entry),
    configFile: false,
    logLevel: 'silent',
    build: {
      lib: { entry, formats: ['es'], fileName: () => basename(out) },
      outDir: dirname(out),
      emptyOutDir: false,
      target: 'es2022',
    },
  });
  // For a Node module, Vite only warns, and uses an empty module instead.
  if (/__vite-browser-external|browser-external:/.test(readFileSync(out, 'utf8'))) {
    throw new Error('vite put an empty module in place of one of Node.');
  }
};

export const BUNDLERS: Readonly<Record<string, Bundler>> = {
  esbuild: withEsbuild,
  rollup: withRollup,
  webpack: withWebpack,
  vite: withVite,
};

function refuse(problems: readonly string[]): void {
  if (problems.length > 0) throw new Error(problems.join('\n'));
}
