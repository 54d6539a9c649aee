// What fuzzing has found, in its smallest form: files that ended in an error of the runtime, or in an endless one.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { jpegFiles } from './samples.ts';
import { judge } from './target.ts';
import { targets } from './targets.ts';
import { bytesOf } from './values.ts';

const LONG = 'x'.repeat(20_000);

/** A JPEG with another byte so far after the beginning of its scan. */
function jpegWithScan(offset: number, value: number): Uint8Array {
  const [bytes] = jpegFiles();
  const scan = bytes.findIndex((byte, i) => byte === 0xff && bytes[i + 1] === 0xda);
  return bytes.with(scan + offset, value);
}

const json = (value: unknown): Uint8Array => bytesOf(JSON.stringify(value));

const labelme = {
  ...{ version: '5.0.1', flags: {}, imagePath: 'train-0', imageData: null },
  shapes: [{ label: 'relevant', points: [[1, 1]], shape_type: 'point', flags: {}, group_id: null }],
  ...{ imageHeight: 12, imageWidth: 12e9 },
};

/** A mask of a size that only the file says. */
const own = (side: number) =>
  json({
    ...{ format: 'gfsr-annotations', version: 1, dataset: 'tiny' },
    annotations: [
      {
        ...{ image: 'train-0', annotator: 'ann' },
        strokes: [
          {
            ...{ kind: 'mask', sign: 'positive', points: [] },
            mask: { size: [side, side], counts: [side * side] },
          },
        ],
      },
    ],
  });
const coco = (side: number) =>
  json({
    images: [{ id: 1, file_name: 'a', height: side, width: side }],
    annotations: [
      {
        ...{ id: 1, image_id: 1, category_id: 1 },
        segmentation: { size: [side, side], counts: [side * side] },
      },
    ],
    categories: [{ id: 1, name: 'x' }],
  });
const brush = (side: number) =>
  json([
    {
      ...{ id: 1, data: { image: 'a' } },
      annotations: [
        {
          result: [
            {
              ...{ id: 'r', type: 'brushlabels', original_width: side, original_height: side },
              value: { rle: [0, 0, 0, 0], brushlabels: ['x'] },
            },
          ],
        },
      ],
    },
  ]);
const TIMES = ',"annotations"'.repeat(50_000);
const QUOTES = `<a"<a'`.repeat(20_000);
const TEN = Array.from({ length: 10 }, (_, i) => i + 1);
const TENS = Object.fromEntries(TEN.map((i) => [`train.s${i}`, TEN]));

const FOUND: readonly (readonly [what: string, target: string, bytes: Uint8Array])[] = [
  ['a scan with a table that the file does not have', 'jpeg', jpegWithScan(6, 0x33)],
  ['a scan of a component that the file does not have', 'jpeg', jpegWithScan(5, 9)],
  ['an image of 144 gigapixels', 'annotations labelme', json(labelme)],
  [
    'a number of 20,000 letters',
    'annotations cvat',
    bytesOf(
      `<?xml version="1.0"?><annotations><version>1.1</version><image id="0" name="train-0" width="${LONG}" height="12"></image></annotations>`,
    ),
  ],
  [
    'a point of 20,000 letters',
    'annotations cvat',
    bytesOf(
      `<?xml version="1.0"?><annotations><version>1.1</version><image id="0" name="train-0" width="12" height="12"><polygon label="relevant" points="${LONG};1,1;2,2"/></image></annotations>`,
    ),
  ],
  [
    'tags in tags without end',
    'annotations cvat',
    bytesOf(`<annotations><version>1.1</version>${'<meta>'.repeat(100_000)}`),
  ],
  [
    'an image without a name',
    'annotations cvat',
    bytesOf('<annotations><image id="0" width="12" height="12"></image></annotations>'),
  ],
  [
    'a mask of a part of a pixel',
    'annotations cvat',
    bytesOf(
      '<annotations><image id="0" name="a" width="12" height="12"><mask label="x" rle="1" left="0" top="0" width="0.5" height="2"/></image></annotations>',
    ),
  ],
  ['a mask of 10²⁴ pixels', 'annotations gfsr', own(1e12)],
  ['a mask of 10²⁴ pixels', 'annotations coco', coco(1e12)],
  ['a brush on 10²⁴ pixels', 'annotations label-studio', brush(1e12)],
  ['names again and again', 'annotations label-studio', bytesOf(`["annotations"${TIMES}`)],
  ['quotes and brackets again and again', 'annotations cvat', bytesOf(`<annotations>${QUOTES}`)],
  ['a grid with a range', 'sweep', json({ try: { 'train.lr': { from: 1, to: 2 } }, seeds: [0] })],
  ['10¹⁰ candidates', 'sweep', json({ try: TENS, seeds: [0] })],
  ['seeds of 20,000 letters', 'comparison', json({ variants: ['gfsr'], seeds: LONG })],
  ['a key of 20,000 letters', 'comparison', json({ variants: ['gfsr'], seeds: [0], [LONG]: 1 })],
  ['a variant of 20,000 letters', 'comparison', json({ variants: [LONG], seeds: [0] })],
  ['a path of 20,000 letters', 'sweep', json({ try: { [LONG]: [1] }, seeds: [0] })],
  ['a room of 20,000 letters', 'config', json({ [LONG]: 1 })],
  ['a setting of 20,000 letters', 'config', json({ train: { [LONG]: 1 } })],
  ['a value of 20,000 letters', 'trial record', json({ format: LONG })],
  ['a value of 20,000 letters', 'run record', json({ format: LONG })],
];

for (const [what, name, bytes] of FOUND) {
  test(`${name}: ${what}`, async () => {
    const target = targets.find((each) => each.name === name);
    assert.ok(target, 'the target exists');
    const { kind, message } = await judge(target, bytes);
    assert.is(kind, 'refused', message.slice(0, 500));
  });
}

test.run();
