// Marks of other programs on a data set: a folder of labelme files beside the images, and images found by their paths.
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readAnnotations } from '../../../../gfsr/annotation/annotation-source.ts';
import { foreignMarks, imageFinder } from '../../../../gfsr/annotation/exchange/foreign-marks.ts';
import { type FilesAt, readFilesAt } from '../../../../gfsr/annotation/exchange/import-marks.ts';
import { MARK } from '../../../../gfsr/annotation/marks.ts';
import { defaultConfig, withChanges } from '../../../../gfsr/config/config.ts';
import { loadDataset } from '../../../../gfsr/data/load.ts';
import { encodePng } from '../../../../gfsr/image/png-encode.ts';

const folder = mkdtempSync(join(tmpdir(), 'gfsr-marks-'));
const image = (height: number, width: number) =>
  encodePng({ height, width, channels: 1, data: new Uint8Array(height * width).map((_, p) => p) });
const rows = ['file,label,split'];
for (const [split, label, name] of [
  ['train', 'a', 'one'],
  ['train', 'b', 'two'],
  ['val', 'a', 'three'],
  ['test', 'b', 'four'],
]) {
  mkdirSync(join(folder, 'photos', label), { recursive: true });
  writeFileSync(join(folder, 'photos', label, `${name}.png`), image(20 + name.length, 40));
  rows.push(`${label}/${name}.png,${label},${split}`);
}
writeFileSync(join(folder, 'photos', 'manifest.csv'), rows.join('\n'));

const mark = (name: string, label: string, points: number[][], imagePath = `${name}.png`) =>
  JSON.stringify({
    shapes: [{ label, points, shape_type: 'rectangle' }],
    ...{ imagePath, imageHeight: 20 + name.length, imageWidth: 40 },
  });
const read = async (path: string) => {
  const data = await loadDataset(join(folder, 'photos'), { fit: 'crop', side: 8 });
  const annotation = { source: join(folder, path) };
  return { data, ...(await readAnnotations(data, withChanges(defaultConfig, { annotation }))) };
};

test('a folder of labelme files guides, whatever the fit; marks of val images are left out', async () => {
  mkdirSync(join(folder, 'marks'));
  writeFileSync(
    join(folder, 'marks', 'one.json'),
    mark('one', 'tumour', [
      [10, 0],
      [30, 23],
    ]),
  );
  writeFileSync(
    join(folder, 'marks', 'two.json'),
    mark('two', 'Shortcut', [
      [0, 0],
      [50, 50],
    ]),
  );
  writeFileSync(
    join(folder, 'marks', 'three.json'),
    mark('three', 'tumour', [
      [0, 0],
      [9, 9],
    ]),
  );
  const { annotations, summary } = await read('marks');
  assert.is(annotations.size, 2);
  const [one] = annotations.get(0) ?? [];
  assert.ok(one.filter((m) => m === MARK.positive).length > 40);
  const [two] = annotations.get(1) ?? [];
  assert.ok(two.every((m) => m === MARK.negative));
  assert.match(summary, /marks on 2 of 2 training images; images of \w+ are not guided/);
  assert.match(summary, /; 1 × shape partly outside its image, cut/);
  assert.match(summary, /1 annotations of images that are not trained on are left out/);
});

test('files of a folder may not be larger together than one file', async () => {
  const many = join(folder, 'many');
  mkdirSync(many);
  const text = mark('one', 'relevant', [
    [1, 1],
    [5, 5],
  ]);
  for (let i = 0; i < 10; i++) writeFileSync(join(many, `${i}.json`), text);
  process.env.GFSR_MAX_ANNOTATION_BYTES = String(3 * text.length);
  try {
    const error = await read('many').catch((thrown) => thrown);
    assert.match(error.message, /many: got \d+ bytes of annotations, expected at most \d+\. If/);
  } finally {
    delete process.env.GFSR_MAX_ANNOTATION_BYTES;
  }
});

test('YOLO knows the sizes from the data; an unknown image is named', async () => {
  mkdirSync(join(folder, 'yolo'));
  writeFileSync(join(folder, 'yolo', 'one.txt'), '0 0.5 0.5 1 1\n');
  const { annotations } = await read('yolo');
  assert.ok((annotations.get(0) ?? [])[0].every((m) => m === MARK.positive));
  mkdirSync(join(folder, 'other'));
  writeFileSync(
    join(folder, 'other', 'x.json'),
    mark('nine', 'tumour', [
      [1, 1],
      [3, 3],
    ]),
  );
  try {
    await read('other');
    assert.unreachable();
  } catch (error) {
    assert.match(
      (error as Error).message,
      /unknown image, got "nine\.png", expected an id such as "a\/one\.png"/,
    );
  }
});

test('YOLO files of images that were not loaded are left out, with a note', async () => {
  const bytes = new TextEncoder().encode('0 0.5 0.5 1 1\n');
  const files = ['one.txt', 'beyond the limit.txt'].map((name) => ({ path: name, bytes }));
  const { file, notes } = await foreignMarks(files, 'yolo', {
    ...{ name: 'd', known: new Set(['one.png', 'beyond the limit.png']) },
    sizeOf: (id) => (id === 'one.png' ? [10, 10] : undefined),
  });
  assert.equal(
    file.annotations.map(({ image }) => image),
    ['one.png'],
  );
  assert.equal(notes, ['1 × image that is not at hand, whose marks are left out.']);
});

test('images are found by path, by name, and by name without the ending, unless there are two', () => {
  const find = imageFinder(['a/x.jpg', 'b/x.jpg', 'b/y.jpg']);
  assert.equal(
    ['a/x.jpg', './a/x.jpg', 'a/x.png', 'y.jpg', 'images/y.tif', 'x.jpg', 'z.jpg'].map(find),
    ['a/x.jpg', 'a/x.jpg', 'a/x.jpg', 'b/y.jpg', 'b/y.jpg', 'x.jpg', 'z.jpg'],
  );
});

test('names with dots find their own image, with or without an ending', () => {
  const find = imageFinder([
    'img.png',
    'img.v2.png',
    's/1.2.840.113.png',
    '1.2.840.115',
    '1.2.840.116',
  ]);
  for (const [name, id] of [
    ['img.v2.txt', 'img.v2.png'],
    ['img.v2', 'img.v2.png'],
    ['img.txt', 'img.png'],
    ['1.2.840.113.txt', 's/1.2.840.113.png'],
    ['1.2.840.113', 's/1.2.840.113.png'],
    ['1.2.840.116.txt', '1.2.840.116'],
    ['1.2.840.114', '1.2.840.114'],
  ]) {
    assert.is(find(name), id);
  }
});

for (const [kind, bytes] of [
  ['txt', new TextEncoder().encode('0 0.5 0.5 1 1\n')],
  ['png', encodePng({ height: 1, width: 1, channels: 1, data: Uint8Array.of(1) })],
] as const) {
  test(`marks of a .${kind} file land on the image of its whole name`, async () => {
    const { file } = await foreignMarks([{ path: `img.v2.${kind}`, bytes }], 'x', {
      ...{ name: 'd', known: new Set(['img.png', 'img.v2.png']), sizeOf: () => [1, 1] },
    });
    assert.equal(
      file.annotations.map(({ image }) => image),
      ['img.v2.png'],
    );
  });
}

test('files of another kind may lie beside annotations', async () => {
  const write = (name: string, files: Readonly<Record<string, string | Uint8Array>>) => {
    mkdirSync(join(folder, name));
    for (const [file, content] of Object.entries(files)) {
      writeFileSync(join(folder, name, file), content);
    }
    return readFilesAt(join(folder, name));
  };
  const names = ({ files }: FilesAt) => files.map(({ path }) => path);
  const mask = image(4, 4);
  assert.equal(names(await write('k1', { 'notes.json': '{}', 'a.txt': '0 0 0 1 1' })), ['a.txt']);
  assert.equal(names(await write('k2', { 'README.txt': 'Two masks.', 'a.png': mask })), ['a.png']);
  assert.equal(names(await write('k3', { 'classes.txt': 'x', 'a.png': mask })), [
    'a.png',
    'classes.txt',
  ]);
  const unknown = { 'of-another-program.json': '{}', 'photo.png': mask };
  assert.equal(names(await write('k4', unknown)), ['of-another-program.json']);
});

test.after(() => rmSync(folder, { recursive: true }));
test.run();
