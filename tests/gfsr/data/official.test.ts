// Published files: found under their names, fetched and checked, and where that fails one line says what to put where.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { catalog, type OfficialFile } from '../../../gfsr/data/catalog.ts';
import { loadDataset } from '../../../gfsr/data/load.ts';
import {
  dataFolder,
  downloadOfficial,
  findOfficial,
  pathOfSource,
} from '../../../gfsr/data/official.ts';
import { dataPath } from '../../support/data.ts';
import { writeTiny } from '../../support/tiny-data.ts';

const folder = mkdtempSync(join(tmpdir(), 'gfsr-official-'));
const content = Buffer.from('a published file');
const md5 = createHash('md5').update(content).digest('hex');
const server = createServer((request, response) => {
  const found = request.url === '/set.npz';
  response.writeHead(found ? 200 : 404).end(found ? content : 'no');
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
const address = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
const set: OfficialFile = {
  ...{ title: 'A set', file: 'set.npz', md5, page: 'https://example.org' },
  ...{ url: `${address}/set.npz`, copies: ['set/copy.npz'] },
};

const fails = async (change: Partial<OfficialFile>, message: RegExp): Promise<void> => {
  try {
    await downloadOfficial({ ...set, ...change }, folder);
  } catch (error) {
    assert.instance(error, RangeError);
    return assert.match((error as Error).message, message);
  }
  assert.unreachable('it was fetched');
};

test('what cannot be had is said in one line, with the file, its checksum and the folder', async () => {
  const put = `Put set\\.npz \\(MD5 ${md5}\\) from https://example\\.org into .*, or set GFSR_DATA to the folder that contains it`;
  await fails({ url: `${address}/other` }, new RegExp(`the server answers 404\\)\\. ${put}`));
  await fails({ md5: 'ab' }, new RegExp(`has MD5 ${md5}, expected ab\\. Put set`));
  await fails({ url: 'http://127.0.0.1:9/set.npz' }, /cannot be downloaded \(.+\)\. Put set/);
  await fails({ url: undefined }, /not published as a file that can be downloaded\. Put set/);
  assert.is(findOfficial(set, folder), undefined);
});

test('fetched, checked, and found the next time; a copy is found and called one', async () => {
  const fetched = await downloadOfficial(set, folder);
  assert.equal(fetched, { path: join(folder, 'set.npz'), md5, official: true });
  assert.equal(readFileSync(fetched.path), content);
  assert.equal(findOfficial(set, folder), fetched);
  const other = join(folder, 'other');
  mkdirSync(join(other, 'set'), { recursive: true });
  writeFileSync(join(other, 'set', 'copy.npz'), 'not the same');
  assert.is(findOfficial(set, other)?.official, false);
  assert.is(findOfficial({ ...set, md5: undefined }, other)?.official, undefined);
});

test('a known data set is loaded by its name, from the data folder of the environment', async () => {
  const before = process.env.GFSR_DATA;
  const known = join(folder, 'known');
  mkdirSync(known);
  try {
    process.env.GFSR_DATA = known;
    assert.is(dataFolder(), known);
    await loadDataset('retinamnist').then(
      () => assert.unreachable(),
      ({ message }) =>
        assert.match(
          message,
          /^RetinaMNIST: it is not in the folder .*known\. Put retinamnist\.npz/,
        ),
    );
    writeFileSync(join(known, 'retinamnist.npz'), readFileSync(writeTiny(folder)));
    assert.is(pathOfSource('retinamnist'), join(known, 'retinamnist.npz'));
    assert.is((await loadDataset('retinamnist')).name, 'retinamnist');
    assert.is(pathOfSource('mine.npz'), 'mine.npz');
    assert.is(pathOfSource(known), known);
    delete process.env.GFSR_DATA;
    assert.is(dataFolder(), 'data');
  } finally {
    if (before !== undefined) process.env.GFSR_DATA = before;
  }
});

test('the published RetinaMNIST has the checksum that is stated', () => {
  const path = dataPath('retinamnist/retinamnist.npz');
  if (!path) return;
  const official = catalog.get('retinamnist')?.file as OfficialFile;
  assert.is(findOfficial(official, join(path, '../..'))?.official, true);
});

test.after(() => {
  server.close();
  rmSync(folder, { recursive: true, force: true });
});
test.run();
