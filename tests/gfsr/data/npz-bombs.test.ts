// Small .npz files that ask for much: refused in words, or read without a list of all values, which would end Node.

import { spawnSync } from 'node:child_process';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { medmnistDataset } from '../../../gfsr/data/medmnist.ts';
import { parseNpy } from '../../../gfsr/data/npy.ts';
import { labelsOf } from '../../../gfsr/data/npz-arrays.ts';

const MANY = 2 ** 27;

/** Runs a script in a process with a heap of 512 MiB. @returns what it printed */
function run(script: string): string {
  const root = new URL('../../../', import.meta.url);
  const imports = `
    import { parseNpy } from '${new URL('gfsr/data/npy.ts', root)}';
    import { pixelValues } from '${new URL('gfsr/data/formats/numpy.ts', root)}';
    import { labelsOf } from '${new URL('gfsr/data/npz-arrays.ts', root)}';
    import { npyHeader } from '${new URL('gfsr/data/npz-writer.ts', root)}';
    const npy = (type, shape, bytes) => {
      const header = npyHeader(type, shape);
      const file = new Uint8Array(header.length + bytes);
      file.set(header);
      return parseNpy(file);
    };`;
  const args = ['--max-old-space-size=512', '--import', 'tsx', '--input-type=module', '-e'];
  const options = { encoding: 'utf8', cwd: root } as const;
  const { stdout, stderr } = spawnSync(process.execPath, [...args, imports + script], options);
  return stdout.trim() || stderr.slice(-500);
}

test('float16, int8 and int64 are converted without a list of all values', () => {
  const read = (type: string, bytes: number) =>
    run(`
      const { values } = pixelValues(npy('${type}', [${MANY / bytes}, 1, 1], ${MANY}));
      console.log(values.constructor.name, values.length);`);
  assert.is(read('<f2', 2), `Float32Array ${MANY / 2}`);
  assert.is(read('|i1', 1), `Int16Array ${MANY}`);
  assert.is(read('<i8', 8), `Float64Array ${MANY / 8}`);
});

test('one-hot rows of a hundred million classes are refused', () => {
  const said = run(`
    try { labelsOf(npy('|u1', [2, ${MANY / 2}], ${MANY}), 2, 'a.npz: train_labels'); }
    catch (error) { console.log(error.message); }`);
  assert.match(
    said,
    /^a\.npz: train_labels: row 0, got \[0, .* and [\d,]+ more\], expected one-hot/,
  );
});

test('one-hot rows of any number type are read', () => {
  for (const Type of [Uint8Array, Int32Array, Float64Array, BigInt64Array]) {
    const values = [0, 1, 0, 1, 0, 0].map((v) => (Type === BigInt64Array ? BigInt(v) : v));
    const data = (Type as typeof Uint8Array).from(values as number[]);
    const array = { shape: [2, 3], dtype: '<x', data };
    assert.equal([...labelsOf(array, 2, 'x')], [1, 0]);
    data.set([data[1]], 0);
    assert.throws(() => labelsOf(array, 2, 'x'), /^x: row 0, got \[1, 1, 0\], expected one-hot/);
  }
});

test('an array of more axes than numpy has is refused', () => {
  const shape = Array.from({ length: 20_000 }, () => 1).join(', ');
  const text = `{'descr': '|u1', 'fortran_order': False, 'shape': (${shape}), }\n`;
  const head = Uint8Array.of(0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, 0, 0);
  new DataView(head.buffer).setUint16(8, text.length, true);
  const bytes = Uint8Array.of(...head, ...new TextEncoder().encode(text), 7);
  assert.throws(
    () => parseNpy(bytes, 'a.npy'),
    /^a\.npy: shape, got 20000 axes, expected at most 64/,
  );
});

test('millions of tiny images, and a mask index of another length, are refused', () => {
  const bytes = (shape: number[]) => ({
    ...{ shape, dtype: '|u1' },
    data: new Uint8Array(shape.reduce((size, n) => size * n, 1)),
  });
  const arrays = (count: number) =>
    new Map(
      ['train', 'val'].flatMap((split) => [
        [`${split}_images`, bytes([count, 1, 1])],
        [`${split}_labels`, bytes([count])],
      ]),
    );
  const tiny = () => medmnistDataset(arrays(3_000_000), 'a');
  assert.throws(tiny, /^a: train_images: got 3,000,000 images, expected at most 2,000,000\./);
  const masked = arrays(4)
    .set('train_masks', bytes([1, 1, 1]))
    .set('train_mask_index', bytes([2 ** 27]));
  assert.throws(() => medmnistDataset(masked, 'a'), /got 134217728 entries, expected 4\./);
});

test.run();
