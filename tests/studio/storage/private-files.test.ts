// Files of a browser are replaced, and grow from a given byte, in a real Chromium.

import { readFileSync } from 'node:fs';
import { transform } from 'esbuild';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { inChromium, testChromium } from '../../support/chromium.ts';

const MODULE = new URL('../../../studio/storage/private-files.ts', import.meta.url);
/** Nothing listens there: the test answers. A page needs a secure origin. */
const ORIGIN = 'http://localhost:9';

/** What is written, and from which byte on. */
const CHANGES = [
  ['one\ntwo\n', 0],
  ['three\n', 8],
  ['2\n', 4],
  ['', 4],
] as const;

inChromium('private files', () => {
  test('what follows a byte of a file is replaced, and the rest stays', async () => {
    const tab = await (await testChromium()).newPage();
    const { code } = await transform(readFileSync(MODULE, 'utf8'), { loader: 'ts' });
    await tab.route(`${ORIGIN}/**`, (route) =>
      route.request().url().endsWith('.js')
        ? route.fulfill({ contentType: 'text/javascript', body: code })
        : route.fulfill({ contentType: 'text/html', body: '<!doctype html>' }),
    );
    await tab.goto(ORIGIN);
    const contents = await tab.evaluate(
      async ([address, changes]) => {
        const { privateFiles } = await import(address);
        const files = privateFiles('project');
        const seen: string[] = [];
        for (const [text, at] of changes) {
          const bytes = new TextEncoder().encode(text);
          await (at === 0 ? files.write('a/log', bytes) : files.append('a/log', bytes, at));
          seen.push(new TextDecoder().decode(await files.read('a/log')));
        }
        return seen;
      },
      ['/private-files.js', CHANGES] as const,
    );
    assert.equal(contents, ['one\ntwo\n', 'one\ntwo\nthree\n', 'one\n2\n', 'one\n']);
  });
});

test.run();
