// A seeded slice of `npm run fuzz`: damaged files end in a reading or one clear refusal, damaged requests in an answer.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { fuzzServer } from './server.ts';
import { FUZZED, judge, type Target } from './target.ts';
import { fileOf, seedsOf, targets } from './targets.ts';

const SEED = 1;
const FILES = 30;
const REQUESTS = 100;

for (const target of targets) {
  test(`${target.name}: whole files are read, and ${FILES} damaged ones end as they must`, async () => {
    const seeds = await seedsOf(target, []);
    for (const seed of seeds) {
      const { kind, message } = await judge(target, seed);
      assert.is(kind, 'read', message);
    }
    for (let n = 0; n < FILES; n++) {
      const { kind, message } = await judge(target, fileOf(target, seeds, SEED, n));
      assert.is.not(kind, 'fault', `file ${n}: ${message}`);
    }
  });
}

test('a file is the same for the same seed, and another for another', async () => {
  const [target] = targets;
  const seeds = await seedsOf(target, []);
  assert.equal(fileOf(target, seeds, SEED, 3), fileOf(target, seeds, SEED, 3));
  assert.not.equal(fileOf(target, seeds, SEED, 3), fileOf(target, seeds, SEED + 1, 3));
});

test('a file of 100,000 tags that are never closed is changed in linear time', async () => {
  const [cvat] = targets.filter(({ name }) => name === 'annotations cvat');
  const tags = new TextEncoder().encode('<track id="0" label="nodule" '.repeat(100_000));
  for (let n = 0; n < 20; n++) assert.ok(fileOf(cvat, [tags], SEED, n).length > 0);
});

test('what does not end as it must is found', async () => {
  const end = async (read: Target['read']) =>
    judge({ ...targets[0], read }, new Uint8Array(4)).then(({ kind }) => kind);
  const refuse = (error: unknown) => () => {
    throw error;
  };
  assert.is(await end(() => 1), 'read');
  assert.is(await end(refuse(new RangeError(`${FUZZED}: is damaged.`))), 'refused');
  assert.is(await end(refuse(new RangeError('is damaged.'))), 'fault');
  assert.is(await end(refuse(new TypeError(`${FUZZED}: is damaged.`))), 'fault');
  assert.is(await end(refuse('a string')), 'fault');
  assert.is(await end(refuse(new RangeError(`${FUZZED}: ${'x'.repeat(5000)}`))), 'fault');
  assert.is(await end(() => new Uint8Array(-1)), 'fault');
});

test(`the server answers after ${REQUESTS} damaged requests, and no stranger gets in`, async () => {
  const faults: string[] = [];
  const counts = await fuzzServer(SEED, 0, REQUESTS, (n, _, message) =>
    faults.push(`request ${n}: ${message}`),
  );
  assert.equal(faults, []);
  assert.is(counts.read + counts.refused, REQUESTS);
  assert.ok(counts.read > 0 && counts.refused > 0);
});

test.run();
