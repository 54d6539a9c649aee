// Files that a person gives are a folder, an archive or pictures; typed classes make a manifest that the readers read.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readManifest } from '../../../gfsr/data/manifest.ts';
import { givenOf, withoutTop } from '../../../studio/open/given.ts';
import { manifestText } from '../../../studio/open/label-rows.ts';
import { suggestedShape } from '../../../studio/open/preview.ts';

const files = (...paths: string[]) => paths.map((path) => ({ path, file: new Blob([]) }));

test('the folder around all files is the name, not a class', () => {
  const given = givenOf(files('photos/cat/1.png', 'photos/dog/1.png'));
  assert.is(given.name, 'photos');
  assert.equal(given.kind === 'folder' && given.files.map(({ path }) => path), [
    'cat/1.png',
    'dog/1.png',
  ]);
  assert.equal(withoutTop(['__MACOSX/x', 'a/1.png', 'a/b/2.png']), {
    top: 'a',
    paths: ['__MACOSX/x', '1.png', 'b/2.png'],
  });
  assert.is(withoutTop(['cat/1.png', 'dog/1.png']).top, '');
});

test('one archive is an archive, and nothing is an error', () => {
  const { kind, name } = givenOf(files('Some.Scans.NPZ'));
  assert.equal([kind, name], ['npz', 'Some.Scans']);
  assert.is(givenOf(files('a.zip', 'b.zip')).kind, 'folder');
  assert.throws(() => givenOf([]), /no files/);
});

test('typed classes and patients read back, quotes and commas included', () => {
  const rows = [
    { file: 'a, "b".png', label: ' ill ', group: 'p1' },
    { file: 'c.png', label: 'well', group: '' },
  ];
  const { rows: read } = readManifest(manifestText(rows), 'typed');
  assert.equal(
    read.map(({ file, label, group }) => [file, label, group]),
    [
      ['a, "b".png', 'ill', 'p1'],
      ['c.png', 'well', 'c.png'],
    ],
  );
  const plain = readManifest(manifestText(rows.map((row) => ({ ...row, group: ' ' }))), 'typed');
  assert.is(plain.rows[0].group, undefined);
});

test('small squares stay as they are; other pictures become squares that half of them fill', () => {
  const keep = { fit: 'none', side: 0 } as const;
  assert.equal(suggestedShape([]), keep);
  assert.equal(
    suggestedShape([
      [64, 64],
      [64, 64],
    ]),
    keep,
  );
  assert.equal(suggestedShape([[480, 640]]), { fit: 'pad', side: 224 });
  assert.equal(
    suggestedShape([
      [20, 20],
      [100, 90],
      [70, 300],
    ]),
    { fit: 'pad', side: 64 },
  );
  assert.equal(suggestedShape([[512, 512]]), { fit: 'pad', side: 224 });
});

test.run();
