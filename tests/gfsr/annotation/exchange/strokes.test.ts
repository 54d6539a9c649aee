// Strokes as shapes of other programs and back: what a format cannot hold is said, the rest means the same.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { type Stroke, serialiseAnnotations } from '../../../../gfsr/annotation/annotations.ts';
import {
  EXCHANGE_FORMATS,
  EXCHANGE_NAMES,
  type ExchangeName,
  writeShapes,
} from '../../../../gfsr/annotation/exchange/exchange.ts';
import { foreignMarks } from '../../../../gfsr/annotation/exchange/foreign-marks.ts';
import { Tally } from '../../../../gfsr/annotation/exchange/shapes.ts';
import { markPlane } from '../../../../gfsr/annotation/planes.ts';

const SIZE = [20, 30] as const;
const bytesOf = (content: string | Uint8Array) =>
  typeof content === 'string' ? new TextEncoder().encode(content) : content;

/** The strokes of one image in the files of a format, and what is said of them. */
async function written(strokes: Stroke[], format: ExchangeName, size?: typeof SIZE) {
  const annotations = [{ image: 'a.png', annotator: 'ann', strokes }];
  const text = serialiseAnnotations({
    ...{ format: 'gfsr-annotations', version: 1, dataset: 'd', annotations },
  });
  const tally = new Tally();
  const source = { path: 'annotations.json', bytes: bytesOf(text) };
  const context = { where: 'd', classes: [], tally, sizeOf: async () => size };
  const shapes = await EXCHANGE_FORMATS.gfsr.read(source, context);
  const { files, notes } = writeShapes(format, shapes, 'd');
  return { files, notes: [...tally.lines, ...notes] };
}

const nothing: Stroke = { kind: 'image', sign: 'negative', points: [] };

for (const format of EXCHANGE_NAMES) {
  test(`${format}: "nothing here is relevant" comes back`, async () => {
    const { files, notes } = await written([nothing], format, SIZE);
    assert.equal(notes, []);
    const back = [...files].map(([path, content]) => ({ path, bytes: bytesOf(content) }));
    const known = new Set(['a.png']);
    const { file } = await foreignMarks(back, format, { name: 'd', known, sizeOf: () => SIZE });
    const [{ strokes }] = file.annotations;
    assert.equal(markPlane(strokes, ...SIZE), markPlane([nothing], ...SIZE));
  });
}

test('what is lost is said', async () => {
  assert.equal((await written([nothing], 'gfsr')).notes, [
    '1 × mark on a whole image of unknown size, left out.',
  ]);
  const points: [number, number][] = [
    [1, 1],
    [9, 9],
  ];
  const line: Stroke = { kind: 'scribble', sign: 'positive', points };
  assert.equal((await written([line], 'label-studio', SIZE)).notes, [
    '1 × line of which Label Studio has no kind, written as key points.',
  ]);
});

test('a box from any corner to the opposite one has its first corner at the top left', async () => {
  const box: Stroke = {
    ...{ kind: 'box', sign: 'positive' },
    points: [
      [8, 8],
      [2, 3],
    ],
  };
  const text = async (format: ExchangeName) =>
    String([...(await written([box], format, SIZE)).files.values()][0]);
  assert.match(await text('cvat'), 'xtl="2" ytl="3" xbr="8" ybr="8"');
  const [{ annotations }] = JSON.parse(await text('label-studio'));
  assert.is(annotations[0].result[0].value.width, 20);
});

test('masks tell of shapes over each other only if there are some', async () => {
  const box = (sign: Stroke['sign'], at: number): Stroke => ({
    ...{ kind: 'box', sign },
    points: [
      [at, at],
      [at + 5, at + 5],
    ],
  });
  assert.equal((await written([box('positive', 1), box('negative', 10)], 'masks', SIZE)).notes, []);
  assert.equal((await written([box('positive', 1), box('negative', 3)], 'masks', SIZE)).notes, [
    '1 × shape over another, of which a mask keeps the later one.',
  ]);
});

test.run();
