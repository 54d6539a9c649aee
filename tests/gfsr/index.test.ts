// The public names: chosen by hand, each once, and none of `gfsr` reaches a module of Node's.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as gfsr from '../../gfsr/index.ts';
import * as node from '../../gfsr/node.ts';

const source = (entry: string) => new URL(`../../gfsr/${entry}.ts`, import.meta.url);

/** The modules that a browser loads with `entry`, and the packages they name. */
function reachable(entry: URL): { files: string[]; packages: string[] } {
  const files = new Set([entry.href]);
  const packages = new Set<string>();
  for (const href of files) {
    const text = readFileSync(new URL(href), 'utf8');
    const imports = [
      ...text.matchAll(/^(?:import|export)\s(?!type\s)[^;]*?\sfrom '([^']+)';/gm),
      ...text.matchAll(/\bimport\('([^']+)'\)/g),
    ];
    for (const [, specifier] of imports) {
      if (specifier.startsWith('.')) files.add(new URL(specifier, href).href);
      else packages.add(specifier);
    }
  }
  return { files: [...files], packages: [...packages] };
}

for (const entry of ['index', 'job/training', 'store/stored-run']) {
  test(`gfsr/${entry}.ts reaches no module that runs in Node alone`, () => {
    const { files, packages } = reachable(source(entry));
    assert.ok(files.length > 50);
    assert.equal(
      packages.filter((name) => name.startsWith('node:')),
      [],
    );
    assert.ok(packages.includes('valibot'));
  });
}

test('a module of Node is found where one is reached', () => {
  assert.ok(reachable(source('node')).packages.includes('node:fs'));
});

for (const entry of ['index', 'node']) {
  test(`gfsr/${entry}.ts names what it exports`, () => {
    assert.not.match(readFileSync(source(entry), 'utf8'), /^export \*/m);
  });
}

test('gfsr has a number of names that one can look through', () => {
  const { length } = Object.keys(gfsr);
  assert.ok(length >= 50 && length <= 70, `${length} names`);
});

test('no name is in both', () => {
  assert.equal(
    Object.keys(node).filter((name) => name in gfsr),
    [],
  );
});

test.run();
