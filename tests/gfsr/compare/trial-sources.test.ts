// What the trials of a comparison read is announced once, however many seeds read it.

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseComparison } from '../../../gfsr/compare/comparison-file.ts';
import { openSources } from '../../../gfsr/compare/trial-sources.ts';
import { cacheEntries, removeEntry } from '../../../gfsr/data/prepared/cache.ts';
import { encodePng } from '../../../gfsr/image/png-encode.ts';
import { tempFolder } from '../report/synthetic.ts';

const home = tempFolder();
process.env.GFSR_CACHE = join(home, 'cache');

function writePhotos(): string {
  const folder = join(home, 'photos');
  for (let i = 0; i < 24; i++) {
    const own = join(folder, i % 2 ? 'odd' : 'even');
    mkdirSync(own, { recursive: true });
    const data = Uint8Array.from({ length: 64 }, (_, p) => (p * (i + 3) + i * 31) % 256);
    writeFileSync(join(own, `${i}.png`), encodePng({ width: 8, height: 8, channels: 1, data }));
  }
  return folder;
}

test('the preparation of a folder is announced for the first seed only', async () => {
  const settings = { data: { source: writePhotos(), cache: 'always' } };
  const text = JSON.stringify({ settings, variants: ['cross-entropy'], seeds: [0, 1] });
  const said: string[] = [];
  const say = (line: string) => said.push(line);
  const { sources } = await openSources(parseComparison(text, 'lab.json', {}), { say });
  for (const seed of [0, 1]) {
    await sources.dataset(seed);
    for (const { key } of cacheEntries()) removeEntry(key); // so that each seed has to prepare
  }
  assert.is(said.length, 1);
  assert.match(said[0], /^preparing the images of photos: about 1 MiB in /);
});

test.run();
