// Simulated annotations of a run: what is marked, on data that has masks, a planted shortcut, or both.
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readAnnotations } from '../../../gfsr/annotation/annotation-source.ts';
import { MARK } from '../../../gfsr/annotation/marks.ts';
import type { AnnotationSettings } from '../../../gfsr/config/annotation.ts';
import { parseConfig } from '../../../gfsr/config/parse.ts';
import type { Dataset, Split } from '../../../gfsr/data/dataset.ts';

const SIDE = 8;
const AREA = SIDE * SIDE;

/** Four images; the mask is the middle, the shortcut a corner. */
function makeDataset(has: { masks: boolean; shortcut: boolean }): Dataset {
  const middle = Uint8Array.from({ length: AREA }, (_, p) => (p === 27 || p === 28 ? 1 : 0));
  const corner = Uint8Array.from({ length: 4 * AREA }, (_, p) => (p % AREA === 0 ? 1 : 0));
  const split: Split = {
    count: 4,
    images: new Uint8Array(4 * AREA),
    labels: Int32Array.of(0, 1, 0, 1),
    ids: ['a', 'b', 'c', 'd'],
    ...(has.masks && { masks: new Map([0, 1, 2, 3].map((i) => [i, middle])) }),
    ...(has.shortcut && { shortcut: corner }),
  };
  const size = { channels: 1, height: SIDE, width: SIDE };
  return {
    name: 'made',
    classes: ['0', '1'],
    ...size,
    ...{ train: split, val: split, test: split, tests: {} },
    notes: [],
  };
}

const read = (target: AnnotationSettings['target'], masks: boolean, shortcut: boolean) =>
  readAnnotations(
    makeDataset({ masks, shortcut }),
    parseConfig({ annotation: { target, fraction: 1 } }),
  );

/** Marks on the middle and on the corner of the first image. */
const marks = ({ annotations }: Awaited<ReturnType<typeof read>>) => {
  const [plane] = annotations.get(0) ?? [];
  return plane && [plane[27] || plane[28], plane[0]];
};

test('marks what is asked for', async () => {
  assert.equal(marks(await read('relevant', true, true)), [MARK.positive, MARK.none]);
  assert.equal(marks(await read('shortcut', true, true)), [MARK.none, MARK.negative]);
  const both = await read('both', true, true);
  assert.equal(marks(both), [MARK.positive, MARK.negative]);
  assert.match(both.summary, /one click on 4 of 4 training images, from the real masks and strik/);
});

test('auto marks what there is, and says so', async () => {
  const masked = await read('auto', true, true);
  assert.equal(marks(masked), [MARK.positive, MARK.none]);
  assert.match(masked.summary, /images, from the real masks$/);
  const planted = await read('auto', false, true);
  assert.equal(marks(planted), [MARK.none, MARK.negative]);
  assert.match(planted.summary, /striking out the shortcut$/);
  assert.is((await read('auto', false, false)).annotations.size, 0);
});

test('what was asked for and cannot be marked is an error', async () => {
  for (const [target, what] of [
    ['relevant', 'masks'],
    ['shortcut', 'a planted shortcut'],
  ] as const) {
    try {
      await read(target, target === 'shortcut', target === 'relevant');
      assert.unreachable();
    } catch (error) {
      assert.match((error as Error).message, `nothing to mark in train, expected ${what}.`);
    }
  }
});

test('a file may correct classes alone; one that says nothing is refused', async () => {
  const dataset = makeDataset({ masks: false, shortcut: false });
  const path = join(mkdtempSync(join(tmpdir(), 'gfsr-source-')), 'marks.json');
  const says = (...strokes: object[]) => {
    const annotations = [{ image: 'b', annotator: 'ann', strokes }];
    const head = { format: 'gfsr-annotations', version: 1, dataset: 'made' };
    writeFileSync(path, JSON.stringify({ ...head, annotations }));
    return readAnnotations(dataset, parseConfig({ annotation: { source: path } }));
  };
  const ofClass = (label: string) => ({ kind: 'class', sign: 'unknown', points: [], label });
  const { annotations, summary } = await says(ofClass('0'));
  assert.is(annotations.size, 0);
  assert.match(
    summary,
    /, marks on 0 of 4 .*; classes corrected: 1; no place .* only cross-entropy$/,
  );
  const click = { kind: 'click', sign: 'positive', points: [[3, 3]] };
  assert.match((await says(click, ofClass('0'))).summary, /on 1 of 4 .*; classes corrected: 1$/);
  assert.match((await says(click, ofClass('1'))).summary, /on 1 of 4 training images$/);
  for (const strokes of [[ofClass('1')], [{ ...click, sign: 'unknown' }, ofClass('0')]]) {
    const error = await says(...strokes).catch((error) => error);
    assert.match(error.message, /marks nothing as relevant or irrelevant/);
  }
});

test('says whose images are not guided: those of classes in which nothing is relevant', async () => {
  const dataset = makeDataset({ masks: false, shortcut: false });
  const path = join(mkdtempSync(join(tmpdir(), 'gfsr-source-')), 'marks.json');
  const nothing = { kind: 'image', sign: 'negative', points: [] };
  const corner = { kind: 'click', sign: 'negative', points: [[0, 0]] };
  const found = { kind: 'click', sign: 'positive', points: [[3, 3]] };
  const said = async (...marks: [image: string, stroke: object][]) => {
    const annotations = marks.map(([image, stroke]) => ({
      ...{ image, annotator: 'ann', strokes: [stroke] },
    }));
    const head = { format: 'gfsr-annotations', version: 1, dataset: 'made' };
    writeFileSync(path, JSON.stringify({ ...head, annotations }));
    const config = parseConfig({ annotation: { source: path } });
    return (await readAnnotations(dataset, config)).summary;
  };
  const unguided = /; images of 0 are not guided: nothing is relevant on those that are marked$/;
  assert.match(await said(['a', nothing], ['b', found]), unguided);
  assert.not.match(await said(['a', nothing], ['c', corner], ['b', found]), /not guided/);

  const masks = new Map([0, 1, 2, 3].map((i) => [i, new Uint8Array(AREA).fill(i % 2)]));
  const drawn = { ...dataset, train: { ...dataset.train, masks } };
  const config = parseConfig({ annotation: { target: 'relevant', fraction: 1 } });
  assert.match((await readAnnotations(drawn, config)).summary, unguided);
});

test.run();
