// What the trials of a comparison read: announced once, however many seeds read it, and with corrected classes.

import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { comparisonOf } from '../../../gfsr/compare/comparison.ts';
import { parseComparison } from '../../../gfsr/compare/comparison-file.ts';
import { parseSweep } from '../../../gfsr/compare/sweep-file.ts';
import { openSources } from '../../../gfsr/compare/trial-sources.ts';
import { parseConfig } from '../../../gfsr/config/parse.ts';
import { loadDataset } from '../../../gfsr/data/load.ts';
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

test('every training of a comparison and of a sweep has the corrected classes, by a key of its own', async () => {
  const source = join(home, 'photos');
  const data = await loadDataset(source);
  const marks = join(home, 'marks.json');
  const [image, other] = [data.train.ids[3], data.classes[1 - data.train.labels[3]]];
  const write = (...strokes: object[]) => {
    const annotations = [{ image, annotator: 'ann', strokes }];
    const head = { format: 'gfsr-annotations', version: 1, dataset: 'photos' };
    writeFileSync(marks, JSON.stringify({ ...head, annotations }));
  };
  const settings = { data: { source }, annotation: { source: marks } };
  const text = JSON.stringify({ settings, variants: ['cross-entropy', 'gfsr'], seeds: [0] });
  const open = async () => {
    const spec = parseComparison(text, 'lab.json', {});
    const origin = { kind: 'comparison', file: 'lab.json', text, changes: {} } as const;
    const { dataset, sources, trials } = await comparisonOf(spec, origin);
    assert.is(await sources.dataset(0), dataset);
    return { labels: [...dataset.train.labels], keys: trials.map(({ key }) => key) };
  };
  const click = { kind: 'click', sign: 'positive', points: [[2, 2]] };
  write(click);
  const before = await open();
  assert.equal(before.labels, [...data.train.labels]);
  const corners = [
    [0, 0],
    [3, 3],
  ];
  const box = { kind: 'box', sign: 'negative', points: corners };
  write(click, box);
  const marked = await open();
  assert.is(marked.keys[0], before.keys[0], 'what marks places says nothing to cross-entropy');
  assert.is.not(marked.keys[1], before.keys[1]);
  write(click, box, { kind: 'class', sign: 'unknown', points: [], label: other });
  const corrected = await open();
  const expected = [...data.train.labels];
  expected[3] = 1 - expected[3];
  assert.equal(corrected.labels, expected);
  for (const i of [0, 1]) assert.is.not(corrected.keys[i], marked.keys[i]);
  const sweep = JSON.stringify({ settings, try: { 'guidance.lambda': [1, 3] }, seeds: [0] });
  const { sources } = await openSources(parseSweep(sweep, 'sweep.json').comparison);
  assert.equal([...(await sources.dataset(0)).train.labels], expected);
  write({ kind: 'class', sign: 'unknown', points: [], label: 'prime' });
  const error = await open().catch((error) => error);
  assert.match(error.message, /of an unknown class, got "prime", expected one of even, odd/);
});

test('a comparison has the marks and classes that it was opened with, whatever becomes of the file', async () => {
  const source = join(home, 'photos');
  const data = await loadDataset(source);
  const path = join(home, 'edited.json');
  const write = (image: string, label: string) => {
    const click = { kind: 'click', sign: 'positive', points: [[2, 2]] };
    const strokes = [click, { kind: 'class', sign: 'unknown', points: [], label }];
    const annotations = [{ image, annotator: 'ann', strokes }];
    const head = { format: 'gfsr-annotations', version: 1, dataset: 'photos' };
    writeFileSync(path, JSON.stringify({ ...head, annotations }));
  };
  const labelsAfter = (image: number) =>
    [...data.train.labels].map((label, i) => (i === image ? 1 - label : label));
  const otherClass = (image: number) => data.classes[1 - data.train.labels[image]];
  const settings = { data: { source }, annotation: { source: path } };
  const text = JSON.stringify({ settings, variants: ['gfsr'], seeds: [0, 1] });
  write(data.train.ids[3], otherClass(3));
  const { sources } = await openSources(parseComparison(text, 'lab.json', {}));
  write(data.train.ids[5], otherClass(5));
  for (const seed of [0, 1]) {
    const dataset = await sources.dataset(seed);
    if (seed === 0) assert.equal([...dataset.train.labels], labelsAfter(3));
    const marked = await sources.annotations(dataset, parseConfig(settings));
    assert.equal([...marked.keys()], [dataset.train.ids.indexOf(data.train.ids[3])]);
  }
});

test('one mask image as the marks of a comparison', async () => {
  const source = join(home, 'photos');
  const [id] = (await loadDataset(source)).train.ids;
  const masks = join(home, 'masks');
  const data = Uint8Array.from({ length: 64 }, (_, p) => (p < 8 ? 255 : 0));
  mkdirSync(dirname(join(masks, id)), { recursive: true });
  writeFileSync(join(masks, id), encodePng({ width: 8, height: 8, channels: 1, data }));
  const settings = { data: { source }, annotation: { source: masks } };
  const text = JSON.stringify({ settings, variants: ['gfsr'], seeds: [0] });
  const { sources, contents } = await openSources(parseComparison(text, 'lab.json', {}));
  assert.match(contents.get(masks) ?? '', new RegExp(`^${id} [0-9a-f]{64}$`));
  const marked = await sources.annotations(await sources.dataset(0), parseConfig(settings));
  assert.equal([...marked.keys()], [0]);
});

test.run();
