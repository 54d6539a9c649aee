// A data set on the disk is the one in memory, byte for byte; damage, kills and rivals cost time, but no data.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseConfig } from '../../../../gfsr/config/parse.ts';
import { type Dataset, imageAt, type Split } from '../../../../gfsr/data/dataset.ts';
import { fingerprint } from '../../../../gfsr/data/fingerprint.ts';
import { type LoadOptions, loadDataset } from '../../../../gfsr/data/load.ts';
import { channelStats } from '../../../../gfsr/data/normalise.ts';
import { allBytes, type Pixels, StoredPixels } from '../../../../gfsr/data/pixels.ts';
import { cacheEntries, removeEntry } from '../../../../gfsr/data/prepared/cache.ts';
import { encodePng } from '../../../../gfsr/image/png-encode.ts';
import { Trainer } from '../../../../gfsr/train/trainer.ts';
import { testGpu } from '../../../support/gpu.ts';
import { IEND, idat, ihdr, png } from '../../../support/png.ts';

const home = mkdtempSync(join(tmpdir(), 'gfsr-cache-'));
const cache = join(home, 'cache');
process.env.GFSR_CACHE = cache;
test.after(() => rmSync(home, { recursive: true, force: true }));
test.before.each(() => rmSync(cache, { recursive: true, force: true }));
const SIDE = 12;
const COUNT = 40;

/** A folder with grey and coloured images; with masks of every third one. @param deep the grey ones have 16 bits */
function writeFolder(name: string, { deep = false } = {}): string {
  const folder = join(home, name);
  mkdirSync(folder, { recursive: true });
  const rows = ['file,label,split,mask,patient'];
  for (let i = 0; i < COUNT; i++) {
    const isGrey = i % 4 !== 0;
    const channels = isGrey ? 1 : 3;
    const data = Uint8Array.from(
      { length: SIDE * SIDE * channels },
      (_, p) => (p * 7 + i * 31 + (i % 2) * 90) % 256,
    );
    const rowsOfDeep = Array.from({ length: SIDE }, (_, y) => [
      0,
      ...Array.from({ length: SIDE }, (_, x) => [(x + y + i) % 16, (x * 31 + y * i) % 256]).flat(),
    ]).flat();
    const bytes =
      deep && isGrey
        ? png(ihdr(SIDE, SIDE, 16), idat(rowsOfDeep), IEND)
        : encodePng({ width: SIDE, height: SIDE, channels, data });
    writeFileSync(join(folder, `${i}.png`), bytes);
    const mask = i % 3 === 0 ? `m${i}.png` : '';
    if (mask) {
      const levels = Uint8Array.from(
        { length: SIDE * SIDE },
        (_, p) => Number((p + i) % 5 === 0) * 255,
      );
      const image = { width: SIDE, height: SIDE, channels: 1 as const, data: levels };
      writeFileSync(join(folder, mask), encodePng(image));
    }
    const split = i < 24 ? 'train' : i < 32 ? 'val' : 'test';
    rows.push(`${i}.png,${i % 2 ? 'odd' : 'even'},${split},${mask},p${i}`);
  }
  writeFileSync(join(folder, 'manifest.csv'), rows.join('\n'));
  return folder;
}

const plain = writeFolder('plain');

/** Everything of a split, as values. */
const content = (split: Split) => ({
  ...split,
  images: allBytes(split.images),
  labels: [...split.labels],
  masks: [...(split.masks ?? [])],
  shortcut: split.shortcut && allBytes(split.shortcut as Pixels),
});
const whole = ({ train, val, test, tests, vals, ...rest }: Dataset) => ({
  ...rest,
  notes: [...rest.notes].sort(),
  ...{ train: content(train), val: content(val), test: content(test) },
  tests: Object.entries(tests).map(([name, split]) => [name, content(split)]),
  vals: Object.entries(vals ?? {}).map(([name, split]) => [name, content(split)]),
});
const failure = async (promise: Promise<unknown>): Promise<string> =>
  promise.then(
    () => 'no error',
    ({ message }) => message,
  );
const told = () => {
  const lines: string[] = [];
  return { lines, say: (line: string) => void lines.push(line) };
};

const CASES: Readonly<Record<string, LoadOptions & { deep?: boolean }>> = {
  'as they are': {},
  smaller: { side: 7 },
  squares: { fit: 'pad', side: 16, background: 'white' },
  '16 bits, of which 12 are used': { deep: true },
  'squares of 16 bits': { deep: true, fit: 'crop', side: 8 },
  limited: { limit: 6, seed: 3 },
  'a share of the images': { trainShare: 0.5, seed: 1 },
  'a turn of a cross-validation': { folds: 3, seed: 1 },
  planted: { shortcut: 'border', shortcutStrength: 0.7, seed: 2, limit: 9 },
};

for (const [what, { deep, ...options }] of Object.entries(CASES)) {
  test(`the same data set on the disk as in memory: ${what}`, async () => {
    const folder = deep ? writeFolder('deep', { deep }) : plain;
    const [memory, disk, again] = [
      await loadDataset(folder, { ...options, cache: 'never' }),
      await loadDataset(folder, { ...options, cache: 'always' }),
      await loadDataset(folder, { ...options, cache: 'always' }),
    ];
    assert.not(memory.train.images instanceof StoredPixels);
    for (const stored of [disk, again]) {
      assert.ok(stored.train.images instanceof StoredPixels);
      assert.equal(whole(stored), whole(memory));
      assert.is(fingerprint(stored), fingerprint(memory));
      assert.equal(channelStats(stored), channelStats(memory));
    }
  });
}

test('memory decides: what takes over a quarter of it goes to the disk', async () => {
  const bytes = COUNT * SIDE * SIDE * 3 + 14 * SIDE * SIDE;
  const inMemory = await loadDataset(plain, { memory: 4 * bytes });
  assert.not(inMemory.train.images instanceof StoredPixels);
  assert.not(existsSync(cache));
  const onDisk = await loadDataset(plain, { memory: 4 * bytes - 4 });
  assert.ok(onDisk.train.images instanceof StoredPixels);
});

test('the second run decodes nothing; a changed file is read again', async () => {
  const first = told();
  await loadDataset(plain, { cache: 'always', say: first.say });
  assert.match(first.lines.join('\n'), /^preparing the images of plain: about 1 MiB in /);
  const second = told();
  let decoded = 0;
  const onFile = () => void decoded++;
  await loadDataset(plain, { cache: 'always', say: second.say, onFile });
  assert.equal([second.lines, decoded], [[], 0]);
  const { atime, mtime } = statSync(join(plain, '1.png'));
  const changed = readFileSync(join(plain, '1.png'));
  writeFileSync(join(plain, '1.png'), changed);
  utimesSync(join(plain, '1.png'), atime, mtime); // as if nothing had happened
  await loadDataset(plain, { cache: 'always', onFile });
  assert.is(decoded, COUNT);
});

/** The only entry of the cache. */
const entry = () => join(cache, readdirSync(cache)[0]);

test('a damaged entry is prepared anew, and says so', async () => {
  for (const damage of [
    (path: string) => writeFileSync(join(path, 'train.images'), 'short'),
    (path: string) => rmSync(join(path, 'val.masks')),
    (path: string) => writeFileSync(join(path, 'prepared.json'), '{'),
  ]) {
    const whole = await loadDataset(plain, { cache: 'always' });
    damage(entry());
    const { lines, say } = told();
    const again = await loadDataset(plain, { cache: 'always', say });
    assert.is(lines[0], 'the prepared images of plain are damaged: preparing anew');
    assert.is(fingerprint(again), fingerprint(await loadDataset(plain, { cache: 'never' })));
    assert.is(whole.train.count, again.train.count);
  }
});

test('a flipped bit that left no trace is found when the image is read', async () => {
  await loadDataset(plain, { cache: 'always' });
  const path = join(entry(), 'train.images');
  const { atime, mtime } = statSync(path);
  const bytes = readFileSync(path);
  bytes[5 * 3 * SIDE * SIDE + 17] ^= 1;
  writeFileSync(path, bytes);
  utimesSync(path, atime, mtime);
  const index = JSON.parse(readFileSync(join(entry(), 'prepared.json'), 'utf8'));
  index.files['train.images'].changed = statSync(path).mtimeMs;
  writeFileSync(join(entry(), 'prepared.json'), JSON.stringify(index));
  const { train } = await loadDataset(plain, { cache: 'always' });
  imageAt(train, 4);
  assert.throws(() => imageAt(train, 5), /image 5 of train\.images is damaged\. Start again/);
  const { lines, say } = told();
  const again = await loadDataset(plain, { cache: 'always', say });
  assert.match(lines[0], /damaged: preparing anew/);
  imageAt(again.train, 5);
});

/** A process that loads the data set and says its fingerprint; it stops at file `stop`, if that is given. */
const loader = (stop = -1) => {
  const child = spawn(
    process.execPath,
    [
      ...['--conditions=gfsr-source', '--import', 'tsx', '--input-type=module', '--eval'],
      `import { loadDataset } from './gfsr/data/load.ts';
       import { fingerprint } from './gfsr/data/fingerprint.ts';
       let files = 0;
       const onFile = (done) => {
         files = done;
         if (done === ${stop}) { console.log('stopped'); while (true); }
       };
       const data = await loadDataset(${JSON.stringify(plain)}, { cache: 'always', onFile });
       console.log(files + ' ' + fingerprint(data));`,
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const said = once(child.stdout, 'data').then(([text]) => String(text).trim());
  return { child, said };
};

test('a killed preparation is done again', async () => {
  const { child, said } = loader(10);
  assert.is(await said, 'stopped');
  const [partial] = cacheEntries();
  assert.match(partial.key, /\.partial$/);
  assert.is(partial.index, undefined);
  assert.not(removeEntry(partial.key), 'a process prepares it');
  child.kill('SIGKILL');
  await once(child, 'exit');
  const again = await loadDataset(plain, { cache: 'always' });
  assert.is(fingerprint(again), fingerprint(await loadDataset(plain, { cache: 'never' })));
  assert.equal(
    cacheEntries().map(({ index }) => index?.source),
    ['plain'],
  );
});

test('of two processes one prepares, and both use it', async () => {
  const answers = await Promise.all([loader().said, loader().said]);
  const prints = answers.map((answer) => answer.split(' '));
  assert.equal(prints.map(([files]) => files).sort(), ['0', String(COUNT)]);
  assert.is(prints[0][1], prints[1][1]);
  assert.is(removeEntry(cacheEntries()[0].key), true);
  assert.equal(cacheEntries(), []);
});

test('a failed preparation leaves nothing behind', async () => {
  const folder = writeFolder('broken');
  writeFileSync(join(folder, '7.png'), 'no image');
  assert.match(await failure(loadDataset(folder, { cache: 'always' })), /broken: 7\.png: got a/);
  assert.equal(readdirSync(cache), []);
});

test('trains on twenty times its memory to the same weights', async () => {
  const gpu = await testGpu();
  const bytes = COUNT * SIDE * SIDE * 3;
  const weights = async (options: LoadOptions) => {
    const dataset = await loadDataset(plain, options);
    const config = parseConfig({
      model: { widths: [2], hidden: 4 },
      train: { batchSize: 4, epochs: 2, augment: 'flip-shift' },
    });
    const trainer = new Trainer(gpu, { dataset, config });
    await trainer.train(trainer.totalSteps);
    const { tensors } = await trainer.checkpoint();
    await trainer.dispose();
    return [...tensors].map(([name, { data }]) => [name, [...data]]);
  };
  assert.equal(await weights({ memory: bytes / 20 }), await weights({ cache: 'never' }));
});

test.run();
