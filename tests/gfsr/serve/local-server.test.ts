// Addresses have slashes, whatever separates the folders of the machine.

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { serveLocally } from '../../../gfsr/serve/local-server.ts';

test('pages and routes are found where paths have backslashes', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'gfsr-site-'));
  writeFileSync(path.join(folder, 'index.html'), 'page');
  const { posix, win32, normalize, join } = path;
  const slashed = (...parts: string[]) => parts.join('/'); // so that this machine finds the files
  Object.assign(path, { posix: { ...posix }, normalize: win32.normalize, join: slashed });
  syncBuiltinESMExports();
  const server = await serveLocally({
    folders: { '': folder },
    pages: { '/': 'index.html' },
    routes: [{ method: 'GET', path: '/api/dataset', answer: () => ({ body: 'data' }) }],
  });
  try {
    for (const [address, text] of [
      ['', 'page'],
      ['api/dataset', 'data'],
      ['api/../index.html', 'page'],
    ]) {
      const answer = await fetch(`${server.url}${address}`);
      assert.equal([answer.status, await answer.text()], [200, text]);
    }
  } finally {
    Object.assign(path, { posix, normalize, join });
    syncBuiltinESMExports();
    await server.close();
    rmSync(folder, { recursive: true });
  }
});

test.run();
