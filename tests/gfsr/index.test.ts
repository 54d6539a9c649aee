// The library's entry: what a program needs is there, and nothing behind it needs Node.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as gfsr from '../../gfsr/index.ts';

/** The modules that a browser loads with `entry`, and the packages they name. */
function reachable(entry: URL): { files: string[]; packages: string[] } {
  const files = new Set([entry.href]);
  const packages = new Set<string>();
  for (const href of files) {
    const source = readFileSync(new URL(href), 'utf8');
    const imports = source.matchAll(/^(?:import|export)\s(?!type\s)[^;]*?\sfrom '([^']+)';/gm);
    for (const [, specifier] of imports) {
      if (specifier.startsWith('.')) files.add(new URL(specifier, href).href);
      else packages.add(specifier);
    }
  }
  return { files: [...files], packages: [...packages] };
}

test('offers data, annotations, masks, training, metrics and settings', () => {
  const names = [
    ...['decoyMnist', 'readMedmnist', 'parseAnnotations', 'simulateAnnotations', 'buildMasks'],
    ...['relevanceLosses', 'Trainer', 'runExperiment', 'evaluate', 'ALIGNMENT_METRICS'],
    ...['parseConfig', 'defaultConfig', 'SETTINGS'],
  ];
  for (const name of names) assert.ok(name in gfsr, name);
});

test('reaches no module that runs in Node alone', () => {
  const { files, packages } = reachable(new URL('../../gfsr/index.ts', import.meta.url));
  assert.ok(files.length > 50);
  assert.equal(packages.sort(), ['fflate', 'valibot']);
});

test.run();
