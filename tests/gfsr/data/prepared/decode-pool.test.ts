// Threads decode the same bytes in the same order, and a decoder that dies or hangs costs its file and no other.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fingerprint } from '../../../../gfsr/data/fingerprint.ts';
import { readImages } from '../../../../gfsr/data/formats/read-images.ts';
import { loadDataset } from '../../../../gfsr/data/load.ts';
import { DECODED_HERE } from '../../../../gfsr/data/picture-files.ts';
import { decodePool } from '../../../../gfsr/data/prepared/decode-pool.ts';
import { encodePng } from '../../../../gfsr/image/png-encode.ts';

const home = mkdtempSync(join(tmpdir(), 'gfsr-decode-'));
test.after(() => rmSync(home, { recursive: true, force: true }));

const picture = (i: number, side: number) =>
  encodePng({
    ...{ width: side, height: side, channels: 3 },
    data: Uint8Array.from({ length: side * side * 3 }, (_, p) => (p * 7 + p * p * i) % 256),
  });

function writeFolder(name: string, side: number, count: number): string {
  for (let i = 0; i < count; i++) {
    const folder = join(home, name, i % 2 ? 'odd' : 'even');
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, `${i}.png`), picture(i, side));
  }
  return join(home, name);
}

/** A thread that answers only what it is told to. */
function otherThread(name: string, code: string): string {
  const path = join(home, `${name}.mjs`);
  writeFileSync(
    path,
    `import { parentPort } from 'node:worker_threads';
     parentPort.on('message', ({ name }) => {
       ${code}
       parentPort.postMessage({ file: { format: name, images: [], notes: [] } });
     });`,
  );
  return pathToFileURL(path).href;
}

const messageOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error) => `${error.name}: ${error.message}`,
  );

test('a folder has the same pixels, order and notes, however many threads decode it', async () => {
  const folder = writeFolder('many', 24, 40);
  const here = await loadDataset(folder, { cache: 'never', decoder: DECODED_HERE });
  const pool = decodePool({ threads: 3 });
  const there = await loadDataset(folder, { cache: 'never', decoder: pool });
  await pool.close();
  assert.is(fingerprint(there), fingerprint(here));
  assert.equal(there.train.ids, here.train.ids);
  assert.equal(there.notes, here.notes);
});

test('a folder of some size is decoded by threads without being asked, which end with it', async () => {
  const folder = writeFolder('large', 160, 60);
  const here = await loadDataset(folder, { cache: 'never', decoder: DECODED_HERE });
  assert.is(fingerprint(await loadDataset(folder, { cache: 'never' })), fingerprint(here));
  writeFileSync(join(folder, 'odd', '1.png'), picture(1, 160).subarray(0, 500));
  const alone = await messageOf(loadDataset(folder, { cache: 'never', decoder: DECODED_HERE }));
  assert.match(alone, /^RangeError: large: odd\/1.png/);
  assert.is(await messageOf(loadDataset(folder, { cache: 'never' })), alone);
});

test('a file that kills its decoder is named, and the others are read', async () => {
  const code = `if (name === 'bad') process.exit(3); if (name === 'worse') throw new Error('no memory');`;
  const pool = decodePool({ thread: otherThread('dies', code), threads: 2 });
  const read = (name: string) => pool.decode(new Uint8Array(1), name, { where: `photos: ${name}` });
  const names = ['a', 'bad', 'b', 'worse', 'c', 'd'];
  const got = await Promise.all(names.map((name) => messageOf(read(name))));
  await pool.close();
  const advice = 'Save the image anew, or leave it out.';
  assert.equal(got, [
    'no error',
    `RangeError: photos: bad: its decoder ended without an answer. ${advice}`,
    'no error',
    `RangeError: photos: worse: its decoder failed: no memory. ${advice}`,
    'no error',
    'no error',
  ]);
});

test('a file on which a decoder hangs is named, and its thread is replaced', async () => {
  const thread = otherThread('hangs', `while (name === 'endless');`);
  const pool = decodePool({ thread, threads: 1, seconds: 2 });
  const read = (name: string) => pool.decode(new Uint8Array(1), name);
  const [hung, next] = await Promise.all([messageOf(read('endless')), messageOf(read('next'))]);
  await pool.close();
  assert.match(hung, /^RangeError: endless: its decoder gave no answer within 2 s/);
  assert.is(next, 'no error');
});

test('what is asked of a closed pool is an error', async () => {
  const pool = decodePool({ threads: 1 });
  await pool.close();
  assert.match(await messageOf(pool.decode(picture(1, 4), 'late')), /given up/);
  assert.is((await readImages(picture(1, 4), 'here')).images.length, 1);
});

test.run();
