// Prints what the library adds to a web page: the minified and compressed size of each whole entry point.
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';

const root = fileURLToPath(new URL('..', import.meta.url));

const PARTS = {
  'Gpu, grad, defineOp': "export { Gpu, grad, defineOp } from 'gfsr/engine'",
  engine: "export * from 'gfsr/engine'",
  'engine + model': "export * from 'gfsr/engine'; export * from 'gfsr/model'",
  'all of gfsr': "export * from 'gfsr'; export * from 'gfsr/engine'; export * from 'gfsr/model'",
};

const kB = (bytes) => `${(bytes / 1000).toFixed(1)} kB`.padStart(9);

console.log(`${'bundle'.padEnd(20)} ${'minified'.padStart(9)} ${'gzip'.padStart(9)}`);
for (const [name, contents] of Object.entries(PARTS)) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    conditions: ['gfsr-source'],
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    write: false,
  });
  const code = outputFiles[0].contents;
  console.log(`${name.padEnd(20)} ${kB(code.length)} ${kB(gzipSync(code, { level: 9 }).length)}`);
}
