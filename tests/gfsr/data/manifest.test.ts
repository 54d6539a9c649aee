// Manifests that are written: read back they are the same, and they keep what the data set was read as.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { imageFolderDataset } from '../../../gfsr/data/image-folder.ts';
import { formatManifest, readManifest, rowsAsRead } from '../../../gfsr/data/manifest.ts';
import { encodePng } from '../../../gfsr/image/png-encode.ts';

const read = (text: string) => readManifest(text, 'lab').rows;

/** A picture of its own for every file. */
const pictureOf = (file: string) =>
  encodePng({
    ...{ width: 8, height: 8, channels: 1 },
    data: Uint8Array.from(
      { length: 64 },
      (_, p) => (p * 7 + [...file].length * 31 + p * file.charCodeAt(0)) % 256,
    ),
  });
const datasetOf = (text: string) => imageFolderDataset(text, pictureOf, { name: 'lab' });

test('every row is read back as it was, whatever a spreadsheet would make of its fields', () => {
  const rows = read(
    [
      'file,label,split,mask,patient',
      '"=1+1.png",+ill,train,"m;1.png",@a',
      `''=x.png,-,val,,'b`,
      '"say ""hi"", twice.png","two words",test,,c',
    ].join('\n'),
  );
  assert.is(rows[1].file, "'=x.png", 'one apostrophe belongs to the format');
  const text = formatManifest(rows);
  assert.match(text, /^file,label,split,mask,group\n'=1\+1\.png,'\+ill,train,"m;1\.png",'@a\n/);
  assert.not.match(text, /(^|[,;"\n])[=+\-@]/);
  assert.equal(read(text), rows);
  const plain = read('file;label\na.png;0\nb.png;1\n');
  assert.is(formatManifest(plain).split('\n')[0], 'file,label,split');
  assert.equal(read(formatManifest(plain)), plain);
});

test('splits that were drawn by class stay when a class is corrected', async () => {
  const files = Array.from({ length: 30 }, (_, i) => `${i}.png,${i % 3 === 0 ? 'ill' : 'well'}`);
  const given = `file,label\n${files.join('\n')}\n`;
  const dataset = await datasetOf(given);
  const labels = dataset.train.labels.slice();
  for (const i of [0, 4, 9]) labels[i] = 1 - labels[i];
  const { classes, train, val, test } = dataset;
  const corrected = { classes, val, test, train: { ids: train.ids, labels } };
  const again = await datasetOf(formatManifest(rowsAsRead(read(given), corrected)));
  for (const split of ['train', 'val', 'test'] as const) {
    assert.equal(again[split].ids, dataset[split].ids);
  }
  assert.equal(again.train.labels, labels);
  assert.equal([again.val.labels, again.test.labels], [val.labels, test.labels]);
});

test('a fifth of train that was held out stays held out', async () => {
  const split = (i: number) => (i < 25 ? 'train' : 'val');
  const files = Array.from({ length: 30 }, (_, i) => `${i}.png,${i % 2},${split(i)}`);
  const given = `file,label,split\n${files.join('\n')}\n`;
  const dataset = await datasetOf(given);
  assert.is(dataset.test.count, 5);
  const again = await datasetOf(formatManifest(rowsAsRead(read(given), dataset)));
  for (const split of ['train', 'val', 'test'] as const) {
    assert.equal([...again[split].ids].sort(), [...dataset[split].ids].sort());
  }
  assert.equal(again.classes, ['0', '1']);
});

test('images of one file have one class in a manifest; files that were not read keep theirs', () => {
  const rows = read(
    'file,label,split\nscan.dcm,ill,train\nodd#1.png,ill,train\nbroken.png,ill,val\n',
  );
  const images = (...labels: number[]) => ({
    classes: ['ill', 'well'],
    train: { ids: ['scan.dcm#1', 'scan.dcm#2', 'odd#1.png'], labels: Int32Array.from(labels) },
  });
  assert.equal(
    rowsAsRead(rows, images(1, 1, 1)).map(({ label }) => label),
    ['well', 'well', 'ill'],
  );
  assert.throws(
    () => rowsAsRead(rows, images(1, 0, 0)),
    /images of "scan\.dcm" are of several classes, got "well" and "ill", expected one/,
  );
});

test.run();
