// Folders of PNG images with a manifest.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Random } from '../../../engine/core/random.ts';
import { crossValidated } from '../../../gfsr/data/cross-validation.ts';
import { imageFolderDataset } from '../../../gfsr/data/image-folder.ts';
import { allBytes } from '../../../gfsr/data/pixels.ts';
import { pixelHash } from '../../../gfsr/image/pixel-hash.ts';
import { encodePng } from '../../../gfsr/image/png-encode.ts';
import { failure } from '../../support/assertions.ts';
import { npy } from '../../support/npz.ts';
import { IEND, idat, ihdr, png } from '../../support/png.ts';

function grey(value: number, width = 2, height = 2): Uint8Array {
  return encodePng({
    width,
    height,
    channels: 1,
    data: new Uint8Array(width * height).fill(value),
  });
}

const red = encodePng({
  width: 2,
  height: 2,
  channels: 3,
  data: Uint8Array.of(9, 1, 2, 9, 1, 2, 9, 1, 2, 9, 1, 2),
});
const mask = encodePng({ width: 2, height: 2, channels: 1, data: Uint8Array.of(0, 127, 128, 255) });

const files = new Map([
  ['a.png', grey(10)],
  ['b.png', grey(20)],
  ['c.png', grey(30)],
  ['red.png', red],
  ['mask.png', mask],
  ['wide.png', grey(40, 3)],
]);

function read(file: string): Uint8Array {
  const bytes = files.get(file);
  if (!bytes) throw new RangeError(`no such file ${file}`);
  return bytes;
}

const load = (manifest: string, options = {}) =>
  imageFolderDataset(manifest, read, { name: 'toy', ...options });

test('class names, splits, masks', async () => {
  const toy = await load(
    'file,label,split,mask\na.png,"normal",train,\nb.png,ill,train,mask.png\nc.png,ill,val,\n',
  );
  assert.equal(toy.classes, ['ill', 'normal']);
  assert.equal([toy.channels, toy.height, toy.width], [1, 2, 2]);
  assert.equal([...toy.train.labels], [1, 0]);
  assert.equal(toy.train.ids, ['a.png', 'b.png']);
  assert.equal([...allBytes(toy.train.images)], [10, 10, 10, 10, 20, 20, 20, 20]);
  assert.equal([...(toy.train.masks ?? [])], [[1, Uint8Array.of(0, 0, 1, 1)]]);
  assert.is(toy.test, toy.val);
  assert.is(toy.notes.length, 1);
});

test('grey among colours becomes RGB; numbers are labels', async () => {
  const toy = await load('label,split,file\n1,train,a.png\n0,val,red.png\n0,test,c.png');
  assert.is(toy.channels, 3);
  assert.equal(toy.classes, ['0', '1']);
  assert.equal([...allBytes(toy.train.images)], new Array(12).fill(10));
  assert.equal([...allBytes(toy.val.images)], [9, 9, 9, 9, 1, 1, 1, 1, 2, 2, 2, 2]);
});

test('without a split column each class is split 70/10/20, always in the same way', async () => {
  const rows = Array.from({ length: 60 }, (_, i) => `${i}.png,${i < 40 ? 'x' : 'y'}`);
  const manifest = ['file,label', ...rows].join('\n');
  const make = () => imageFolderDataset(manifest, () => grey(1));
  const first = await make();
  assert.equal([first.train.count, first.val.count, first.test.count], [42, 6, 12]);
  for (const [split, ofX] of [
    ['train', 28],
    ['val', 4],
    ['test', 8],
  ] as const) {
    assert.is(first[split].labels.filter((label) => label === 0).length, ofX);
  }
  assert.equal((await make()).train.ids, first.train.ids);
  assert.equal(first.origin?.indexed.slice(0, 3), ['0.png', '1.png', '2.png']);
});

test('images of a patient stay in one split, and the split keeps them', async () => {
  const rows = Array.from({ length: 60 }, (_, i) => `${i}.png,${i % 2 ? 'x' : 'y'},p${i >> 2}`);
  const toy = await imageFolderDataset(['file,label,patient', ...rows].join('\n'), () => grey(1));
  const groups = [toy.train, toy.val, toy.test].map(
    ({ ids, groups }) => new Map(ids.map((id, i) => [id, groups?.[i]])),
  );
  assert.is(groups[0].get('0.png') ?? groups[1].get('0.png') ?? groups[2].get('0.png'), 'p0');
  const all = groups.flatMap((split) => [...new Set(split.values())]);
  assert.is(all.length, 15);
  assert.is(new Set(all).size, 15);
});

/** A grey 16-bit file. */
const deep = (...values: number[]) =>
  png(
    ihdr(values.length, 1, 16),
    idat([0, ...values.flatMap((value) => [value >> 8, value & 255])]),
    IEND,
  );

test('12 bits in 16 keep their grey levels, and a note says what is white', async () => {
  const bytes = new Map([
    ['a.png', deep(0, 16, 2048)],
    ['b.png', deep(4095, 1, 8)],
  ]);
  const manifest = 'file,label,split\na.png,0,train\nb.png,1,val\n';
  const toy = await imageFolderDataset(manifest, (file) => bytes.get(file) as Uint8Array);
  assert.equal([...allBytes(toy.train.images)], [0, 1, 128]);
  assert.equal([...allBytes(toy.val.images)], [255, 0, 0]);
  assert.match(toy.notes[0], '16-bit images have values up to 4,095: taken as 12 bits');
  bytes.set('b.png', deep(65_535, 257, 128));
  const whole = await imageFolderDataset(manifest, (file) => bytes.get(file) as Uint8Array);
  assert.equal([...allBytes(whole.val.images)], [255, 1, 0]);
  assert.not.match(whole.notes.join(), '16-bit');
});

test('the hash of an image does not depend on the other images of its folder', async () => {
  const bytes = new Map([
    ['grey.png', grey(10)],
    ['red.png', red],
    ['deep.png', deep(0, 16, 2048)],
    ['deeper.png', deep(65_535, 257, 128)],
    ['float.npy', npy([1, 3], Float32Array.of(0, 0.5, 1), '<f4')],
    ['other.npy', npy([1, 3], Float32Array.of(0, 0.25, 1), '<f4')],
    ['wide.npy', npy([1, 3], Float32Array.of(-9, 0.5, 200), '<f4')],
  ]);
  const hashIn = async (file: string, other: string, options = {}) => {
    const manifest = `file,label,split\n${file},0,train\n${other},1,val\n`;
    const read = (name: string) => bytes.get(name.replace('again-', '')) as Uint8Array;
    const { train, val } = await imageFolderDataset(manifest, read, options);
    assert.is(train.hashes?.[0] === val.hashes?.[0], other.startsWith('again'));
    return train.hashes?.[0];
  };
  for (const [file, other] of [
    ['grey.png', 'red.png'],
    ['deep.png', 'deeper.png'],
    ['float.npy', 'wide.npy'],
    ['float.npy', 'other.npy'],
  ]) {
    const alone = await hashIn(file, `again-${file}`);
    assert.is(await hashIn(file, other), alone, other);
    for (const fit of ['pad', 'crop']) {
      assert.is(await hashIn(file, other, { fit, side: 2 }), alone, `${other}, ${fit}`);
    }
    assert.is(await hashIn(file, other, { window: 'min-max' }), alone, `${other}, window`);
  }
  assert.is(await hashIn('grey.png', 'red.png'), pixelHash([10, 10, 10, 10], [1, 2, 2]));
});

test('a manifest whose lines end in CR is read', async () => {
  const toy = await load('file,label,split\ra.png,0,train\rb.png,1,val\r');
  assert.equal(toy.train.ids, ['a.png']);
});

test('a manifest of a million rows, and one with endless text, are one short line', async () => {
  const million = `file,label\n${'a.png,1\n'.repeat(1e6)}`;
  assert.match(
    await failure(load(million)),
    /toy: manifest: got 1,000,000 rows of a manifest, expected at most 200,000/,
  );
  const endless = 'x'.repeat(1e6);
  for (const manifest of [
    endless,
    `file,label,split\na.png,1,${endless}`,
    `file,label\n../${endless},1`,
    `file,label,split\na.png,0,train\n${endless},1,train\n${endless},1,train`,
  ]) {
    const said = await failure(imageFolderDataset(manifest, () => grey(1)));
    assert.ok(said.length < 500, said.slice(0, 500));
  }
});

test('what is wrong is named', async () => {
  const cases: [string, RegExp][] = [
    ['', /manifest columns, got \(nothing\), expected file,label/],
    ['name,label\na.png,1', /manifest columns, got name, label/],
    ['file,label', /manifest lists no images/],
    ['file,label\na.png', /manifest line 2: got 1 fields, expected 2/],
    [
      'file,label,split\na.png,1,dev',
      /manifest line 2: split, got "dev", expected train, val or test/,
    ],
    ['file,label,patient\na.png,x,', /manifest line 2: patient is empty/],
    ['file,label,patient,group\na.png,x,1,2', /manifest columns, got file, label, patient, group/],
    ['file,label,split\na.png,,train', /manifest line 2: file or label is empty/],
    ['file,label,split\n../a.png,1,train', /path leaves the folder, got "\.\.\/a\.png"/],
    ['file,label,split\nx/../../a.png,1,train', /path leaves the folder/],
    ['file,label,split\n/etc/passwd,1,train', /path leaves the folder/],
    ['file,label,split\nC:\\a.png,1,train', /path leaves the folder/],
    [
      'file,label,split\na.png,0,train\nwide.png,1,val',
      /toy: wide\.png: got 3 x 2 pixels, expected 2 x 2/,
    ],
    ['file,label,split,mask\na.png,0,train,wide.png', /toy: mask wide\.png: got 3 x 2 pixels/],
    ['file,label,split\na.png,0,train\na.png,1,train\nb.png,1,val', /id "a\.png" occurs twice/],
    ['file,label,split\na.png,0,train\nb.png,0,val', /got 1 classes, expected at least 2/],
    ['file,label,split\na.png,0,train\nb.png,1,test', /got train, test, expected train and val/],
    ['file,label,split\na.png,99999999,train', /got label 99999999/],
    ['file,label,split\ngone.png,1,train', /no such file gone\.png/],
  ];
  for (const [manifest, message] of cases) assert.match(await failure(load(manifest)), message);
  assert.match(
    await failure(load('file,label,split\na.png,0,train\nb.png,1,val', { maxBytes: 5 })),
    /toy: 2 images: got 8 bytes of data, expected at most 5/,
  );
});

test('images of one file are never in two parts, where no column says what belongs together', async () => {
  // Slices that differ too much to be near-copies.
  const random = new Random(1, 'volumes');
  const volume = (): Uint8Array =>
    npy(
      [4, 8, 8],
      Uint8Array.from({ length: 4 * 64 }, () => random.int(256)),
    );
  const volumes = Array.from({ length: 10 }, (_, i) => `v${i}.npy`);
  const all = new Map(volumes.map((file) => [file, volume()]));
  const lines = (more: (i: number) => string) =>
    volumes.map((file, i) => `${file},${i % 2}${more(i)}`).join('\n');
  const folderOf = (manifest: string) =>
    imageFolderDataset(manifest, (file) => all.get(file) as Uint8Array, { name: 'ct' });
  const filesOf = ({ ids }: { ids: string[] }) => new Set(ids.map((id) => id.split('#')[0]));
  const shared = (a: { ids: string[] }, b: { ids: string[] }) =>
    [...filesOf(a)].filter((file) => filesOf(b).has(file));
  const drawn = await folderOf(`file,label\n${lines(() => '')}`);
  const { train, val, test: tested } = crossValidated(drawn, 5, 0);
  assert.equal([shared(train, tested), shared(train, val), shared(val, tested)], [[], [], []]);
  const given = lines((i) => (i < 7 ? ',train' : ',val'));
  const held = await folderOf(`file,label,split\n${given}`);
  assert.equal(shared(held.train, held.val), []);
  const patients = lines((i) => `,p${i >> 1}`);
  const named = await folderOf(`file,label,patient\n${patients}`);
  assert.ok(named.train.groups?.every((group) => /^p\d$/.test(group)));
});

test('labels that are no plain numbers are names', async () => {
  const { classes } = await load('file,label,split\na.png,01,train\nb.png,1,train\nc.png,1,val');
  assert.equal(classes, ['01', '1']);
});

test.run();
