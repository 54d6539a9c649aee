// Every page that we ship says what may run in it: nothing from elsewhere, and inline only what it names by its hash.

import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';

const root = fileURLToPath(new URL('../..', import.meta.url));
const pages = ['web', 'studio', 'examples'].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.html') && !/node_modules|dist/.test(name))
    .map((name) => join(folder, name)),
);

test('there are pages', () => assert.ok(pages.length >= 4, pages.join(', ')));

for (const page of pages) {
  test(`${page} has a content security policy`, () => {
    const text = readFileSync(join(root, page), 'utf8');
    const [, policy] =
      text.match(/<meta http-equiv="Content-Security-Policy" content="([^"]*)"/) ?? [];
    assert.ok(policy, 'there is a policy');
    assert.match(policy, /^default-src 'self'; script-src 'self'/);
    const [, scripts] = policy.match(/script-src ([^;]*)/) as RegExpMatchArray;
    assert.not.match(scripts, /unsafe|\*|https?:/);
    for (const [, content] of text.matchAll(/<script(?![^>]*\ssrc=)[^>]*>(.*?)<\/script>/gs)) {
      const hash = createHash('sha256').update(content).digest('base64');
      assert.ok(scripts.includes(`'sha256-${hash}'`), `its inline script has the hash ${hash}`);
    }
    assert.not.match(text, /\son[a-z]+="/);
  });
}

test.run();
