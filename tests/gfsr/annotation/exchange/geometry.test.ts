// Shapes at the border of their image, with holes, of wrong sizes and in damaged files: cut, kept or refused in words.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  EXCHANGE_NAMES,
  readShapes,
  writeShapes,
} from '../../../../gfsr/annotation/exchange/exchange.ts';
import type { Shape, ShapeImage } from '../../../../gfsr/annotation/exchange/shapes.ts';
import { shapeStrokes } from '../../../../gfsr/annotation/exchange/strokes.ts';
import { markPlane } from '../../../../gfsr/annotation/planes.ts';
import { encodeRunLengths } from '../../../../gfsr/annotation/raster.ts';
import { failure } from '../../../support/assertions.ts';

const unknown = async () => undefined;
const bytesOf = (content: string | Uint8Array) =>
  typeof content === 'string' ? new TextEncoder().encode(content) : content;
const marksOf = (shapes: readonly Shape[], size: readonly [number, number]) =>
  markPlane(shapes.flatMap(shapeStrokes), ...size);
const pixels = (shape: Shape, size: readonly [number, number]) =>
  marksOf([shape], size).filter((mark) => mark === 1).length;

const file = (name: string, content: string) =>
  readShapes([{ path: name, bytes: bytesOf(content) }], name, unknown);
const labelmeWith = (...shapes: object[]) =>
  file('a.json', JSON.stringify({ shapes, imagePath: 'a.jpg', imageHeight: 219, imageWidth: 264 }));
const polygon = (...points: number[][]) => ({ label: 'x', shape_type: 'polygon', points });

test('a polygon partly outside is cut, one outside or of two points left out, all with counts', async () => {
  const {
    images: [image],
    notes,
  } = await labelmeWith(
    polygon([-10, -10], [10, -10], [10, 10], [-10, 10]),
    polygon([300, 10], [310, 10], [305, 20]),
    polygon([1, 1], [5, 5]),
    polygon([0, 0], [4, 0], [4, 4], [0, 4]),
  );
  assert.equal(
    image.shapes.map((shape) => pixels(shape, [219, 264])),
    [100, 16],
  );
  assert.equal(notes, [
    '1 × shape partly outside its image, cut at the border.',
    '1 × shape outside its image, left out.',
    '1 × polygon of fewer than 3 points, which has no area, left out.',
  ]);
});

test('a line is cut where it leaves its image, and a new one begins where it comes back', async () => {
  const lines = async (points: string) => {
    const { images, notes } = await file(
      'c.xml',
      `<annotations><image name="a" width="100" height="90"><polyline label="x" points="${points}"/></image></annotations>`,
    );
    const kept = images[0].shapes.map((shape) => (shape.kind === 'line' ? shape.points : []));
    return [kept.map((line) => line.join(' ')), notes];
  };
  const cut = ['1 × shape partly outside its image, cut at the border.'];
  assert.equal(await lines('10,50;-30,50;-30,80;10,80'), [['10,50 0,50', '0,80 10,80'], cut]);
  assert.equal(await lines('-1,50;101,50'), [['0,50 100,50'], cut]);
  assert.equal(await lines('50,-10;50,20;60,20;60,100'), [['50,0 50,20 60,20 60,90'], cut]);
  assert.equal(await lines('10,10;100,50;120,50'), [['10,10 100,50'], cut]);
  assert.equal(await lines('10,10;20,20;10,10'), [['10,10 20,20 10,10'], []]);
  const outside = ['1 × shape outside its image, left out.'];
  assert.equal(await lines('-10,5;5,-20'), [[], outside]);
  assert.equal(await lines('-5,0;-5,90'), [[], outside]);
});

test('a mask in a track without a size: that of the frame, or a note', async () => {
  const xml =
    '<annotations><track id="0" label="x"><mask frame="0" outside="0" rle="0,4" left="1" top="1" width="2" height="2"/></track></annotations>';
  const source = { path: 'v.xml', bytes: bytesOf(xml) };
  const sized = await readShapes([source], 'v', async (name) =>
    name === 'frame_000000' ? [4, 4] : undefined,
  );
  assert.is(pixels(sized.images[0].shapes[0], [4, 4]), 4);
  const { images, notes } = await readShapes([source], 'v', unknown);
  assert.equal(images[0].shapes, []);
  assert.equal(notes, ['1 × mask on a frame of unknown size, left out.']);
});

test('a hole survives every format that has masks or outlines', async () => {
  const [height, width] = [20, 30];
  const ring = Uint8Array.from({ length: height * width }, (_, p) => {
    const [y, x] = [Math.floor(p / width), p % width];
    const outer = y > 2 && y < 15 && x > 3 && x < 20;
    return outer && !(y > 5 && y < 10 && x > 8 && x < 12) ? 1 : p === 599 ? 1 : 0;
  });
  const mask = encodeRunLengths(ring, height, width);
  const images: ShapeImage[] = [
    { name: 'a.png', size: [height, width], shapes: [{ label: 'relevant', kind: 'mask', mask }] },
  ];
  for (const format of EXCHANGE_NAMES) {
    const back = [...writeShapes(format, images, 'd').files].map(([path, content]) => ({
      path,
      bytes: bytesOf(content),
    }));
    const again = await readShapes(back, format, async () => [height, width]);
    const plane = marksOf(again.images[0].shapes, [height, width]);
    assert.equal([...plane], [...ring], format);
    assert.is(again.images[0].shapes[0].label, 'relevant', format);
  }
});

const cocoWith = (segmentation: object) =>
  file(
    'c.json',
    JSON.stringify({
      images: [{ id: 1, file_name: 'a.jpg', height: 219, width: 264 }],
      annotations: [{ image_id: 1, category_id: 1, segmentation }],
      categories: [{ id: 1, name: 'x' }],
    }),
  );

test('the id of no image is named, however long it is', async () => {
  const annotations = [{ image_id: 'a'.repeat(20_000), category_id: 1, bbox: [0, 0, 1, 1] }];
  const images = [{ id: 1, file_name: 'a.jpg', height: 219, width: 264 }];
  const message = await failure(
    file('c.json', JSON.stringify({ images, annotations, categories: [{ id: 1, name: 'x' }] })),
  );
  assert.match(message, /annotations\[0\]: image_id is "aaa/);
  assert.ok(message.length < 400, `${message.length} characters`);
});

test('run lengths and masks of a wrong size are refused in words', async () => {
  assert.match(
    await failure(cocoWith({ size: [220, 264], counts: [220 * 264] })),
    /c\.json: annotations\[0\]: run lengths of 220×264 pixels, expected 219×264 like the image/,
  );
  assert.match(
    await failure(cocoWith({ size: [219, 264], counts: [5] })),
    /runs cover 5 pixels, expected 57816/,
  );
  assert.match(
    await failure(cocoWith({ size: [219, 264], counts: 'a\u0000' })),
    /damaged at character/,
  );
  const brush = [
    {
      data: { image: 'a.jpg' },
      annotations: [
        {
          result: [
            {
              type: 'brushlabels',
              original_width: 264,
              original_height: 219,
              value: { rle: [0, 0, 0, 4, 59, 1, 1, 1], brushlabels: ['x'] },
            },
          ],
        },
      ],
    },
  ];
  assert.match(
    await failure(file('l.json', JSON.stringify(brush))),
    /brush of 4 values, expected 231264 for 219×264/,
  );
  const cvat = (inside: string) =>
    file(
      'c.xml',
      `<annotations><image name="a" width="264" height="219">${inside}</image></annotations>`,
    );
  assert.match(
    await failure(cvat('<mask rle="9" left="0" top="0" width="2" height="2"/>')),
    /has runs of 9 pixels, expected 4/,
  );
  assert.match(
    await failure(cvat('<box xtl="a" ytl="1" xbr="1" ybr="2"/>')),
    /xtl of <box> is "a"/,
  );
  assert.match(await failure(file('c.xml', '<annotations><image></annotations>')), /damaged XML/);
});

test('files of no known format, and damaged ones', async () => {
  assert.match(
    await failure(file('x.json', '{}')),
    /no known format, expected annotations of GFSR JSON, labelme JSON/,
  );
  assert.match(
    await failure(file('x.json', '{"shapes": [{}], "imagePath": "a"}')),
    /shapes\.0\.label: got undefined/,
  );
  assert.match(
    await failure(file('a.txt', '0 0.5 0.5 0.1 0.1')),
    /YOLO does not say the size.*--images/,
  );
});

test.run();
