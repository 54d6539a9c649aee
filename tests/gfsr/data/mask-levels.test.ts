// Masks of any two values: 0 and 1, 16 bits, palettes, some of them empty; and those that could mean anything.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { imageFolderDataset } from '../../../gfsr/data/image-folder.ts';
import { type MaskFile, readMaskLevels } from '../../../gfsr/data/mask-levels.ts';
import { decodeLevels } from '../../../gfsr/image/png.ts';
import { encodePng } from '../../../gfsr/image/png-encode.ts';
import { chunk, IEND, idat, ihdr, png } from '../../support/png.ts';

const mask = (values: number[], full = 255, file = 'mask.png'): MaskFile => ({
  ...{ file, full, width: values.length, height: 1 },
  levels: Uint16Array.from(values),
});
const read = (...files: MaskFile[]) => {
  const { masks, note } = readMaskLevels(files, 'toy');
  return { masks: masks.map((each) => [...each()].join('')), note };
};

test('0 and 255 need no word', () => {
  assert.equal(read(mask([0, 255, 0]), mask([0, 0, 0])), {
    masks: ['010', '000'],
    note: undefined,
  });
  assert.equal(read(mask([0, 65_535], 65_535)), { masks: ['01'], note: undefined });
  assert.equal(read(), { masks: [], note: undefined });
  assert.equal(read(mask([0, 0])), { masks: ['00'], note: undefined });
});

test('the larger of any two values is relevant, as the note says; an empty mask stays empty', () => {
  assert.equal(read(mask([0, 1, 0]), mask([0, 0, 0]), mask([1, 1, 1])), {
    masks: ['010', '000', '111'],
    note: 'Masks have the values 0 and 1: 1 is taken as relevant.',
  });
  assert.equal(read(mask([0, 1], 65_535)).masks, ['01']);
  assert.match(read(mask([10, 20])).note as string, /values 10 and 20: 20 is/);
  assert.match(read(mask([200, 250])).note as string, /values 200 and 250: 250 is/);
});

test('of more values the upper half is relevant', () => {
  assert.equal(read(mask([0, 127, 128, 255])), { masks: ['0011'], note: undefined });
  assert.equal(read(mask([0, 32_767, 32_768, 65_535], 65_535)).masks, ['0011']);
  assert.equal(read(mask([0, 255]), mask([0, 65_535], 65_535)).masks, ['01', '01']);
});

test('what could mean anything is refused, with the file and its values', () => {
  const fails = (files: MaskFile[], message: RegExp) =>
    assert.throws(() => readMaskLevels(files, 'toy'), message);
  fails(
    [mask([0, 255]), mask([0, 1], 255, 'small.png')],
    /^toy: mask small\.png is not empty but has no value above 127, got 0, 1, .*together have 0, 1, 255\. Save/,
  );
  fails([mask([0, 1, 2])], /got 0, 1, 2, expected two values/);
  fails([mask([1, 1])], /got 1, expected two values/);
  fails([mask([0, 1, 2, 3, 4, 5, 6])], /got 0, 1, 2, 3, 4 … 6, expected/);
});

test('files of 8 bits, 16 bits and with a palette keep their values', () => {
  const grey = png(ihdr(2, 1), idat([0, 0, 1]), IEND);
  assert.equal([...decodeLevels(grey).levels], [0, 1]);
  const wide = png(ihdr(2, 1, 16), idat([0, 0, 0, 0, 1]), IEND);
  const { levels, full } = decodeLevels(wide);
  assert.equal([[...levels], full], [[0, 1], 65_535]);
  const palette = chunk('PLTE', [0, 0, 0, 0, 100, 0]);
  const indexed = png(ihdr(2, 1, 8, 3), palette, idat([0, 1, 0]), IEND);
  assert.equal([...decodeLevels(indexed).levels], [100, 0]);
  const bits = png(ihdr(2, 1, 1), idat([0, 0b01000000]), IEND);
  assert.equal([...decodeLevels(bits).levels], [0, 255]);
});

test('a folder of such masks says in its notes how they were read', async () => {
  const image = encodePng({ width: 2, height: 1, channels: 1, data: Uint8Array.of(7, 8) });
  const marked = png(ihdr(2, 1, 16), idat([0, 0, 0, 0, 1]), IEND);
  const manifest = 'file,label,split,mask\na.png,0,train,m.png\nb.png,1,val,\nc.png,1,train,m.png';
  const { train, notes } = await imageFolderDataset(manifest, (file) =>
    file === 'm.png' ? marked : image,
  );
  assert.equal(train.masks, new Map([0, 1].map((i) => [i, Uint8Array.of(0, 1)])));
  assert.ok(notes.includes('Masks have the values 0 and 1: 1 is taken as relevant.'));
});

test.run();
