// Soft masks: painting, blurring, overriding by strokes and resizing, each by hand.
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { MARK } from '../../../gfsr/annotation/marks.ts';
import { gaussianBlur } from '../../../gfsr/image/gaussian-blur.ts';
import { gridSegments } from '../../../gfsr/masks/segmentation.ts';
import {
  defaultSigma,
  imageWeight,
  overrideStrokes,
  softMask,
} from '../../../gfsr/masks/soft-mask.ts';

const close = (actual: ArrayLike<number>, expected: ArrayLike<number>, eps = 1e-6): void => {
  assert.is(actual.length, expected.length);
  for (let i = 0; i < expected.length; i++) {
    assert.ok(
      Math.abs(actual[i] - expected[i]) <= eps,
      `[${i}] ${actual[i]}, expected ${expected[i]}`,
    );
  }
};

const SEGMENTS = gridSegments({ height: 4, width: 4, rows: 2, cols: 2 });

test('without blur a mask is the relevance of the segment, resized by area', () => {
  const mask = softMask(SEGMENTS, [0.1, 0.4, 0.6, 1], { sigma: 0 });
  close(mask, [0.1, 0.1, 0.4, 0.4, 0.1, 0.1, 0.4, 0.4, 0.6, 0.6, 1, 1, 0.6, 0.6, 1, 1]);
  close(softMask(SEGMENTS, [0.1, 0.4, 0.6, 1], { sigma: 0, size: [2, 1] }), [0.25, 0.8]);
});

test('blur: a constant stays, an impulse becomes the separable Gaussian', () => {
  const flat = new Float32Array(35).fill(0.7);
  close(gaussianBlur(flat, 5, 7, 2), flat);
  const impulse = new Float32Array(21 * 21);
  impulse[10 * 21 + 10] = 1;
  const sigma = 1.5;
  const blurred = gaussianBlur(impulse, 21, 21, sigma);
  const weight = (d: number): number => Math.exp(-0.5 * (d / sigma) ** 2);
  let total = 0;
  for (let d = -5; d <= 5; d++) total += weight(d);
  const at = (dy: number, dx: number): number => blurred[(10 + dy) * 21 + 10 + dx];
  close(
    [at(0, 0), at(1, 0), at(-1, 2), at(0, 5), at(6, 0)],
    [
      1 / total ** 2,
      weight(1) / total ** 2,
      (weight(1) * weight(2)) / total ** 2,
      weight(5) / total ** 2,
      0,
    ],
  );
  assert.ok(Math.abs(blurred.reduce((s, v) => s + v, 0) - 1) < 1e-5);
});

test('blur at a border: normalised by the weights inside', () => {
  const [row] = [gaussianBlur(Float32Array.of(1, 0), 1, 2, 1)];
  const e = Math.exp(-0.5);
  close(row, [1 / (1 + e), e / (1 + e)]);
});

test('strokes override after the blur: positive 1, negative 0, unknown leaves, annotators average', () => {
  const mask = Float32Array.of(0.3, 0.3, 0.3, 0.3, 0.3);
  const first = Uint8Array.of(MARK.none, MARK.positive, MARK.negative, MARK.unknown, MARK.positive);
  close(overrideStrokes(mask, [first]), [0.3, 1, 0, 0.3, 1]);
  const second = Uint8Array.of(MARK.none, MARK.unknown, MARK.negative, MARK.none, MARK.negative);
  close(overrideStrokes(mask, [first, second]), [0.3, 1, 0, 0.3, 0.5]);
  close(mask, [0.3, 0.3, 0.3, 0.3, 0.3]);
  const plane = new Uint8Array(16);
  plane[0] = MARK.positive;
  const whole = softMask(SEGMENTS, [0, 0, 0, 0], { sigma: 1, planes: [plane] });
  close(whole, [1, ...new Array(15).fill(0)]);
});

test('image weight and default blur', () => {
  assert.is(imageWeight([0.2, 0.4], false), 0.30000000000000004);
  assert.is(imageWeight([0.2, 0.4], true), 1);
  assert.is(defaultSigma(28, 28), 1);
  assert.is(defaultSigma(224, 224), 8);
});

test('bad input names what is wrong', () => {
  assert.throws(() => softMask(SEGMENTS, [1, 2]), /got 2, expected 4/);
  assert.throws(() => softMask(SEGMENTS, [0, 0, 0, 0], { sigma: -1 }), /bad sigma, got -1/);
  assert.throws(() => imageWeight([], false), /no segments/);
});

test.run();
