// Label Studio: labels beside shapes, skipped annotations, sizes from elsewhere, and names of images in addresses.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readShapes } from '../../../../gfsr/annotation/exchange/exchange.ts';

const SIZE = { original_width: 20, original_height: 10 };
const BOX = { x: 10, y: 10, width: 50, height: 50, rotation: 0 };
const named = (label: string) => ({
  ...{ type: 'rectanglelabels', ...SIZE, value: { ...BOX, rectanglelabels: [label] } },
});

interface Task {
  readonly data?: object;
  readonly file_upload?: string;
  readonly annotations: readonly object[];
}

const read = ({ data = { image: 'a.png' }, ...task }: Task, size?: readonly [number, number]) => {
  const bytes = new TextEncoder().encode(JSON.stringify([{ data, ...task }]));
  return readShapes([{ path: 'a.json', bytes }], 'a.json', async () => size);
};

test('separate tags for shape and label are two results with one id', async () => {
  const region = (id: string, label: string) => [
    { id, type: 'rectangle', ...SIZE, value: BOX },
    { id, type: 'labels', ...SIZE, value: { ...BOX, labels: [label] } },
  ];
  const result = [...region('r1', 'tumour'), ...region('r2', 'irrelevant')];
  const { images, notes } = await read({
    annotations: [{ result }, { result: region('r1', 'x') }],
  });
  assert.equal(
    images[0].shapes.map(({ label, kind }) => [label, kind]),
    [
      ['tumour', 'box'],
      ['irrelevant', 'box'],
      ['x', 'box'],
    ],
    'an id is one of its annotation',
  );
  assert.equal(notes, []);
  const alone = await read({ annotations: [{ result: region('r1', 'x').slice(1) }] });
  assert.equal(alone.notes, ['1 × Label Studio result of the type "labels", left out.']);
});

test('a size that is not in the file is that of the image; without one, a note', async () => {
  const { original_width, original_height, ...result } = named('x');
  const annotations = [{ result: [result] }];
  const { images, notes } = await read({ annotations }, [10, 20]);
  assert.equal([images[0].size, images[0].shapes.length, notes.length], [[10, 20], 1, 0]);
  const unsized = await read({ annotations });
  assert.equal(unsized.images[0].shapes, []);
  assert.equal(unsized.notes, ['1 × Label Studio result on an image of unknown size, left out.']);
});

test('a skipped annotation marks nothing', async () => {
  const skipped = { was_cancelled: true, result: [named('x')] };
  const empty = { was_cancelled: true, result: [] };
  const kept = { was_cancelled: false, result: [named('y')] };
  const { images, notes } = await read({ annotations: [skipped, empty, kept] });
  assert.equal(
    images[0].shapes.map(({ label }) => label),
    ['y'],
  );
  assert.equal(notes, ['1 × annotation that was skipped in Label Studio, left out.']);
});

test('the name of the image is found in what the task has', async () => {
  const nameOf = async (data: object, file_upload?: string) =>
    (await read({ data, file_upload, annotations: [{ result: [named('x')] }] })).images[0].name;
  assert.is(await nameOf({ patient: 'p1', image: '/data/upload/1/abcdef12-a.png' }), 'a.png');
  assert.is(await nameOf({ image: '/data/local-files/?d=scans/a%20b.png' }), 'scans/a b.png');
  assert.is(await nameOf({ image: 'https://host/x/a%20b.JPG?signature=1%2F2' }), 'a b.JPG');
  assert.is(await nameOf({ image: 's3://bucket/100%.png' }), '100%.png');
  assert.is(await nameOf({ image: 'b/100%25.png' }), 'b/100%25.png', 'no address');
  assert.is(await nameOf({ image: 'a.png' }, 'abcdef12-tasks.csv'), 'a.png');
  assert.is(await nameOf({ image: '/data/x' }, 'abcdef12-a.png'), 'a.png');
  assert.is(await nameOf({ scan: 'one', note: 2 }), 'one');
  assert.is(await nameOf({}), 'task 0');
});

test.run();
