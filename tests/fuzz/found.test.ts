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
