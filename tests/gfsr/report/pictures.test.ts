// Pictures: the colour map, where colour goes, and what stays as it is.

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import {
  beside,
  drawHeat,
  drawImage,
  drawMask,
  heatColour,
} from '../../../gfsr/report/pictures.ts';

const grey = { pixels: Uint8Array.of(0, 100, 200, 255), channels: 1, height: 2, width: 2 };
const pixel = ({ data, width }: { data: Uint8Array; width: number }, y: number, x: number) => [
  ...data.subarray((y * width + x) * 3, (y * width + x) * 3 + 3),
];

test('heat runs from black to light yellow and grows lighter at an even pace', () => {
  // Reference: matplotlib's inferno at 0, 0.25, 0.5, 0.75, 1.
  const inferno = [
    [0, 0, 4],
    [87, 16, 110],
    [188, 55, 84],
    [249, 142, 9],
    [252, 255, 164],
  ];
  for (const [i, expected] of inferno.entries()) {
    const colour = heatColour(i / 4);
    expected.forEach((value, c) => {
      assert.ok(Math.abs(colour[c] - value) < 8, `heat ${i / 4}: ${colour}, expected ${expected}`);
    });
  }
  const luma = Array.from({ length: 101 }, (_, i) => {
    const [r, g, b] = heatColour(i / 100);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  });
  for (let i = 1; i < luma.length; i++) assert.ok(luma[i] > luma[i - 1], `at ${i} %`);
});

test('an image is magnified in whole squares, grey as grey', () => {
  const image = drawImage(grey);
  assert.equal([image.width, image.height, image.channels], [224, 224, 3]);
  assert.equal(pixel(image, 111, 112), [100, 100, 100]);
  assert.equal(pixel(image, 112, 111), [200, 200, 200]);
});

test('a map is brightest at its peak, and nothing where there is none', () => {
  const map = { values: Float32Array.of(0, 3, 0, 0), height: 2, width: 2 };
  const image = drawHeat(grey, map);
  assert.equal(pixel(image, 0, 223), heatColour(1));
  assert.equal(pixel(image, 223, 0), [110, 110, 110]); // the image alone, darkened
  const dead = drawHeat(grey, { ...map, values: new Float32Array(4) });
  assert.equal(pixel(dead, 0, 223), [55, 55, 55]);
});

test('one pixel far above the others does not leave them dark', () => {
  const values = new Float32Array(100).fill(0.1, 0, 50);
  values[99] = 7;
  const image = drawHeat(grey, { values, height: 10, width: 10 });
  assert.equal(pixel(image, 5, 5), heatColour(1));
  assert.equal(pixel(image, 223, 223), heatColour(1));
});

test('a mask is one colour, more of it where it is more', () => {
  const black = { ...grey, pixels: new Uint8Array(4) };
  const image = drawMask(black, { values: Float32Array.of(0, 0.5, 1, 1), height: 2, width: 2 });
  assert.equal(pixel(image, 0, 0), [0, 0, 0]);
  const [half, full] = [pixel(image, 0, 223), pixel(image, 223, 0)];
  assert.ok(half.every((value, c) => Math.abs(2 * value - full[c]) <= 1) && full[1] > 100);
});

test('pictures stand beside each other with a white gap', () => {
  const row = beside([drawImage(grey), drawImage(grey)], 4);
  assert.equal([row.width, row.height], [452, 224]);
  assert.equal(pixel(row, 100, 225), [255, 255, 255]);
  assert.equal(pixel(row, 0, 228), [0, 0, 0]);
});

test.run();
