// How much the page loads: before it is shown, for its worker, and for DICOM images, compressed as a server does.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { buildStudio } from '../support/studio.ts';

const page = buildStudio();
const assets = join(page, 'assets');
const textOf = (name: string) => readFileSync(join(assets, name), 'utf8');
const sizeOf = (names: Iterable<string>) =>
  [...names].reduce((sum, name) => sum + gzipSync(textOf(name), { level: 9 }).length, 0);

/** Files with what they import before they run; what they load later is not among them. */
function withImports(names: readonly string[]): Set<string> {
  const found = new Set(names);
  for (const name of found) {
    for (const [, other] of textOf(name).matchAll(/(?:from|import)\s*"\.\/([^"]+\.js)"/g)) {
      found.add(other);
    }
  }
  return found;
}

const named = (start: string) => readdirSync(assets).filter((name) => name.startsWith(start));

test('JavaScript before the page is shown: at most 60 kB, on the static page and on that of the server', () => {
  for (const html of ['index.html', 'served.html']) {
    const text = readFileSync(join(page, html), 'utf8');
    const scripts = [...text.matchAll(/(?:src|href)="[^"]*?([^"/]+\.js)"/g)].map(
      ([, name]) => name,
    );
    assert.ok(scripts.length > 0, html);
    const size = sizeOf(withImports(scripts));
    assert.ok(size > 10_000 && size <= 60_000, `${html}: ${size} bytes`);
  }
});

test('the engine worker: at most 90 kB', () => {
  const size = sizeOf(withImports(named('worker-')));
  assert.ok(size > 10_000 && size <= 90_000, `${size} bytes`);
});

test('what reads uncompressed DICOM images: at most 15 kB', () => {
  const parts = [named('dicom-images-')[0], named('dicomParser')[0]];
  const size = sizeOf(parts);
  assert.ok(size > 1000 && size <= 15_000, `${size} bytes`);
});

test.run();
