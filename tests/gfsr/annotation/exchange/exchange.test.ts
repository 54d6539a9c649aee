// Annotations of other programs: the sample files give their known answers, and come back from every other format.
import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  EXCHANGE_NAMES,
  type ExchangeName,
  readShapes,
  writeShapes,
} from '../../../../gfsr/annotation/exchange/exchange.ts';
import type { Shape, ShapeImage } from '../../../../gfsr/annotation/exchange/shapes.ts';
import { shapeStrokes } from '../../../../gfsr/annotation/exchange/strokes.ts';
import { markPlane } from '../../../../gfsr/annotation/planes.ts';
import { dataPath } from '../../../support/data.ts';

const FOLDER = dataPath('formats/annotations');
const unknown = async () => undefined;
const bytesOf = (content: string | Uint8Array) =>
  typeof content === 'string' ? new TextEncoder().encode(content) : content;
const sample = (name: string) => ({ path: name, bytes: readFileSync(`${FOLDER}/${name}`) });
const read = (
  name: string,
  sizeOf: () => Promise<readonly [number, number] | undefined> = unknown,
) => readShapes([sample(name)], name, sizeOf);

/** The pixels of a shape. */
const pixels = (shape: Shape, [height, width]: readonly [number, number]) =>
  markPlane(shapeStrokes({ ...shape, label: 'x' }), height, width).filter((mark) => mark === 1)
    .length;
const planes = (images: readonly ShapeImage[]) =>
  images.map(({ size = [0, 0], shapes }) =>
    markPlane(
      shapes.flatMap((shape) => shapeStrokes({ ...shape, label: 'x' })),
      ...size,
    ),
  );

const clicked = (name: string, x: number): ShapeImage => ({
  ...{ name, size: [8, 8] as const },
  shapes: [{ label: 'relevant', kind: 'points', points: [[x, 1]] }],
});

test('an image that occurs twice keeps all its shapes, and two images never share a file', async () => {
  const twice = [clicked('a.png', 1), clicked('a.png', 5)];
  for (const format of ['labelme', 'masks'] as const) {
    const { files } = writeShapes(format, twice, 'x');
    const written = [...files].map(([path, content]) => ({ path, bytes: bytesOf(content) }));
    const { images } = await readShapes(written, 'x', unknown);
    assert.is(images.length, 1);
    const [plane] = planes(images);
    assert.ok(plane[8 + 1] > 0 && plane[8 + 5] > 0, `${format}: both points`);
    assert.throws(
      () => writeShapes(format, [clicked('a.png', 1), clicked('a.jpg', 5)], 'x'),
      /a\.png, a\.jpg of 8×8 and 8×8 pixels would share a file/,
    );
  }
});

if (FOLDER) {
  test('COCO polygons and run lengths have their areas', async () => {
    const { format, images } = await read('coco_from_labelme.json');
    assert.is(format, 'coco');
    assert.equal(
      images.map(({ size }) => size),
      [
        [338, 500],
        [375, 500],
        [375, 500],
      ],
    );
    assert.equal(
      images[0].shapes.map(({ label }) => label),
      ['person', 'person', 'bottle'],
    );
    // Rasterisers differ at the border: pycocotools counts these.
    for (const [i, area] of [15448, 16966, 815].entries()) {
      assert.ok(Math.abs(pixels(images[0].shapes[i], [338, 500]) / area - 1) < 0.02, `${i}`);
    }
    const {
      images: [tiny],
    } = await read('coco_tiny_polygon_and_rle.json');
    assert.equal(
      tiny.shapes.map((shape) => pixels(shape, [10, 5])),
      [2, 20],
    );
  });

  test('compressed run lengths have exactly their areas', async () => {
    const manifest = JSON.parse(readFileSync(dataPath('formats/manifest.json') as string, 'utf8'));
    const list: { file: string; answers: { mask_area: number }[] }[] = manifest.files ?? manifest;
    const { answers } = list.find(({ file }) => file.endsWith('coco_results_rle_30.json')) ?? {
      answers: [],
    };
    const { images } = await read('coco_results_rle_30.json');
    const got = images.flatMap(({ size, shapes }) =>
      shapes.map((shape) => pixels(shape, size ?? [0, 0])),
    );
    assert.equal(
      got,
      answers.map(({ mask_area }) => mask_area),
    );
    assert.is(got.length, 30);
  });

  test('labelme: polygons by their areas, and every kind of shape', async () => {
    const {
      images: [bus],
      format,
    } = await read('labelme_2011_000025.json');
    assert.is(format, 'labelme');
    for (const [i, area] of [102_313, 15_654.61, 7126].entries()) {
      assert.ok(Math.abs(pixels(bus.shapes[i], [375, 500]) / area - 1) < 0.01);
    }
    const {
      images: [all],
    } = await read('labelme_primitives.json');
    const kinds = ['box', 'disc', 'box', 'polygon', 'line', 'points', 'line', 'mask'];
    assert.equal(
      all.shapes.map(({ kind }) => kind),
      kinds,
    );
    assert.ok(pixels(all.shapes[7], [450, 560]) > 7000);
  });

  test('CVAT images and video, Label Studio, YOLO', async () => {
    const { images: cvat } = await read('cvat_task.xml');
    assert.equal(
      cvat.map(({ name, size }) => [name, size]),
      [
        ['img0.jpg', [8, 8]],
        ['img1.jpg', [10, 10]],
      ],
    );
    assert.equal(cvat[0].shapes[0], {
      label: 'label1',
      kind: 'box',
      points: [
        [0, 2],
        [4, 4],
      ],
    });
    const { images: video } = await read('cvat_video.xml');
    assert.equal(
      video.map(({ name, shapes }) => [name, shapes.length]),
      [
        ['frame_000010', 2],
        ['frame_000013', 1],
      ],
    );
    const {
      images: [studio],
    } = await read('labelstudio_polygons.json');
    assert.equal(
      [studio.name, studio.size, studio.shapes[0].label],
      ['000000000025.jpg', [426, 640], 'Airplane'],
    );
    const {
      images: [boxes],
    } = await read('yolo_boxes.txt', async () => [10, 15]);
    assert.equal(
      boxes.shapes.map(({ label }) => label),
      ['2', '4'],
    );
    assert.equal(pixels(boxes.shapes[0], [10, 15]), 8);
  });

  test('class masks of labelme by palette', async () => {
    const {
      images: [mask],
    } = await read('labelme_2011_000003_class.png');
    const counts = Object.fromEntries(
      mask.shapes.map((shape) => [shape.label, pixels(shape, [338, 500])]),
    );
    assert.equal(counts, { 5: 873, 15: 32_880, ignore: 9460 });
  });

  const SAMPLES = [
    'coco_from_labelme.json',
    'coco_tiny_polygon_and_rle.json',
    'labelme_2011_000003.json',
  ];
  SAMPLES.push('labelme_primitives.json', 'cvat_task.xml', 'labelstudio_polygons.json');
  SAMPLES.push('labelme_2011_000025_class.png', 'coco_results_rle_30.json');
  for (const name of SAMPLES) {
    test(`${name} comes back from every format, pixel for pixel`, async () => {
      const { images: whole, format: own } = await read(name);
      for (const format of EXCHANGE_NAMES) {
        // What a format cannot hold is left out before, to compare the rest.
        const images = whole.map((image) => ({
          ...image,
          shapes: image.shapes.filter((shape) => holds(format, shape)),
        }));
        const { files } = writeShapes(format, images, 'samples');
        const back = [...files].map(([path, content]) => ({ path, bytes: bytesOf(content) }));
        const sizes = new Map(
          images.map((image) => [image.name.replace(/\.[^.]*$/, ''), image.size]),
        );
        const again = await readShapes(back, format, async (each) =>
          sizes.get(each.replace(/\.[^.]*$/, '')),
        );
        assert.is(again.format, format);
        const sized = again.images.map((image) => ({
          ...image,
          size: image.size ?? sizes.get(image.name),
        }));
        const order = images.map((image) => {
          const stem = image.name
            .replace(/\.[^.]*$/, '')
            .split('/')
            .at(-1);
          const found = sized.find(
            (each) =>
              each.name
                .replace(/\.[^.]*$/, '')
                .split('/')
                .at(-1) === stem,
          );
          return found ?? { name: image.name, size: image.size, shapes: [] };
        });
        const filled = order.map((image, i) => ({ ...image, size: image.size ?? images[i].size }));
        const [a, b] = [planes(images), planes(filled)];
        for (const [i, plane] of a.entries()) {
          const differ = plane.filter((mark, p) => mark !== b[i][p]).length;
          // A circle becomes a polygon in COCO and YOLO.
          const rounded = images[i].shapes.some(({ kind }) => kind === 'disc') ? 60 : 0;
          assert.ok(
            differ <= rounded,
            `${own} → ${format}: ${images[i].name}: ${differ} pixels differ`,
          );
        }
      }
    });
  }
}

const holds = (format: ExchangeName, { kind }: Shape): boolean =>
  kind !== 'line' && kind !== 'points' ? true : !['coco', 'yolo', 'label-studio'].includes(format);

test.run();
