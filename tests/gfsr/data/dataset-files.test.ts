// A data set comes back from its files as it was, and a description that somebody changed is one clear error.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { datasetParts, readDataset, writeDataset } from '../../../gfsr/data/dataset-files.ts';
import { halves } from '../../support/halves.ts';

/** Files in memory. */
function files() {
  const kept = new Map<string, Uint8Array>();
  return {
    kept,
    read: async (name: string) => kept.get(name) as Uint8Array,
    write: async (name: string, content: Uint8Array | string) => {
      kept.set(name, typeof content === 'string' ? new TextEncoder().encode(content) : content);
    },
  };
}

test('a data set comes back as it was', async () => {
  const store = files();
  await writeDataset(store, halves);
  assert.equal(await readDataset(store), halves);
});

test('a description that is wrong anywhere is one line that names the place', async () => {
  const { description } = datasetParts(halves);
  const [split] = ['train'];
  const changed = (change: (value: Any) => void) => {
    const value = JSON.parse(description);
    change(value);
    return JSON.stringify(value);
  };
  for (const [text, expected] of [
    ['', /^dataset\.json: not JSON/],
    ['null', /^dataset\.json: content is null, expected Object\./],
    [changed((d) => delete d.classes), /^dataset\.json: classes is undefined, expected /],
    [changed((d) => (d.height = '8')), /^dataset\.json: height is "8", expected number\./],
    [changed((d) => delete d.splits[split]), /^dataset\.json: splits\.train is missing\./],
    [
      changed((d) => (d.splits[split].labels[1] = null)),
      /^dataset\.json: splits\.train\.labels\.1 is null, expected number\./,
    ],
    [
      changed((d) => (d.splits[split].masked = [1e6])),
      /^dataset\.json: splits\.train has a mask of image 1000000 of \d+\./,
    ],
    [changed((d) => d.splits[split].ids.pop()), /: split train: ids has \d+ values, expected \d+ /],
    [changed((d) => (d.width = 1e9)), /: split train: images has \d+ values, expected \d+ /],
  ] as const) {
    const store = files();
    await writeDataset(store, halves);
    await store.write('dataset.json', text);
    const error = await readDataset(store).catch((reason: unknown) => reason);
    assert.instance(error, RangeError, String(expected));
    assert.match((error as Error).message, expected);
  }
});

// biome-ignore lint/suspicious/noExplicitAny: what a stranger wrote
type Any = any;

test.run();
