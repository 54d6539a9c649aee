// A run in a browser's kind of storage: the same files as in a folder, and what a kill leaves is complete.

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { contentHash, valueHash } from '../../../gfsr/files/content-hash.ts';
import { contentHashLater, valueHashLater } from '../../../gfsr/files/web-hash.ts';
import { ANNOTATIONS } from '../../../gfsr/store/run.ts';
import { RunFolder } from '../../../gfsr/store/run-folder.ts';
import { type FileStore, memoryFiles, StoredRun } from '../../../gfsr/store/stored-run.ts';
import type { Checkpoint } from '../../../gfsr/train/checkpoint.ts';
import { config, context, dataset, history, tempFolder, weights } from '../report/synthetic.ts';

const about = context(dataset());
const inputs = new Map([[ANNOTATIONS, '{}\n']]);
const checkpoint = (step: number): Checkpoint => ({
  step,
  tensors: weights(`step ${step}`),
  history: history(true),
  partial: { crossEntropy: 0.1 + 0.2, relevance: 1 / 3, guided: 1, steps: 2, seconds: 0.7 },
});

/** Writes the files of a store into a folder. */
async function unpack(store: FileStore, folder: string): Promise<void> {
  for (const name of await store.list()) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), (await store.read(name)) as Uint8Array);
  }
}

test('a run in a store, unpacked, is the folder that Node would have written', async () => {
  const store = memoryFiles();
  const run = await StoredRun.create(store, config, about, inputs);
  await run.save('guided', checkpoint(5));
  const folder = join(tempFolder(), 'unpacked');
  await unpack(store, folder);
  const opened = RunFolder.open(folder, config);
  opened.checkInputs();
  assert.equal(await opened.load('guided'), checkpoint(5));
  const native = RunFolder.create(join(tempFolder(), 'native'), config, about, inputs);
  await native.save('guided', checkpoint(5));
  const state = 'checkpoints/state-guided.safetensors';
  for (const name of ['config.json', 'run.json', ANNOTATIONS, state]) {
    assert.equal(readFileSync(join(folder, name)), readFileSync(join(native.path, name)), name);
  }
  native.close();
});

test('a run is opened again with its record and its checkpoints, and an empty store has none', async () => {
  const store = memoryFiles();
  assert.is(await StoredRun.open(store), undefined);
  const run = await StoredRun.create(store, config, about);
  await run.save('warm-start', checkpoint(3));
  run.update({ status: 'interrupted', seconds: 4 });
  await run.settled();
  const again = await StoredRun.open(store);
  assert.equal(again?.info, run.info);
  assert.equal(again?.config, config);
  assert.equal(await again?.load('warm-start'), checkpoint(3));
  assert.is(await again?.load('guided'), undefined);
});

test('what is written can be read at once, and is stored in order, the latest content last', async () => {
  const stored: string[] = [];
  const slow: FileStore = {
    ...memoryFiles(),
    write: async (name, content) => {
      await new Promise((resolve) => setTimeout(resolve, 1));
      stored.push(`${name} ${new TextDecoder().decode(content)}`);
    },
  };
  const run = await StoredRun.create(slow, config, about);
  stored.length = 0;
  run.write('a', '1');
  run.write('b', '1');
  run.write('a', '2');
  assert.equal(await run.read('a'), new TextEncoder().encode('2'));
  await run.settled();
  assert.equal(stored, ['a 2', 'b 1']);
});

test('a storage that refuses is named whenever the run waits for it, until it has room', async () => {
  const store = memoryFiles();
  let full = false;
  const run = await StoredRun.create(
    {
      ...store,
      write: async (name, content) => {
        if (full) throw new Error('the storage is full');
        await store.write(name, content);
      },
    },
    config,
    about,
  );
  full = true;
  try {
    await run.save('guided', checkpoint(1));
    assert.unreachable();
  } catch (error) {
    assert.is((error as Error).message, 'the storage is full');
  }
  // Nothing was stored, so waiting again must not say that all is well.
  const again = await run.settled().then(
    () => 'stored',
    ({ message }: Error) => message,
  );
  assert.is(again, 'the storage is full');
  full = false;
  await run.settled();
  assert.equal((await StoredRun.open(store)) && (await run.load('guided')), checkpoint(1));
  assert.ok(await store.read('checkpoints/state-guided.safetensors'));
});

test('hashes of browsers are those of Node', async () => {
  const bytes = Uint8Array.from({ length: 1000 }, (_, i) => i * 7);
  assert.is(await contentHashLater(bytes), contentHash(bytes));
  assert.is(await contentHashLater('ä', 'b'), contentHash('äb'));
  assert.is(await valueHashLater({ b: 1, a: [2] }), valueHash({ a: [2], b: 1 }));
});

test.run();
