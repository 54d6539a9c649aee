// A person's marks go to the disk one image at a time, and nothing else in the file changes.
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readAnnotationFile } from '../../../gfsr/annotation/annotation-files.ts';
import { type Annotation, serialiseAnnotations } from '../../../gfsr/annotation/annotations.ts';
import { loadDataset } from '../../../gfsr/data/load.ts';
import { fitInto } from '../../../gfsr/image/placement.ts';
import { MarkFile, revisionOf, StaleMarksError } from '../../../gfsr/serve/mark-file.ts';

const dataset = await loadDataset('decoy-mnist', { limit: 40 });
const folder = mkdtempSync(join(tmpdir(), 'gfsr-marks-'));
const click = (x: number) => ({
  kind: 'click' as const,
  sign: 'positive' as const,
  points: [[x, 3]] as [number, number][],
});
const FIRST = revisionOf([]);

test('every change is in the file at once, bound to its image, and reads back', async () => {
  const path = join(folder, 'a.json');
  const marks = await MarkFile.open(path, dataset, 'ann');
  assert.is(existsSync(path), false);
  const { revision } = marks.replace(5, [click(4)], FIRST);
  marks.replace(2, [click(7)], FIRST);
  marks.replace(5, [click(4), click(9)], revision);
  const { annotations } = await readAnnotationFile(path, dataset);
  assert.equal(
    annotations.map(({ image, annotator, strokes }) => [image, annotator, strokes.length]),
    [
      [dataset.train.ids[2], 'ann', 1],
      [dataset.train.ids[5], 'ann', 2],
    ],
  );
  assert.ok(annotations.every(({ hash }) => hash !== undefined));
  const again = await MarkFile.open(path, dataset, 'ann');
  assert.equal(again.all(), marks.all());
  again.replace(2, [], again.of(2).revision);
  assert.is((await readAnnotationFile(path, dataset)).annotations.length, 1);
});

test('marks of other people and of other images stay as they are', async () => {
  const path = join(folder, 'b.json');
  const other: Annotation = { image: dataset.train.ids[3], annotator: 'ben', strokes: [click(1)] };
  const elsewhere: Annotation = {
    image: dataset.val.ids[0],
    annotator: 'ann',
    strokes: [click(2)],
  };
  const { name } = dataset;
  const head = { format: 'gfsr-annotations', version: 1, dataset: name } as const;
  writeFileSync(path, serialiseAnnotations({ ...head, annotations: [other, elsewhere] }));
  const marks = await MarkFile.open(path, dataset, 'ann');
  assert.equal(marks.all(), []);
  marks.replace(3, [click(8)], FIRST);
  const { annotations } = JSON.parse(readFileSync(path, 'utf8'));
  assert.equal(annotations.slice(0, 2), [other, elsewhere]);
  assert.is(annotations[2].annotator, 'ann');
});

test('a change of marks that somebody else has changed is refused', async () => {
  const path = join(folder, 'c.json');
  const marks = await MarkFile.open(path, dataset, 'ann');
  marks.replace(1, [click(4)], FIRST);
  assert.throws(
    () => marks.replace(1, [click(5)], FIRST),
    (error: Error) => error instanceof StaleMarksError,
  );
  assert.equal(marks.of(1).strokes, [click(4)]);
});

test('two people who mark into one file at the same time lose nothing', async () => {
  const path = join(folder, 'two.json');
  const ann = await MarkFile.open(path, dataset, 'ann');
  const ben = await MarkFile.open(path, dataset, 'ben');
  const first = ann.replace(1, [click(4)], FIRST);
  ben.replace(1, [click(5)], FIRST);
  ann.replace(1, [click(4), click(6)], first.revision);
  const { annotations } = JSON.parse(readFileSync(path, 'utf8'));
  assert.equal(
    annotations.map(({ annotator, strokes }: Annotation) => [annotator, strokes.length]),
    [
      ['ben', 1],
      ['ann', 2],
    ],
  );
  const twin = await MarkFile.open(path, dataset, 'ann');
  const { revision } = ann.replace(2, [click(4)], FIRST);
  assert.throws(() => twin.replace(2, [click(5)], FIRST), /marked elsewhere since/);
  assert.equal(twin.of(2).strokes, [click(4)], 'it is there when the page is loaded again');
  twin.replace(2, [click(5)], revision);
  writeFileSync(path, 'damaged');
  assert.throws(() => ann.replace(3, [click(4)], FIRST), /two\.json/);
  assert.is(readFileSync(path, 'utf8'), 'damaged');
});

test('marks follow images that have other names since', async () => {
  const path = join(folder, 'renamed.json');
  (await MarkFile.open(path, dataset, 'ann')).replace(5, [click(4)], FIRST);
  const text = readFileSync(path, 'utf8');
  writeFileSync(path, text.replace(JSON.stringify(dataset.train.ids[5]), '"an older name"'));
  const marks = await MarkFile.open(path, dataset, 'ann');
  assert.equal(
    marks.all().map(({ image }) => image),
    [5],
  );
  marks.replace(6, [click(4)], FIRST);
  assert.not.match(readFileSync(path, 'utf8'), 'older');
});

test('what the format does not allow leaves file and marks as they were', async () => {
  const path = join(folder, 'd.json');
  const marks = await MarkFile.open(path, dataset, 'ann');
  const { revision } = marks.replace(1, [click(4)], FIRST);
  const before = readFileSync(path, 'utf8');
  for (const [strokes, message] of [
    [[click(99)], /outside the image/],
    [[{ kind: 'box', sign: 'positive', points: [[1, 1]] }], /box with 1 points/],
    [[{ kind: 'line' }], /kind/],
    [[7], /Object/],
  ] as const) {
    assert.throws(() => marks.replace(1, strokes as never, revision), message);
  }
  assert.throws(() => marks.replace(40, [], FIRST), /image is 40, expected 0 to 39/);
  assert.throws(() => marks.replace(Number.NaN, [], FIRST), /image is NaN/);
  assert.is(readFileSync(path, 'utf8'), before);
  assert.equal(marks.of(1).strokes, [click(4)]);
});

test('a file that cannot be written keeps what was there', async () => {
  const path = join(folder, 'gone', 'e.json');
  mkdirSync(join(folder, 'gone'));
  const marks = await MarkFile.open(path, dataset, 'ann');
  const below = join(folder, 'gone', 'x');
  const blocked = await MarkFile.open(join(below, 'e.json'), dataset, 'ann');
  rmSync(below, { recursive: true });
  writeFileSync(below, '');
  assert.throws(
    () => blocked.replace(1, [click(4)], FIRST),
    /it, or a part of it, is a file, expected a folder/,
  );
  assert.equal(blocked.of(1).strokes, []);
  const again = await MarkFile.open(join(below, 'e.json'), dataset, 'ann').catch((e) => e);
  assert.match(again.message, /something of this name is there already/);
  marks.replace(1, [click(4)], FIRST);
  assert.is(existsSync(path), true);
});

test('on smaller images, marks are in the pixels of the file, and do not drift', async () => {
  const path = join(folder, 'small.json');
  const small = await loadDataset('decoy-mnist', { limit: 40, side: 9 });
  const marks = await MarkFile.open(path, small, 'ann');
  let { strokes, revision } = marks.replace(1, [click(4)], FIRST);
  const inFile = () => JSON.parse(readFileSync(path, 'utf8')).annotations[0].strokes[0];
  const before = inFile();
  assert.equal(before.points, [[12.44, 9.33]]);
  for (let i = 0; i < 5; i++) {
    ({ strokes, revision } = marks.replace(1, [strokes[0], click(i)], revision));
  }
  assert.equal(inFile(), before);
  assert.equal((await MarkFile.open(path, small, 'ann')).all(), marks.all());
  assert.is((await readAnnotationFile(path, dataset)).annotations.length, 1);
});

test('a stroke that reaches beyond a square of the middle does not hinder others', async () => {
  const path = join(folder, 'middle.json');
  const fit = { side: 9, fit: 'crop' } as const;
  const small = await loadDataset('decoy-mnist', { limit: 40, ...fit });
  // 28×40 pixels, of which the middle 28 columns are shown.
  const placement = fitInto([28, 40], 9, 'crop');
  const train = { ...small.train, placements: small.train.ids.map(() => placement) };
  const images = { ...small, train };
  const head = { format: 'gfsr-annotations', version: 1, dataset: dataset.name } as const;
  const wide = {
    kind: 'box' as const,
    sign: 'positive' as const,
    points: [
      [0, 3],
      [39, 20],
    ] as [number, number][],
  };
  const annotations = [{ image: dataset.train.ids[1], annotator: 'ann', strokes: [wide] }];
  writeFileSync(path, serialiseAnnotations({ ...head, annotations }));
  const marks = await MarkFile.open(path, images, 'ann');
  const { strokes, revision } = marks.of(1);
  marks.replace(1, [...strokes, click(4)], revision);
  const [kept] = JSON.parse(readFileSync(path, 'utf8')).annotations[0].strokes;
  assert.equal(kept, wide);
  assert.throws(() => marks.replace(2, strokes, FIRST), /outside the image/);
});

test('a file about other data is refused', async () => {
  const path = join(folder, 'f.json');
  const head = { format: 'gfsr-annotations', version: 1, dataset: 'scans' } as const;
  const annotations = [{ image: 0, annotator: 'ann', strokes: [click(1)] }];
  writeFileSync(path, serialiseAnnotations({ ...head, annotations }));
  try {
    await MarkFile.open(path, dataset, 'ann');
    assert.unreachable();
  } catch (error) {
    assert.match((error as Error).message, /dataset is "scans"/);
  }
});

test('marks of another program are gone on with in a file of their own', async () => {
  const theirs = join(folder, 'labelme');
  mkdirSync(theirs);
  const image = dataset.train.ids[4];
  const shape = {
    label: 'digit',
    shape_type: 'polygon',
    points: [
      [4, 5],
      [12, 5],
      [12, 11],
    ],
  };
  const size = { imageHeight: dataset.height, imageWidth: dataset.width };
  const text = JSON.stringify({ version: '5', shapes: [shape], imagePath: image, ...size });
  writeFileSync(join(theirs, 'one.json'), text);
  const marks = await MarkFile.open(theirs, dataset, 'ann');
  assert.equal(
    marks.all().map((each) => [each.image, each.strokes.length]),
    [[4, 1]],
  );
  marks.replace(5, [click(4)], FIRST);
  assert.is(readFileSync(join(theirs, 'one.json'), 'utf8'), text);
  const again = await MarkFile.open(marks.path, dataset, 'ann');
  assert.equal(again.all(), marks.all());
  assert.equal(
    (await readAnnotationFile(marks.path, dataset)).annotations.map((each) => each.annotator),
    ['ann', 'ann'],
  );
  try {
    await MarkFile.open(theirs, dataset, 'ann');
    assert.unreachable('a second import would replace marks');
  } catch (error) {
    assert.instance(error, RangeError);
    assert.match((error as Error).message, /Continue with --annotations .*labelme-marks\.json/);
  }
});

test.run();
