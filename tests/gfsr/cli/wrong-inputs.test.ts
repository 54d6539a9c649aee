// What the command line says of data, masks, annotations and machines that are not right: one line, exit 1.
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { encodePng } from '../../../gfsr/image/png-encode.ts';
import { npy, npz } from '../../support/npz.ts';
import { SIDE, tinyArrays, writeTiny } from '../../support/tiny-data.ts';
import { complaint, gfsr, TINY, tempFolder } from './cli.ts';

const folder = tempFolder();

/** What `gfsr train` complains of; it must exit with 1. */
async function trainSays(data: string, ...args: string[]): Promise<string> {
  const outcome = await gfsr(['train', '--data', data, '--out', join(folder, 'run'), ...args]);
  assert.is(outcome.code, 1, outcome.stderr);
  return complaint(outcome);
}

/** Writes an .npz of the given arrays and returns its path. */
function archive(name: string, arrays: Record<string, Uint8Array>): string {
  const path = join(folder, `${name}.npz`);
  writeFileSync(path, npz(arrays));
  return path;
}

const grey = (width: number, height: number) =>
  encodePng({ width, height, channels: 1, data: new Uint8Array(width * height) });

/** Writes a folder of PNG images with a manifest and returns its path. */
function pictures(name: string, manifest: string, files: Record<string, Uint8Array>): string {
  const path = join(folder, name);
  mkdirSync(path, { recursive: true });
  writeFileSync(join(path, 'manifest.csv'), manifest);
  for (const [file, bytes] of Object.entries(files)) writeFileSync(join(path, file), bytes);
  return path;
}

const MANIFEST = 'file,label,split,mask\na.png,0,train,m.png\nb.png,1,val,\n';

test('a file that is not there, or of another kind', async () => {
  assert.match(await trainSays(join(folder, 'none.npz')), /no such file or folder.*none\.npz/);
  const text = join(folder, 'text.txt');
  writeFileSync(text, 'hello');
  assert.match(await trainSays(text), /kind of file.*expected a MedMNIST/);
  const notZip = join(folder, 'text.npz');
  writeFileSync(notZip, 'hello');
  assert.match(await trainSays(notZip), /zip/);
});

test('an archive with other keys', async () => {
  const path = archive('keys', { x_train: npy([1], new Uint8Array(1)) });
  assert.match(
    await trainSays(path),
    /not in MedMNIST's layout, got keys x_train, expected train_images/,
  );
});

test('labels out of range', async () => {
  const arrays = { ...tinyArrays(8, 'train'), ...tinyArrays(4, 'val') };
  const labels = new Uint8Array(Int16Array.of(0, 1, -1, 1, 0, 1, 0, 1).buffer);
  const path = archive('labels', { ...arrays, train_labels: npy([8, 1], labels, '<i2') });
  assert.match(await trainSays(path), /train_labels.*got label -1, expected a whole number from 0/);
});

test('masks and images of another size', async () => {
  const arrays = { ...tinyArrays(8, 'train'), ...tinyArrays(4, 'val') };
  const masks = npy([8, SIDE, SIDE - 1], new Uint8Array(8 * SIDE * (SIDE - 1)));
  const path = archive('masks', { ...arrays, train_masks: masks });
  assert.match(await trainSays(path), /train_masks, got \[8, 12, 11\], expected \[M, 12, 12\]/);
  const files = { 'a.png': grey(9, 9), 'b.png': grey(9, 9), 'm.png': grey(9, 8) };
  const folderPath = pictures('sizes', MANIFEST, files);
  assert.match(await trainSays(folderPath), /m\.png: got 9 x 8 pixels, expected 9 x 9/);
});

test('an image larger than the device allows', async () => {
  const side = 8000;
  const big = grey(side, side);
  const files = { 'a.png': big, 'b.png': big, 'm.png': big };
  const path = pictures('big', MANIFEST, files);
  assert.match(
    await trainSays(path),
    /8000×8000 pixels needs [\d,]+ bytes.*this device allows [\d,]+\./,
  );
});

test('images that are not square, and a batch larger than the training set', async () => {
  const files = { 'a.png': grey(9, 8), 'b.png': grey(9, 8), 'm.png': grey(9, 8) };
  assert.match(await trainSays(pictures('wide', MANIFEST, files)), /8×9, expected square/);
  assert.match(
    await trainSays(writeTiny(folder), '--batch-size', '49'),
    /batchSize is 49, but there are 48/,
  );
});

test('a layer that the classifier does not have, before anything is written', async () => {
  assert.match(
    await trainSays(writeTiny(folder), '--layer', 'conv9', ...TINY),
    /no layer conv9, expected first/,
  );
  assert.not(existsSync(join(folder, 'run')));
});

test('annotations that are missing, damaged, or of other images', async () => {
  const data = writeTiny(folder);
  const marks = join(folder, 'marks.json');
  const says = (annotations: unknown) => {
    writeFileSync(
      marks,
      JSON.stringify({ format: 'gfsr-annotations', version: 1, dataset: 'tiny', annotations }),
    );
    return trainSays(data, '--annotations', marks, ...TINY);
  };
  const click = { kind: 'click', sign: 'positive', points: [[3, 3]] };
  assert.match(
    await trainSays(data, '--annotations', join(folder, 'no.json')),
    /no\.json": no such file/,
  );
  assert.match(
    await says([{ image: 'x-1', annotator: 'a', strokes: [click] }]),
    /unknown image, got "x-1"/,
  );
  assert.match(
    await says([{ image: 0, annotator: 'a', strokes: [{ ...click, points: [[99, 3]] }] }]),
    /point outside the image/,
  );
  const mask = {
    kind: 'mask',
    sign: 'positive',
    points: [],
    mask: { size: [4, 4], counts: [0, 16] },
  };
  assert.match(
    await says([{ image: 0, annotator: 'a', strokes: [mask] }]),
    /mask is \[4, 4\], expected \[12, 12\]/,
  );
  assert.match(await says([]), /marks nothing as relevant or irrelevant/);
});

test('a machine without an adapter', async () => {
  const nowhere = { VK_DRIVER_FILES: '/nonexistent', VK_ICD_FILENAMES: '/nonexistent' };
  const data = writeTiny(folder);
  const outcome = await gfsr(['train', '--data', data, ...TINY], { env: nowhere });
  assert.is(outcome.code, 1);
  assert.match(complaint(outcome), /no WebGPU adapter found\. Install a Vulkan driver/);
  const diagnosis = await gfsr(['doctor'], { env: nowhere });
  assert.is(diagnosis.code, 1);
  assert.match(diagnosis.stdout, /^adapter +NONE$/m);
});

test('shows the stack only where it is asked for', async () => {
  const args = ['train', '--data', join(folder, 'none.npz')];
  assert.not.match((await gfsr(args)).stderr, /\n\s+at /);
  assert.match((await gfsr([...args, '--verbose'])).stderr, /\n\s+at /);
});

test.run();
