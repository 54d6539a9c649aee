// Bundles of the package: parts of the engine compute the same as the whole, and the library builds for browsers.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { BUNDLERS } from '../support/bundlers.ts';
import { testGpu } from '../support/gpu.ts';
import { installPackage } from '../support/package.ts';

const { project, write } = installPackage();

/** What each program computes from x, a parameter of [4, 4, 1, 1], with the op that it is named after. */
const PROGRAMS: Readonly<Record<string, string>> = {
  add: 'add(x, x)',
  conv2d: 'conv2d(x, x)',
  maxPool2d: 'maxPool2d(x, { kernelSize: 1 })',
  sum: 'sum(x, [1])',
  // An op of the user's own; x comes in twice, so its gradients are added up.
  defineOp: `defineOp('first', {
    inputs: ['a', 'b'],
    shape: ([a]) => a.shape,
    forward: 'view',
    vjp: [({ dy }) => dy, ({ dy }) => dy],
  })([x, x])`,
};

/** A module whose `run` gives y and ∂(½ y²)/∂x. */
const program = (name: string) => `
import { Gpu, grad, ${name} } from 'gfsr/engine';
export async function run(device) {
  const gpu = new Gpu(device);
  const x = gpu.parameter(Float32Array.from({ length: 16 }, (_, i) => i / 8 - 1), [4, 4, 1, 1]);
  const y = ${PROGRAMS[name]};
  const [dx] = grad(y, [x], { gradOutput: y });
  return [...(await y.data()), ...(await dx.data())];
}`;

/** Vite bundles with Rollup: once, for the whole, is enough. */
const { vite: _, ...partBundlers } = BUNDLERS;

const importFile = (path: string) => import(pathToFileURL(path).href);

for (const name of Object.keys(PROGRAMS)) {
  test(`{ Gpu, grad, ${name} } computes the same from a bundle of each bundler`, async () => {
    const { device } = await testGpu();
    const entry = write(`${name}.js`, program(name));
    const expected = await (await importFile(entry)).run(device);
    assert.ok(expected.slice(-16).some((value: number) => value !== 0));
    for (const [bundler, bundle] of Object.entries(partBundlers)) {
      const out = join(project, `${name}.${bundler}.mjs`);
      await bundle(entry, out);
      assert.equal(await (await importFile(out)).run(device), expected, bundler);
    }
  });
}

test('a bundle of one op leaves the others out', async () => {
  const size = async (name: string) => {
    const out = join(project, `${name}.size.mjs`);
    await BUNDLERS.esbuild(write(`${name}.js`, program(name)), out);
    return readFileSync(out).length;
  };
  const [op, conv2d] = [await size('defineOp'), await size('conv2d')];
  assert.ok(op < conv2d / 2, `${op} bytes beside ${conv2d} of conv2d`);
});

for (const [bundler, bundle] of Object.entries(BUNDLERS)) {
  test(`${bundler} builds all of gfsr for browsers`, async () => {
    const names = ['gfsr', 'gfsr/engine', 'gfsr/kernels', 'gfsr/model'];
    const entry = write(
      'all.js',
      names.map((name, i) => `export * as m${i} from '${name}';`).join('\n'),
    );
    const out = join(project, `all.${bundler}.mjs`);
    await bundle(entry, out);
    const code = readFileSync(out, 'utf8');
    assert.ok(code.length > 100_000);
    assert.not.match(code, /["'`]node:/);
  });
}

test.run();
