// The shipped marks: each file can be read, is bound to training images by their pixels, and guides a training.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readAnnotations } from '../../../gfsr/annotation/annotation-source.ts';
import { parseAnnotations } from '../../../gfsr/annotation/annotations.ts';
import { bindToImages } from '../../../gfsr/annotation/binding.ts';
import { markableImages } from '../../../gfsr/annotation/markable-images.ts';
import { type AnnotationPlane, MARK } from '../../../gfsr/annotation/marks.ts';
import { markPlane } from '../../../gfsr/annotation/planes.ts';
import { openPublished, publishedNames } from '../../../gfsr/compare/published-comparisons.ts';
import { parseConfig } from '../../../gfsr/config/parse.ts';
import { catalog } from '../../../gfsr/data/catalog.ts';
import type { Dataset, Split } from '../../../gfsr/data/dataset.ts';
import { loadDataset } from '../../../gfsr/data/load.ts';
import { hashesOf, withOrigin } from '../../../gfsr/data/origin.ts';
import { dataPath } from '../../support/data.ts';

const FOLDER = new URL('../../../gfsr/annotations/', import.meta.url);
const IMAGES = 60;
/** Images that were marked a second time. */
const AGAIN = 15;

const jsonIn = (folder: URL) =>
  existsSync(folder) ? readdirSync(folder).filter((file) => file.endsWith('.json')) : [];
const read = (path: string) => {
  const url = new URL(path, FOLDER);
  return parseAnnotations(readFileSync(url, 'utf8'), undefined, path);
};

/** Absolute path of the data that a file is about, or null after saying that there is none. */
function dataOf(file: string): string | null {
  const copies = catalog.get(basename(file, '.json'))?.file?.copies ?? [];
  return dataPath(copies.at(-1) ?? file);
}

const datasets = new Map<string, Promise<Dataset>>();
function loaded(path: string): Promise<Dataset> {
  const dataset = datasets.get(path) ?? loadDataset(path);
  datasets.set(path, dataset);
  return dataset;
}

for (const name of jsonIn(FOLDER)) {
  const file = read(name);
  const marked = file.annotations.map(({ image }) => image);

  test(`${name}: ${IMAGES} images of a known data set, each marked once and with its hash`, () => {
    assert.ok(catalog.has(basename(name, '.json')), 'name it like its data set');
    assert.is(file.annotations.length, IMAGES);
    assert.is(new Set(marked).size, IMAGES);
    for (const { hash, strokes } of file.annotations) {
      assert.match(hash ?? '', /^[0-9a-f]{16}$/);
      assert.ok(strokes.length > 0);
    }
    assert.is(new Set(file.annotations.map(({ annotator }) => annotator)).size, 1);
  });

  test(`${name}: bound to training images; nothing of val or test, not even a copy`, async () => {
    const path = dataOf(name);
    if (path === null) return;
    const dataset = await loaded(path);
    const bound = bindToImages(file, markableImages(dataset), name);
    assert.is(bound.file.annotations.length, IMAGES);
    assert.equal(bound.notes, []);
    const held = new Set([dataset.val, dataset.test].flatMap((split) => hashesOf(split, dataset)));
    const copies = file.annotations.filter(({ hash }) => held.has(hash as string));
    assert.equal(copies, []);
    const perClass = count(dataset.train, marked);
    assert.ok(Math.min(...perClass) >= IMAGES / 10, `images per class: ${perClass}`);
  });

  test(`${name}: found by its path from any folder, and for rows in another order`, async () => {
    const path = dataOf(name);
    if (path === null) return;
    const dataset = await loaded(path);
    const { train } = dataset;
    const ids = [...train.ids.slice(1), train.ids[0]];
    const turned = withOrigin({ ...dataset, train: { ...train, ids }, origin: undefined });
    const config = parseConfig({ annotation: { source: `gfsr/annotations/${name}` } });
    const here = process.cwd();
    process.chdir(tmpdir());
    try {
      const { annotations } = await readAnnotations(dataset, config);
      assert.is(annotations.size, IMAGES);
      const elsewhere = await readAnnotations(turned, config);
      assert.equal(elsewhere.annotations, annotations);
      assert.match(elsewhere.summary, /found by their pixels/);
    } finally {
      process.chdir(here);
    }
  });
}

for (const name of publishedNames().filter((each) => each.endsWith('-layman'))) {
  test(`${name}: its quick size has marked images too`, async () => {
    const path = dataOf(`${name.replace(/-layman$/, '')}.json`);
    if (path === null) return;
    const { missing } = await openPublished([name], dirname(dirname(path)), { quick: true });
    assert.equal(missing, []);
  });
}

const results = readFileSync(new URL('../../../docs/results.md', import.meta.url), 'utf8');
const SIDES: Record<string, number> = { busi: 128 };

for (const name of jsonIn(new URL('second-pass/', FOLDER))) {
  test(`second-pass/${name}: ${AGAIN} of the images, which agree as docs/results.md says`, () => {
    const first = new Map(read(name).annotations.map((each) => [each.image, each]));
    const { annotations } = read(`second-pass/${name}`);
    assert.is(new Set(annotations.map(({ image }) => image)).size, AGAIN);
    const overlaps: number[] = [];
    for (const { image, hash, strokes } of annotations) {
      const before = first.get(image);
      assert.is(hash, before?.hash);
      const side = SIDES[basename(name, '.json')] ?? 28;
      const planes = [before?.strokes ?? [], strokes].map((each) => markPlane(each, side, side));
      if (planes.every((plane) => plane.includes(MARK.positive))) overlaps.push(overlap(planes));
    }
    const mean = overlaps.reduce((sum, each) => sum + each, 0) / overlaps.length;
    const said = `${mean.toFixed(3)} on average, ${Math.min(...overlaps).toFixed(3)} at worst`;
    assert.ok(results.replace(/\s+/g, ' ').includes(said), `docs/results.md should say: ${said}`);
  });
}

/** Intersection over union of what two planes mark as relevant. */
function overlap([a, b]: readonly AnnotationPlane[]): number {
  let both = 0;
  let either = 0;
  a.forEach((mark, p) => {
    const count = Number(mark === MARK.positive) + Number(b[p] === MARK.positive);
    both += Number(count === 2);
    either += Number(count > 0);
  });
  return both / either;
}

/** Number of marked images of each class. */
function count({ ids, labels }: Split, marked: readonly (string | number)[]): number[] {
  const classes = new Map<number, number>();
  for (const label of new Set(labels)) classes.set(label, 0);
  for (const image of marked) {
    const label = labels[ids.indexOf(image as string)];
    classes.set(label, (classes.get(label) ?? 0) + 1);
  }
  return [...classes.values()];
}

test.run();
