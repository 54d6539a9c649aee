// Folders that disappear while a server uses them: it answers, and goes on when they are back.

import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { loadDataset } from '../../../gfsr/data/load.ts';
import { serveLocally } from '../../../gfsr/serve/local-server.ts';
import { MarkFile, revisionOf } from '../../../gfsr/serve/mark-file.ts';
import { serveMarkingPage } from '../../../gfsr/serve/marking-page.ts';

const home = mkdtempSync(join(tmpdir(), 'gfsr-vanished-'));
test.after(() => rmSync(home, { recursive: true }));

function writePage(): string {
  const page = join(home, 'page');
  mkdirSync(page, { recursive: true });
  for (const name of ['index.html', 'served.html']) writeFileSync(join(page, name), name);
  return page;
}

test('a page that disappears is not found, and is there again', async () => {
  const page = writePage();
  const site = { folders: { '': page }, pages: { '/': 'index.html' } };
  const server = await serveLocally(site);
  try {
    const status = async () => (await fetch(server.url)).status;
    assert.is(await status(), 200);
    rmSync(page, { recursive: true });
    assert.is(await status(), 404);
    writeFileSync(page, 'a file in its place');
    assert.is(await status(), 404);
    rmSync(page);
    writePage();
    assert.is(await status(), 200);
  } finally {
    await server.close();
  }
});

test('marks that cannot be kept are refused with the reason, and nothing is lost', async () => {
  const dataset = await loadDataset('decoy-mnist', { limit: 40 });
  const [folder, away] = [join(home, 'marks'), join(home, 'away')];
  const marks = await MarkFile.open(join(folder, 'marks.json'), dataset, 'ann');
  const faults: unknown[] = [];
  const onFault = (error: unknown) => void faults.push(error);
  const server = await serveMarkingPage({ page: writePage(), dataset, marks, onFault });
  try {
    const session = await fetch(`${server.url}api/session`, { method: 'POST', body: server.token });
    const cookie = String(session.headers.get('set-cookie')).split(';')[0];
    const strokes = [{ kind: 'click', sign: 'positive', points: [[3, 3]] }];
    const put = (image: number) =>
      fetch(`${server.url}api/marks/${image}`, {
        method: 'PUT',
        headers: { cookie, 'if-match': `"${revisionOf([])}"` },
        body: JSON.stringify({ strokes }),
      });
    assert.is((await put(1)).status, 200);
    renameSync(folder, away);
    const refused = await put(2);
    assert.is(refused.status, 507);
    assert.match(await refused.text(), /^cannot write ".*marks\.json": no such file or folder\.$/);
    assert.is((await fetch(`${server.url}api/dataset`, { headers: { cookie } })).status, 200);
    const names = ['marks', 'settings', 'data/dataset.json', 'images/0-2'];
    for (const name of names) {
      const { status } = await fetch(`${server.url}api/${name}`, { headers: { cookie } });
      assert.ok(status < 500, `${name}: ${status}`);
    }
    renameSync(away, folder);
    assert.is((await put(2)).status, 200);
    assert.equal(
      marks.all().map(({ image }) => image),
      [1, 2],
    );
    const again = await MarkFile.open(marks.path, dataset, 'ann');
    assert.equal(again.all(), marks.all());
    assert.ok(existsSync(marks.path));
    assert.equal(faults, []);
  } finally {
    await server.close();
  }
});

test.run();
